"""Whether a journal that starts empty takes messages as fast when it is full.

Messages come in batches through the same call as those of the API and of an import, in random order of time: each batch
touches all of every index. A journal that is loaded in bulk shows nothing of this: its indexes are built at once.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from uuid import UUID

from sqlalchemy import select
from sqlmodel import SQLModel

from models import MessageKind, MessageStatus
from services.database.engine import Database
from services.demo import demo_data
from services.ingest import message_ingest
from services.ingest.bulk_insert import BulkRow
from services.ingest.message_ingest import Sender
from services.ingest.message_parsing import IncomingMessage
from tests.benchmarks.measurement import Measurement
from tests.helpers.reference_messages import MOSCOW

ORGANIZATION = SQLModel.metadata.tables['organization']
BATCH = 1_000
COMPARED = 10
"""One in so many batches, at the beginning and at the end, is compared: single ones differ by merges of the index."""
WORST = 1.5
"""How many times as long the last batches may take as the first."""
SEED = 20211010
SENDER = Sender('benchmark')


def measure(database: Database, count: int) -> Iterator[Measurement]:
    """Fill an empty journal with `count` messages in batches; compare the last batches with the first."""
    rows = list(
        demo_data.generate_messages(database, MOSCOW, today=datetime.now(MOSCOW).date(), count=count, seed=SEED)
    )
    Random(SEED).shuffle(rows)
    organizations: dict[int, str] = database.read_sync(
        lambda session: {row.id: row.name for row in session.execute(select(ORGANIZATION))}
    )
    times, processor = [], []
    for start in range(0, count, BATCH):
        batch = [_message(row, organizations) for row in rows[start : start + BATCH]]
        began, worked = time.perf_counter(), time.thread_time()
        _hand_over(database, batch)
        times.append((time.perf_counter() - began) / len(batch))
        processor.append((time.thread_time() - worked) / len(batch))
    first, last = _ends(times)
    yield Measurement('growing journal: first batches', database.dialect, count, 1 / first, 'rows/s', None, None)
    yield Measurement(
        'growing journal: last batches, time against the first', database.dialect, count, 1 / last, 'rows/s',
        WORST, last / first,
    )  # fmt: skip
    yield Measurement(
        'growing journal: slowest batch', database.dialect, count, max(times) * BATCH * 1000, 'ms', None, None
    )
    if database.dialect == 'sqlite':  # PostgreSQL works in a process of its own
        first, last = _ends(processor)
        yield Measurement(
            'growing journal: last batches, CPU against the first', 'sqlite', count, last * BATCH * 1000, 'ms',
            WORST, last / first,
        )  # fmt: skip


def _hand_over(database: Database, batch: Sequence[IncomingMessage]) -> None:
    now = datetime.now(UTC)
    things = [(message, SENDER) for message in batch]
    database.write_sync(lambda session: message_ingest.ingest_messages(session, things, zone=MOSCOW, now=now))


def _ends(times: Sequence[float]) -> tuple[float, float]:
    """Return the mean of the first and of the last batches."""
    some = max(1, len(times) // COMPARED)
    return sum(times[:some]) / some, sum(times[-some:]) / some


def _message(row: BulkRow, organizations: dict[int, str]) -> IncomingMessage:
    """Build the message that a sender would have handed over."""
    return IncomingMessage(
        id=UUID(bytes=row[1]),
        recipient_name=row[3],
        phone=row[6],
        appointment_at=_moment(row[7]),
        organization=organizations[row[8]],
        kind=MessageKind(row[9]),
        status=MessageStatus(row[10]),
        queued_at=_moment(row[11]),
        attempted_at=_moment(row[12]),
        sent_at=_moment(row[13]),
        cost=Decimal(row[14]) / 100,
        text=row[15],
        error_code=row[16],
        error_name=row[17],
    )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
