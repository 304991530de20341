"""The database stops answering under open pages, or answers slowly: they say so, keep what is there, and go on."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal

import psycopg
import pytest

from services import texts
from services.balance.ledger_balance import LedgerBalanceSource
from services.database.engine import Database
from services.database.migrations import migrate
from services.messages.message_service import QUERY_TIMEOUT_SECONDS
from tests.helpers.journal_operator import Operator, wait_for_text_soon
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.program import Program
from tests.helpers.repeated_clicks import click_two_hundred_times
from tests.helpers.sample_data import IVANOV, IVANOVA, KOROLEVA, KOROLYOV, fill_journal, sample_messages

LOCK_MESSAGES = 'LOCK TABLE message IN ACCESS EXCLUSIVE MODE'
RUNNING_QUERIES = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
WAITING_QUERIES = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'
"""


@pytest.fixture(scope='module')
def server() -> Iterator[PostgresServer]:
    """A server of the module's own, which its stories may stop."""
    with PostgresServer() as running:
        yield running


@pytest.fixture(scope='module')
def journal_url(server: PostgresServer) -> str:
    """The sample."""
    url = server.create('journal')
    migrate(url)
    return fill_journal(url, sample_messages())


@contextmanager
def autocommit_connection(url: str) -> Iterator[psycopg.Connection]:
    """Be connected to the database beside the program, each statement for itself."""
    with psycopg.connect(url.replace('+psycopg', ''), autocommit=True) as connection:
        yield connection


def test_pages_say_that_the_database_is_away_keep_what_is_typed_and_go_on_by_themselves(
    operator: Operator, server: PostgresServer, journal: Program, journal_url: str
) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    server.stop(keep_data=True)
    operator.wait_for_text(texts.OUTAGE_BANNER)
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.search_messages(RECIPIENT='иванов')
    operator.wait_for_text(texts.DATABASE_DOWN_NEXT)
    operator.wait_for_recipients()
    operator.fill(texts.PHONE, '916')
    operator.click_element(lambda: operator.field(texts.ORGANIZATION_FILTER))
    operator.wait_for_text(texts.OUTAGE_NOTICE)
    operator.press('Escape')
    assert texts.FAULT_TITLE not in operator.text
    assert operator.text.count(texts.OUTAGE_BANNER) == 1
    server.start()
    operator.wait_for_no_text(texts.OUTAGE_BANNER)
    operator.wait_for_recipients(IVANOV, IVANOVA)
    operator.wait_for_no_text(texts.DATABASE_DOWN_NEXT)
    operator.wait_for_value(texts.RECIPIENT, 'иванов')
    operator.wait_for_value(texts.PHONE, '+7 (916) ___-__-__')
    with closing(Database(journal_url)) as database:
        LedgerBalanceSource(database).set_balance(Decimal('77.70'))
    wait_for_text_soon(operator, 'Баланс: 77,70 руб.')
    assert journal.output.count('the database does not answer; open pages say so') == 1
    assert journal.output.count('the database answers again') == 1


def test_a_search_that_the_database_lets_wait_is_stopped_or_cancelled_in_it_while_the_page_lives(
    operator: Operator, journal_url: str
) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    with autocommit_connection(journal_url) as other, other.transaction():
        other.execute(LOCK_MESSAGES)
        operator.search_messages(RECIPIENT='иванов')
        operator.wait(
            lambda: operator.shows(texts.SEARCH_TIMEOUT), 'Nothing stops the search', timeout=2 * QUERY_TIMEOUT_SECONDS
        )
        operator.wait_for_text(texts.SEARCH_TIMEOUT_NEXT)
        operator.click(texts.FIND)
        operator.find(('button',), texts.CANCEL)
        with autocommit_connection(journal_url) as third:
            assert third.execute(WAITING_QUERIES).fetchone() == (2,), 'The page and its totals wait'
            with closing(Database(journal_url)) as database:
                LedgerBalanceSource(database).set_balance(Decimal('88.80'))
            wait_for_text_soon(operator, 'Баланс: 88,80 руб.')
            operator.click('Меню')
            operator.find(('link',), texts.SUMMARY_TITLE)
            operator.press('Escape')
            operator.click(texts.CANCEL)
            operator.find(('button',), texts.FIND)
            operator.wait(lambda: third.execute(WAITING_QUERIES).fetchone() == (0,), 'The database works on for nobody')
        operator.wait_for_value(texts.RECIPIENT, 'иванов')
        operator.wait_for_no_text(texts.OUTAGE_BANNER)
    operator.click(texts.FIND)
    operator.wait_for_recipients(IVANOV, IVANOVA)


def test_of_two_hundred_clicks_the_database_works_for_the_last_alone(
    operator: Operator, journal: Program, journal_url: str
) -> None:
    with autocommit_connection(journal_url) as other:

        @contextmanager
        def locked() -> Iterator[None]:
            with autocommit_connection(journal_url) as holding, holding.transaction():
                holding.execute(LOCK_MESSAGES)
                yield
                operator.wait(
                    lambda: other.execute(WAITING_QUERIES).fetchone() == (2,),
                    lambda: f'Not one page and its totals wait, but {other.execute(WAITING_QUERIES).fetchone()}',
                )

        click_two_hundred_times(operator, journal, locked())
        operator.wait(lambda: other.execute(RUNNING_QUERIES).fetchone() == (0,), 'The database works on for nobody')
