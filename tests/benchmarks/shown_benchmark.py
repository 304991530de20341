"""Who has seen a message or a phone, and the record of a page of rows, in an audit log of many shown rows.

The audit log is filled by statements, without the hash chain: it has the size and the distribution of a real one, but
`access verify` would report it.
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import select, update
from sqlmodel import Session

from models import AuditEvent
from services.audit.audit_log import AuditLog
from services.audit.audit_query import AuditQuery
from services.audit.audit_records import AuditRecords
from services.audit.hash_chain import GENESIS_HASH, Actor
from services.database.engine import Database
from services.database.tables import ACCESS_HEAD_TABLE, ACCESS_RECORD_TABLE, MESSAGE_TABLE, SHOWN_TABLE
from services.demo import demo_data
from services.lists.query_protocol import Period
from tests.benchmarks.measurement import Measurement, median_milliseconds
from tests.helpers.reference_messages import MOSCOW

ROWS_OF_PAGE = 20
VIEWS = 20
"""How often a message has been shown on average."""
MESSAGES = 20_000
"""The messages of the journal; the other shown rows are of messages that it does not have."""
BATCH = 50_000
DAYS = 3 * 365
SEARCH_EVERY, EXPORT_EVERY = 5, 10_000
"""One of this many records is a search, or an export that is too large to record its rows."""
LIMIT_MILLISECONDS = 100
"""The limit of an answer: what a person does not perceive as waiting."""
RECORD_LIMIT_MILLISECONDS = 5
SEED = 20211010
INSERT_KEY = 'INSERT INTO access_shown_key (key, number) VALUES (?, ?)'
COPY_KEYS = b'COPY access_shown_key (key, number) FROM STDIN (FORMAT binary)'


def measure(database: Database, shown_rows: int) -> Iterator[Measurement]:
    """Fill an empty journal and its audit log with shown rows, and measure."""
    today = datetime.now(MOSCOW).date()
    message_count = max(min(MESSAGES, shown_rows // VIEWS), ROWS_OF_PAGE)
    demo_data.fill_journal(database, MOSCOW, today=today, count=message_count)
    messages: list[Any] = database.read_sync(
        lambda session: list(session.execute(select(MESSAGE_TABLE.c.id, MESSAGE_TABLE.c.phone)))
    )
    ids = [row.id for row in messages]
    _fill_audit_log(database, ids, shown_rows)
    records = AuditRecords(database, MOSCOW)
    cases = {
        'a message': AuditQuery(seen=str(ids[0])),
        'a message, of a week': AuditQuery(seen=str(ids[1]), period=Period(today - timedelta(days=6), today)),
        'a phone': AuditQuery(seen=messages[2].phone),
        'a message that everybody sees': AuditQuery(seen=str(UUID(int=1))),
        'a phone of nobody': AuditQuery(seen='+79000000000'),
    }
    for name, query in cases.items():
        for part, work in (
            ('page', partial(records.page, query, number=1, size=ROWS_OF_PAGE)),
            ('count', partial(records.totals, query)),
        ):
            value = asyncio.run(median_milliseconds(work))
            yield _measurement(f'who has seen {name}: {part}', database, shown_rows, value, LIMIT_MILLISECONDS)
    value = asyncio.run(_time_of_record(database, ids))
    yield _measurement('record of a page: cost of its rows', database, shown_rows, value, RECORD_LIMIT_MILLISECONDS)


def _measurement(name: str, database: Database, rows: int, value: float, limit: float) -> Measurement:
    return Measurement(name, database.dialect, rows, value, 'ms', 1, value / limit)


async def _time_of_record(database: Database, ids: list[UUID]) -> float:
    """Return the milliseconds that the rows of a page add to the record of an event."""
    audit_log, random, actor = AuditLog(database), Random(SEED), Actor(1, 'clerk', '10.0.0.7')

    async def record(size: int) -> None:
        page = random.sample(ids, size)
        await audit_log.record(AuditEvent.ROWS_SHOWN, actor, section='Журнал', found=ROWS_OF_PAGE, shown=page)

    # Alternating, twice, so that other load on the machine affects both.
    sizes = (0, ROWS_OF_PAGE, 0, ROWS_OF_PAGE)
    times = [await median_milliseconds(partial(record, size), runs=99) for size in sizes]
    return (times[1] + times[3] - times[0] - times[2]) / 2


def _fill_audit_log(database: Database, ids: list[UUID], shown_rows: int) -> None:
    """Insert records of pages, their rows, and the lookup table."""
    record_count = max(shown_rows // ROWS_OF_PAGE, 1)
    step, start = timedelta(days=DAYS) / record_count, datetime.now(UTC) - timedelta(days=DAYS)
    for first in range(1, record_count + 1, BATCH):
        numbers = range(first, min(first + BATCH, record_count + 1))
        values = [_record(number, start + number * step) for number in numbers]
        keys = [{'number': number, 'row_keys': bytes(16 * ROWS_OF_PAGE)} for number in numbers]
        database.write_sync(partial(_insert_records, values=values, keys=keys))
    lookups = _lookups(ids, record_count, shown_rows)
    while batch := list(islice(lookups, 10 * BATCH)):
        database.write_sync(partial(_insert_keys, lookups=batch))
    head = update(ACCESS_HEAD_TABLE).values(number=record_count, hash=GENESIS_HASH)
    database.write_sync(lambda session: session.execute(head))
    database.update_statistics()


def _record(number: int, at: datetime) -> dict[str, Any]:
    is_export, is_search = number % EXPORT_EVERY == 0, number % SEARCH_EVERY == 1
    act = AuditEvent.EXPORTED if is_export else AuditEvent.SEARCHED if is_search else AuditEvent.ROWS_SHOWN
    hash = f'{number:064x}'
    return {
        'number': number,
        'at': at,
        'account_id': number % 50,
        'name': f'clerk{number % 50}',
        'address': f'10.0.0.{number % 50}',
        'act': act,
        'section': 'Рассылка уведомлений',
        'what': 'по ФИО, с 22.10.2026' if is_search else '',
        'words': 'по фио, с 22.10.2026' if is_search else '',
        'about': None if is_export else f'sha256:{number:043x}',
        'found': ROWS_OF_PAGE,
        'continues': None if is_search or is_export else number - number % SEARCH_EVERY,
        'previous': hash,
        'hash': hash,
        'version': 2,
    }


def _lookups(ids: list[UUID], record_count: int, shown_rows: int) -> Iterator[tuple[UUID, int]]:
    """Yield the rows of the lookup table in the order of its index: the messages of the journal, and others."""
    random = Random(SEED)
    others = (UUID(int=random.getrandbits(128)) for _ in range(max(shown_rows // VIEWS - len(ids), 0)))
    for number in range(1, record_count + 1, max(record_count // 1_000, 1)):
        yield UUID(int=1), number
    for key in sorted([*ids, *others]):
        for number in sorted({random.randint(1, record_count) for _ in range(VIEWS)}):
            yield key, number


def _insert_records(session: Session, values: list[dict[str, Any]], keys: list[dict[str, Any]]) -> None:
    session.execute(ACCESS_RECORD_TABLE.insert(), values)
    session.execute(SHOWN_TABLE.insert(), keys)


def _insert_keys(session: Session, lookups: list[tuple[UUID, int]]) -> None:
    driver = session.connection().connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        driver.executemany(INSERT_KEY, ((key.bytes, number) for key, number in lookups))
        return
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor() as cursor, cursor.copy(COPY_KEYS) as copy:
        copy.set_types(['uuid', 'bigint'])
        for row in lookups:
            copy.write_row(row)
