"""How fast messages and receipts are taken in through HTTP, on disk when they are answered.

Against the driver's own INSERT of the same rows, a thousand a transaction, into a table without index and trigger: the
messages into one with their columns, the receipts into one with the columns of a fact.
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
from sqlmodel import Session, SQLModel

from services.accounts.api_tokens import Tokens
from services.database.engine import Database
from services.ingest import bulk_insert
from tests.benchmarks.measurement import Figure
from tests.helpers.program import Program
from tests.helpers.reference_messages import MOSCOW

FACT = SQLModel.metadata.tables['message_fact']
MOST = 20_000
"""Messages that are handed over, if the journal has so many."""
BATCH, FORM = 1_000, 100
"""Messages, and receipts of SMS.ru, that a request may hold."""
AT_ONCE = 4
"""Requests under way at a time."""
SINGLE = 10
"""One in so many is handed over by itself: that takes its time."""
KEY = 'secret'
INTERFACE = {'JOURNAL_RECEIPT_KEYS': json.dumps({'smsc': KEY, 'smsru': KEY}), 'JOURNAL_API_RATE': '1000000'}


def measure(database: Database, scale: int) -> Iterator[Figure]:
    """Hand messages and receipts over to a program that runs over this journal; what it took in stays there."""
    count = min(scale, MOST)
    name = f'benchmark-{secrets.token_hex(4)}'
    token = Tokens(database).add(name)
    messages = [_message(number) for number in range(count + count // SINGLE)]
    many, single = messages[:count], messages[count:]
    bare = _bare(database, many)
    with TemporaryDirectory() as folder:
        url = database.url.render_as_string(hide_password=False)
        with Program(Path(folder), url, **INTERFACE) as program:
            taken = asyncio.run(_taken(program.url, token, many, single))
    Tokens(database).revoke(name)
    figure = partial(_figure, database.dialect, scale)
    yield figure('messages handed over, a thousand a request', count / taken['many'], bare['message'])
    yield figure('messages handed over, one a request', len(single) / taken['single'], bare['message'])
    yield figure('receipts, a hundred a request (SMS.ru)', count / taken['forms'], bare['fact'])
    yield figure('receipts, one a request (SMSC.ru)', len(single) / taken['receipts'], bare['fact'])


def _figure(engine: str, scale: int, name: str, speed: float, bare: float) -> Figure:
    return Figure(name, engine, scale, speed, 'a second', None, speed / bare)


async def _taken(
    url: str, token: str, many: Sequence[dict[str, str]], single: Sequence[dict[str, str]]
) -> dict[str, float]:
    """Give the seconds that each way of handing over took."""
    headers = {'Authorization': f'Bearer {token}', 'Content-Type': 'application/json'}
    stamp = int(datetime.now(UTC).timestamp())
    batches = [json.dumps(many[start : start + BATCH]) for start in range(0, len(many), BATCH)]
    forms = [
        {
            f'data[{at}]': f'sms_status\n{message["id"]}\n103\n{stamp}'
            for at, message in enumerate(many[start : start + FORM])
        }
        for start in range(0, len(many), FORM)
    ]
    receipts = [{'id': one['id'], 'phone': one['phone'], 'status': '1', 'ts': stamp} for one in single]
    async with aiohttp.ClientSession(f'{url}/api/v1/') as http:
        return {
            'many': await _all(http, 'messages', [{'data': batch, 'headers': headers} for batch in batches]),
            'single': await _all(http, 'messages', [{'data': json.dumps(one), 'headers': headers} for one in single]),
            'forms': await _all(http, f'receipts/smsru?key={KEY}', [{'data': form} for form in forms]),
            'receipts': await _all(http, f'receipts/smsc?key={KEY}', [{'data': receipt} for receipt in receipts]),
        }


async def _all(http: aiohttp.ClientSession, path: str, contents: Sequence[dict[str, Any]]) -> float:
    """Post everything, some at a time; give the seconds it took."""
    waiting = iter(contents)

    async def go_on() -> None:
        for content in waiting:
            async with http.post(path, **content) as answer:
                told = await answer.text()
                assert answer.status == 200, told
                assert 'refused' not in told, told

    started = time.perf_counter()
    await asyncio.gather(*(go_on() for _ in range(AT_ONCE)))
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


def _bare(database: Database, messages: Sequence[dict[str, str]]) -> dict[str, float]:
    """Give how many rows a second the driver inserts, by table."""
    moment = int(datetime.now(UTC).timestamp())
    rows: list[Any] = [
        (
            number, UUID(one['id']).bytes, 20261122, one['recipient_name'], one['recipient_name'].lower(), 'ип',
            one['phone'], moment, 1, 2, 1, moment, None, None, 310, one['text'], None, None,
        )
        for number, one in enumerate(messages)
    ]  # fmt: skip
    facts: list[Any] = [
        (number, UUID(one['id']).bytes, moment, moment, 'smsru', 2, True, 'smsru', '103', None, None)
        for number, one in enumerate(messages)
    ]
    if database.dialect == 'postgresql':
        rows = [bulk_insert.for_postgresql(row) for row in rows]
        facts = [
            (number, UUID(bytes=id), datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(at, UTC), *rest)
            for number, id, at, _, *rest in facts
        ]
    return {
        'message': len(rows) / _inserted(database, bulk_insert.MESSAGE.c, rows),
        'fact': len(facts) / _inserted(database, FACT.c, facts),
    }


def _inserted(database: Database, columns: Any, rows: Sequence[tuple[Any, ...]]) -> float:
    """Give the seconds that the driver takes for rows."""
    mark = '%s' if database.dialect == 'postgresql' else '?'
    insert = f'INSERT INTO bare VALUES ({", ".join(mark for _ in columns)})'

    def make(session: Session) -> None:
        kinds = [f'{column.name} {column.type.compile(session.get_bind().dialect)}' for column in columns]
        session.execute(text(f'CREATE TABLE bare ({", ".join(kinds)})'))

    def put(session: Session, batch: list[tuple[Any, ...]]) -> None:
        session.connection().connection.cursor().executemany(insert, batch)

    database.write_now(make)
    waiting, started = iter(rows), time.perf_counter()
    while batch := list(islice(waiting, BATCH)):
        database.write_now(partial(put, batch=batch))
    taken = time.perf_counter() - started
    database.write_now(lambda session: session.execute(text('DROP TABLE bare')))
    return taken
