"""The feed of changes: nothing is missed and nothing comes twice, also while several writers commit."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import delete, text
from sqlmodel import Session

from models import MessageKind
from services.access_scope.organization_scope import OrganizationScope, find_organization_ids
from services.database.engine import Database
from services.database.tables import CHANGE_TABLE
from services.ingest.message_ingest import Sender, ingest_messages
from services.ingest.message_parsing import IncomingMessage
from services.messages.reading.change_page import (
    ChangePage,
    ChangesNotKeptError,
    read_change_page,
    read_newest_change,
)
from tests.helpers.factories import SENT_AT, incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

WRITERS, ROUNDS, BATCH = 3, 6, 4
OTHER = 'Другая больница'


def write(database: Database, messages: Sequence[IncomingMessage], then: Callable[[], object] = bool) -> None:
    """Record messages in one transaction; call `then` before its commit."""
    sent = [(message, Sender('writer')) for message in messages]

    def record(session: Session) -> None:
        ingest_messages(session, sent, zone=MOSCOW, now=NOON)
        then()

    database.write_sync(record)


def read(database: Database, after: int, size: int = 1_000, **options: object) -> ChangePage:
    """Read a page of changes."""
    return database.read_sync(partial(read_change_page, after=after, size=size, **options))  # type: ignore[arg-type]


def ids(page: ChangePage) -> list[UUID]:
    """Return the ids of the messages of a page."""
    return [row.code for row in page.rows]


def write_rounds(url: str, writer: int) -> dict[UUID, Decimal]:
    """Create messages round by round, and change the cost of those of the round before; return their last costs."""
    costs: dict[UUID, Decimal] = {}
    with closing(Database(url)) as database:
        last: list[IncomingMessage] = []
        for number in range(ROUNDS):
            created = [incoming_message(cost=Decimal(writer)) for _ in range(BATCH)]
            changed = [replace(message, cost=Decimal(100 * writer + number)) for message in last]
            write(database, [*created, *changed])
            costs |= {message.id: message.cost for message in (*created, *changed)}
            last = created
    return costs


def test_each_version_is_read_once_while_others_write(database: Database, database_url: str) -> None:
    versions: list[tuple[UUID, Decimal]] = []
    position = 0
    with ThreadPoolExecutor(WRITERS) as threads:
        writers = [threads.submit(write_rounds, database_url, number) for number in range(1, WRITERS + 1)]
        while True:
            are_done = all(writer.done() for writer in writers)
            # A new connection each time: a program that starts again has nothing but its position.
            with closing(Database(database_url)) as reader:
                page = read(reader, position, size=5)
            versions += [(row.code, row.cost) for row in page.rows]
            if are_done and page.last_number == position:
                break
            position = page.last_number
    expected: dict[UUID, Decimal] = {}
    for writer in writers:
        expected |= writer.result()
    assert len(versions) == len(set(versions)), 'a version came twice'
    assert dict(versions) == expected
    assert len(expected) == WRITERS * ROUNDS * BATCH


def test_no_change_appears_before_one_that_was_numbered_earlier(postgresql_url: str) -> None:
    first = incoming_message()
    # Of another month, organisation and kind, so that the totals of the two are in different rows.
    earlier = SENT_AT - timedelta(days=60)
    second = incoming_message(organization=OTHER, kind=MessageKind.VACCINATION, queued_at=earlier, sent_at=earlier)
    numbered, commit = Event(), Event()

    def wait() -> None:
        numbered.set()
        assert commit.wait(30)

    def is_waiting(session: Session) -> bool:
        statement = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(session.execute(statement).scalar_one())

    with closing(Database(postgresql_url)) as database, ThreadPoolExecutor(2) as threads:
        write(database, [first, second])
        beginning = database.read_sync(read_newest_change).last_number
        changed = [replace(message, cost=Decimal('4.20')) for message in (first, second)]
        try:
            slow = threads.submit(write, database, changed[:1], wait)
            assert numbered.wait(30)
            quick = threads.submit(write, database, changed[1:])
            while not (quick.done() or database.read_sync(is_waiting)):
                time.sleep(0.01)
            page = read(database, beginning)
        finally:
            commit.set()
        slow.result()
        quick.result()
        assert (page.rows, page.last_number) == ([], beginning)
        assert ids(read(database, page.last_number)) == [first.id, second.id]


def test_a_message_that_changed_again_comes_at_its_last_change(database: Database) -> None:
    first, second = incoming_message(), incoming_message()
    write(database, [first, second])
    changed = replace(first, cost=Decimal('4.20'))
    write(database, [changed])
    page = read(database, 0, size=1)
    assert (ids(page), page.has_more) == ([second.id], True)
    page = read(database, page.last_number, size=1)
    assert (ids(page), page.rows[0].cost, page.has_more) == ([first.id], Decimal('4.20'), False)
    end = read(database, page.last_number)
    assert end == ChangePage([], page.last_number, has_more=False)
    assert database.read_sync(read_newest_change) == end


def test_changes_of_others_are_passed_over(database: Database) -> None:
    own = incoming_message(organization=OTHER)
    write(database, [incoming_message() for _ in range(5)])
    write(database, [own])
    position, found, has_more = 0, [], True
    scope = OrganizationScope(database.read_sync(lambda session: find_organization_ids(session, [OTHER])[0]))
    while has_more:
        page = read(database, position, scope=scope, max_changes=2)
        position, has_more = page.last_number, page.has_more
        found += ids(page)
    assert found == [own.id]


def test_a_position_whose_changes_are_gone_is_refused(database: Database) -> None:
    for _ in range(3):
        write(database, [incoming_message()])
    newest = database.read_sync(read_newest_change).last_number
    database.write_sync(lambda session: session.execute(delete(CHANGE_TABLE).where(CHANGE_TABLE.c.number < newest)))
    assert len(read(database, newest - 1).rows) == 1
    for position in (newest - 2, 0, newest + 1):
        with pytest.raises(ChangesNotKeptError):
            read(database, position)
