"""A purge removes old personal data from every table, and nothing that is newer."""

from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select, text

from models import CallOutcome
from services.accounts.accounts import Accounts
from services.accounts.passwords import PasswordPolicy
from services.database.engine import Database
from services.database.tables import (
    ACCOUNT_TABLE,
    CALL_TABLE,
    CLAIM_TABLE,
    DRAFT_TABLE,
    LINK_TABLE,
    REOPENED_CALL_TABLE,
    SAVED_SEARCH_TABLE,
)
from services.ingest.message_ingest import ingest_imported_messages
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.retention import row_removal
from services.retention.purge import Retention
from services.retention.removal import RemovalCounts
from services.upgrade.migrations import migrate
from services.verification.check_runner import verify
from tests.helpers.database_dump import dump
from tests.helpers.factories import incoming_message
from tests.helpers.old_databases import create_old_database
from tests.helpers.reference_messages import MOSCOW, NOON

BEFORE = date(2023, 11, 22)
OLD = NOON - timedelta(days=1200)
OLD_MESSAGE = incoming_message(
    recipient_name='Щукарь-Гром Ждан Львович', phone='+79995550147', text='Ждан, ждём', queued_at=OLD, sent_at=OLD
)
NEW_MESSAGE = incoming_message(recipient_name='Недавний Ждан Львович')
PERSON = {'name': 'Щукарь', 'phone': '+79995550147'}


def insert_rows(database: Database, table: Table, *rows: dict[str, Any]) -> None:
    database.write_sync(lambda session: session.connection().execute(insert(table), list(rows)) and None)


def count_rows(database: Database, table: Table) -> int:
    return len(database.read_sync(lambda session: session.execute(select(table)).all()))


def purge(database: Database) -> RemovalCounts:
    retention = Retention(database, MOSCOW, now=lambda: NOON)
    expired = retention.count_expired(BEFORE)
    assert retention.purge(expired, lambda done, total: None, wait=lambda seconds: None) == expired.counts
    return expired.counts


@pytest.fixture
def account(database: Database) -> int:
    """Return the id of an account to which searches belong."""
    return Accounts(database, PasswordPolicy()).add('clerk', 'WebAdmin', 'верная лошадь скрепка').id


def fill(database: Database, account: int) -> None:
    """Insert a row of each kind that is old, and one that is not."""
    database.write_sync(
        lambda session: ingest_imported_messages(session, [OLD_MESSAGE, NEW_MESSAGE], zone=MOSCOW, now=NOON)
    )
    call = {'done_by': 'clerk', 'done_at': NOON, 'outcome': CallOutcome.REACHED}
    old_call = call | {'message_id': OLD_MESSAGE.id, 'note': 'Щукарь просил не звонить'}
    new_call = call | {'message_id': NEW_MESSAGE.id, 'note': 'придёт'}
    insert_rows(database, CALL_TABLE, old_call, new_call)
    reopened = {'reopened_by': 'clerk', 'reopened_at': NOON}
    insert_rows(database, REOPENED_CALL_TABLE, old_call | reopened, new_call | reopened)
    lapsed = {'name_key': 'щукарь', 'phone': PERSON['phone'], 'claimed_by': 'clerk', 'claimed_at': OLD}
    insert_rows(database, CLAIM_TABLE, lapsed, lapsed | {'name_key': 'н', 'phone': '+79161234567', 'claimed_at': NOON})
    search = {'account_id': account, 'name': 'Щукарь', 'query': PERSON, 'saved_at': OLD}
    new_search = search | {'name': 'Недавний', 'query': {'name': 'Недавний'}, 'saved_at': NOON}
    no_person = search | {'name': 'Ошибки', 'query': {'status': 'failed'}}
    insert_rows(database, SAVED_SEARCH_TABLE, search, no_person, new_search)
    used_long_ago = {'key': 'a', 'query': PERSON, 'made_by': account, 'made_at': OLD, 'used_at': OLD}
    used_now = used_long_ago | {'key': 'b', 'used_at': NOON}
    made_now = used_now | {'key': 'c', 'query': {'name': 'Недавний'}, 'made_at': NOON}
    insert_rows(database, LINK_TABLE, used_long_ago, used_now, made_now)
    draft = {'account_id': account, 'tab': 't', 'journal': 'm', 'queries': [None, PERSON], 'kept_at': OLD}
    insert_rows(database, DRAFT_TABLE, draft, draft | {'tab': 'u', 'queries': [None, {}], 'kept_at': NOON})


async def test_every_table_loses_what_is_old(database: Database, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(database, account)
    monkeypatch.setattr(row_removal, 'READ_SIZE', 1)
    expected = RemovalCounts(messages=1, notes=2, claims=1, searches=1, links=2, drafts=1)
    assert purge(database) == expected
    stored = dump(database)
    assert not [part for part in ('укарь', 'гром', '5550147') if part in stored]
    assert 'Недавний' in stored
    tables = (CLAIM_TABLE, SAVED_SEARCH_TABLE, LINK_TABLE, DRAFT_TABLE, CALL_TABLE, REOPENED_CALL_TABLE)
    assert [count_rows(database, table) for table in tables] == [1, 2, 1, 1, 2, 2]
    assert (await MessageService(database, MOSCOW).totals(MessageQuery(name='недавний ждан'))).count == 1
    assert (await MessageService(database, MOSCOW).totals(MessageQuery(name='щукарь'))).count == 0
    assert not [result for result in verify(database, MOSCOW) if result.count]
    assert purge(database) == RemovalCounts()


async def test_a_word_that_was_removed_can_come_back(database: Database) -> None:
    namesake = replace(NEW_MESSAGE, recipient_name=OLD_MESSAGE.recipient_name)
    for message in (OLD_MESSAGE, namesake):
        add_message = partial(ingest_imported_messages, messages=[message], zone=MOSCOW, now=NOON)
        database.write_sync(add_message)
        name = MessageQuery(name='укарь')
        assert (await MessageService(database, MOSCOW).totals(name)).count == 1
        purge(database)
    assert (await MessageService(database, MOSCOW).totals(name)).count == 1
    assert not [result for result in verify(database, MOSCOW) if result.count]


def test_searches_from_before_the_upgrade_are_as_old_as_the_upgrade(empty_url: str) -> None:
    def save(connection: Connection) -> None:
        account = {'id': 1, 'name': 'clerk', 'password_hash': '', 'role': 'User', 'must_change': False}
        connection.execute(insert(ACCOUNT_TABLE), account | {'created_at': OLD, 'password_set_at': OLD})
        connection.execute(text("INSERT INTO named_search (account_id, name, query) VALUES (1, 'Щукарь', '{}')"))

    create_old_database(empty_url, '0028', save)
    migrate(empty_url)
    with closing(Database(empty_url)) as database:
        (search,) = database.read_sync(lambda session: session.execute(select(SAVED_SEARCH_TABLE)).all())
    assert search.saved_at > NOON - timedelta(days=1)
