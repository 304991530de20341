"""Speed of ingesting messages and receipts through HTTP, which are on disk before the response.

The reference is an INSERT of the same rows by the driver, a thousand for each transaction, into a table without indexes
and triggers: messages into a table with their columns, receipts into one with the columns of `message_fact`.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from sqlalchemy import text
from sqlmodel import Session

from services.accounts.api_tokens import ApiTokens
from services.database.engine import Database
from services.database.tables import MESSAGE_FACT_TABLE, MESSAGE_TABLE
from services.ingest import bulk_insert
from tests.benchmarks.benchmark_setup import integer_setting
from tests.benchmarks.measurement import Measurement
from tests.helpers.program import REAL_START, Program
from tests.helpers.reference_messages import MOSCOW

MAX_MESSAGES = 20_000
"""The maximum number of messages to submit, unless SUBMITTED is set."""
BATCH, RECEIPTS_PER_FORM = 1_000, 100
"""Messages of a request, and receipts of a request of SMS.ru."""
MAX_CONCURRENT_REQUESTS = 4
"""Concurrent requests."""
SINGLE_SHARE = 10
"""One of this many messages is submitted in a request of its own, because this takes long."""
KEY = 'secret-0123456789'
API_SETTINGS = {'JOURNAL_RECEIPT_KEYS': json.dumps({'smsc': KEY, 'smsru': KEY}), 'JOURNAL_API_RATE': '1000000'}


def measure(database: Database, scale: int) -> Iterator[Measurement]:
    """Submit messages and receipts to a program over this journal; they stay in the journal."""
    count = min(scale, integer_setting('SUBMITTED', MAX_MESSAGES))
    name = f'benchmark-{secrets.token_hex(4)}'
    token = ApiTokens(database).add(name)
    messages = [_message(number) for number in range(count + count // SINGLE_SHARE)]
    many, single = messages[:count], messages[count:]
    bare_speed = _bare_insert_speed(database, many)
    with TemporaryDirectory() as folder:
        url = database.url.render_as_string(hide_password=False)
        with Program(Path(folder), url, entry=REAL_START, **API_SETTINGS) as program:
            seconds = asyncio.run(_time_ingest(program.url, token, many, single))
    ApiTokens(database).revoke(name)
    figure = partial(_figure, database.dialect, scale)
    yield figure('messages handed over, a thousand a request', count / seconds['many'], bare_speed['message'])
    yield figure('messages handed over, one a request', len(single) / seconds['single'], bare_speed['message'])
    yield figure('receipts, a hundred a request (SMS.ru)', count / seconds['forms'], bare_speed['fact'])
    yield figure('receipts, one a request (SMSC.ru)', len(single) / seconds['receipts'], bare_speed['fact'])


def _figure(engine: str, scale: int, name: str, speed: float, bare: float) -> Measurement:
    return Measurement(name, engine, scale, speed, 'a second', None, speed / bare)


async def _time_ingest(
    url: str, token: str, many: Sequence[dict[str, str]], single: Sequence[dict[str, str]]
) -> dict[str, float]:
    """Return the seconds of each kind of submission."""
    headers = {'Authorization': f'Bearer {token}', 'Content-Type': 'application/json'}
    stamp = int(datetime.now(UTC).timestamp())
    batches = [json.dumps(many[start : start + BATCH]) for start in range(0, len(many), BATCH)]
    forms = [
        {
            f'data[{at}]': f'sms_status\n{message["id"]}\n103\n{stamp}'
            for at, message in enumerate(many[start : start + RECEIPTS_PER_FORM])
        }
        for start in range(0, len(many), RECEIPTS_PER_FORM)
    ]
    receipts = [{'id': one['id'], 'phone': one['phone'], 'status': '1', 'ts': stamp} for one in single]
    async with aiohttp.ClientSession(f'{url}/api/v1/') as http:
        return {
            'many': await _post_all(http, 'messages', [{'data': batch, 'headers': headers} for batch in batches]),
            'single': await _post_all(
                http, 'messages', [{'data': json.dumps(one), 'headers': headers} for one in single]
            ),
            'forms': await _post_all(http, f'receipts/smsru?key={KEY}', [{'data': form} for form in forms]),
            'receipts': await _post_all(http, f'receipts/smsc?key={KEY}', [{'data': receipt} for receipt in receipts]),
        }


async def _post_all(http: aiohttp.ClientSession, path: str, contents: Sequence[dict[str, Any]]) -> float:
    """Post all contents concurrently, and return the seconds."""
    pending = iter(contents)

    async def post() -> None:
        for content in pending:
            async with http.post(path, **content) as response:
                body = await response.text()
                assert response.status == 200, body
                assert 'refused' not in body, body

    started = time.perf_counter()
    await asyncio.gather(*(post() for _ in range(MAX_CONCURRENT_REQUESTS)))
    return time.perf_counter() - started


def _message(number: int) -> dict[str, str]:
    queued = datetime.now(MOSCOW).replace(microsecond=0) - timedelta(hours=1) + timedelta(seconds=number % 3600)
    return {
        'id': str(uuid4()),
        'recipient_name': f'Королёв{number % 977} Иван{number % 31} Петрович',
        'phone': f'+7916{number % 10_000_000:07}',
        'appointment_at': (queued + timedelta(days=2)).isoformat(),
        'organization': f'ГБУЗ МО «Больница {number % 400}»',
        'kind': 'Напоминание',
        'text': f'Иван Петрович, ждём Вас {number}. Отмена: 122',
        'cost': '3.10',
        'queued_at': queued.isoformat(),
        'status': 'pending',
    }


def _bare_insert_speed(database: Database, messages: Sequence[dict[str, str]]) -> dict[str, float]:
    """Return the rows that the driver inserts each second, by table."""
    moment = int(datetime.now(UTC).timestamp())
    rows: list[Any] = [
        bulk_insert.BulkRow(
            number, UUID(one['id']).bytes, 20261122, one['recipient_name'], one['recipient_name'].lower(), 'ип',
            one['phone'], moment, 1, 2, 1, moment, None, None, 310, one['text'], None, None, None,
        )
        for number, one in enumerate(messages)
    ]  # fmt: skip
    facts: list[Any] = [
        (number, UUID(one['id']).bytes, moment, moment, 'smsru', 2, True, 'smsru', '103', *[None] * 8)
        for number, one in enumerate(messages)
    ]
    if database.dialect == 'postgresql':
        rows = [bulk_insert.to_postgresql_row(row) for row in rows]
        facts = [
            (number, UUID(bytes=id), datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(at, UTC), *rest)
            for number, id, at, _, *rest in facts
        ]
    return {
        'message': len(rows) / _time_bare_insert(database, MESSAGE_TABLE.c, rows),
        'fact': len(facts) / _time_bare_insert(database, MESSAGE_FACT_TABLE.c, facts),
    }


def _time_bare_insert(database: Database, columns: Any, rows: Sequence[tuple[Any, ...]]) -> float:
    """Return the seconds in which the driver inserts rows."""
    placeholder = '%s' if database.dialect == 'postgresql' else '?'
    statement = f'INSERT INTO bare VALUES ({", ".join(placeholder for _ in columns)})'

    def create(session: Session) -> None:
        kinds = [f'{column.name} {column.type.compile(session.get_bind().dialect)}' for column in columns]
        session.execute(text(f'CREATE TABLE bare ({", ".join(kinds)})'))

    def insert_batch(session: Session, batch: list[tuple[Any, ...]]) -> None:
        session.connection().connection.cursor().executemany(statement, batch)

    database.write_sync(create)
    remaining, started = iter(rows), time.perf_counter()
    while batch := list(islice(remaining, BATCH)):
        database.write_sync(partial(insert_batch, batch=batch))
    elapsed = time.perf_counter() - started
    database.write_sync(lambda session: session.execute(text('DROP TABLE bare')))
    return elapsed
