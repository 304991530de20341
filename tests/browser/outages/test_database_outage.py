"""A database that is down or slow: open pages report it, preserve their content, and recover."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal

import psycopg
import pytest

from services import texts
from services.balance.ledger_balance import LedgerBalanceSource
from services.database.engine import QUERY_TIMEOUT_SECONDS, Database
from services.upgrade.migrations import migrate
from tests.helpers.journal_operator import Operator, wait_for_text_soon
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.program import Program
from tests.helpers.repeated_clicks import click_two_hundred_times
from tests.helpers.sample_data import IVANOV, IVANOVA, KOROLEVA, KOROLYOV, fill_journal, sample_messages

LOCK_MESSAGES = 'LOCK TABLE message IN ACCESS EXCLUSIVE MODE'
# Other than the queries for the queue and for the number of calls, which run from time to time, whoever searches.
RUNNING_QUERIES = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
    AND query NOT LIKE '%status + 0%' AND query NOT LIKE '%count(*) OVER () AS people%'
"""
WAITING_QUERIES = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'
    AND query NOT LIKE '%status + 0%' AND query NOT LIKE '%count(*) OVER () AS people%'
"""


@pytest.fixture(scope='module')
def server() -> Iterator[PostgresServer]:
    """A server of the module's own, which its tests may stop."""
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
    """Connect to the database without the program, in autocommit mode."""
    with psycopg.connect(url.replace('+psycopg', ''), autocommit=True) as connection:
        yield connection


def test_pages_report_a_stopped_database_preserve_input_and_recover(
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
    operator.wait_for_text(texts.OPTIONS_UNAVAILABLE)
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


@pytest.mark.console_errors('status of 503')
def test_a_page_that_is_opened_meanwhile_says_so_and_opens_itself_when_the_database_answers(
    operator: Operator, server: PostgresServer
) -> None:
    server.stop(keep_data=True)
    try:
        operator.wait_for_text(texts.OUTAGE_BANNER)
        operator.driver.refresh()
        operator.wait_for_text(texts.DATABASE_DOWN_WAIT)
        assert operator.find_all(('heading',), texts.DATABASE_DOWN)
    finally:
        server.start()
    operator.wait_for_text(texts.FIND)
    operator.wait_for_no_text(texts.DATABASE_DOWN)


def test_a_blocked_search_times_out_or_is_cancelled_while_the_page_stays_responsive(
    operator: Operator, journal_url: str
) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    with autocommit_connection(journal_url) as other, other.transaction():
        other.execute(LOCK_MESSAGES)
        operator.search_messages(RECIPIENT='иванов')
        operator.wait(
            lambda: operator.shows(texts.SEARCH_TIMEOUT),
            'The search does not time out',
            timeout=2 * QUERY_TIMEOUT_SECONDS,
        )
        operator.wait_for_text(texts.SEARCH_TIMEOUT_NEXT)
        operator.click(texts.FIND)
        operator.find(('button',), texts.CANCEL)
        with autocommit_connection(journal_url) as third:
            assert third.execute(WAITING_QUERIES).fetchone() == (2,), 'The page and its totals must wait'
            with closing(Database(journal_url)) as database:
                LedgerBalanceSource(database).set_balance(Decimal('88.80'))
            wait_for_text_soon(operator, 'Баланс: 88,80 руб.')
            operator.click('Меню')
            operator.find(('link',), texts.SUMMARY_TITLE)
            operator.press('Escape')
            operator.click(texts.CANCEL)
            operator.find(('button',), texts.FIND)
            operator.wait(
                lambda: third.execute(WAITING_QUERIES).fetchone() == (0,),
                'Queries still run',
            )
        operator.wait_for_value(texts.RECIPIENT, 'иванов')
        operator.wait_for_no_text(texts.OUTAGE_BANNER)
    operator.click(texts.FIND)
    operator.wait_for_recipients(IVANOV, IVANOVA)


def test_of_two_hundred_clicks_only_the_last_search_runs(
    operator: Operator, journal: Program, journal_url: str
) -> None:
    with autocommit_connection(journal_url) as other:

        @contextmanager
        def locked() -> Iterator[None]:
            with autocommit_connection(journal_url) as blocker, blocker.transaction():
                blocker.execute(LOCK_MESSAGES)
                yield
                operator.wait(
                    lambda: other.execute(WAITING_QUERIES).fetchone() == (2,),
                    lambda: f'A page and its totals must wait, not {other.execute(WAITING_QUERIES).fetchone()}',
                )

        click_two_hundred_times(operator, journal, locked())
        operator.wait(
            lambda: other.execute(RUNNING_QUERIES).fetchone() == (0,),
            'Queries still run',
        )
