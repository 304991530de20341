"""Ingest speed of a journal that starts empty, at its beginning and at its end.

Messages are ingested in batches by the same function as those of the API and of an import, in random order of time, so
that each batch touches the whole of every index. A bulk load does not show this: it builds its indexes at once.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from uuid import UUID

from sqlalchemy import select

from models import MessageKind, MessageStatus
from services import texts
from services.database.engine import Database
from services.database.tables import ORGANIZATION_TABLE
from services.demo import demo_data
from services.ingest import message_ingest
from services.ingest.bulk_insert import BulkRow
from services.ingest.message_ingest import Sender
from services.ingest.message_parsing import IncomingMessage
from tests.benchmarks.measurement import Measurement
from tests.helpers.reference_messages import MOSCOW

BATCH = 1_000
COMPARED_SHARE = 10
"""One of this many batches is compared at each end: single batches differ, because the index merges segments."""
MAX_RATIO = 1.5
"""The maximum ratio of the time of the last batches to that of the first."""
SEED = 20211010
SENDER = Sender('benchmark')


def measure(database: Database, count: int) -> Iterator[Measurement]:
    """Fill an empty journal with `count` messages in batches; compare the last batches with the first."""
    rows = list(
        demo_data.generate_messages(database, MOSCOW, today=datetime.now(MOSCOW).date(), count=count, seed=SEED)
    )
    Random(SEED).shuffle(rows)
    organizations: dict[int, str] = database.read_sync(
        lambda session: {row.id: row.name for row in session.execute(select(ORGANIZATION_TABLE))}
    )
    times, cpu_times = [], []
    for start in range(0, count, BATCH):
        batch = [incoming_message(row, organizations) for row in rows[start : start + BATCH]]
        started, cpu_started = time.perf_counter(), time.thread_time()
        _ingest(database, batch)
        times.append((time.perf_counter() - started) / len(batch))
        cpu_times.append((time.thread_time() - cpu_started) / len(batch))
    first, last = _mean_of_ends(times)
    yield Measurement('growing journal: first batches', database.dialect, count, 1 / first, 'rows/s', None, None)
    yield Measurement(
        'growing journal: last batches, time against the first', database.dialect, count, 1 / last, 'rows/s',
        MAX_RATIO, last / first,
    )  # fmt: skip
    yield Measurement(
        'growing journal: slowest batch', database.dialect, count, max(times) * BATCH * 1000, 'ms', None, None
    )
    if database.dialect == 'sqlite':  # PostgreSQL works in a process of its own
        first, last = _mean_of_ends(cpu_times)
        yield Measurement(
            'growing journal: last batches, CPU against the first', 'sqlite', count, last * BATCH * 1000, 'ms',
            MAX_RATIO, last / first,
        )  # fmt: skip


def _ingest(database: Database, batch: Sequence[IncomingMessage]) -> None:
    now = datetime.now(UTC)
    items = [(message, SENDER) for message in batch]
    database.write_sync(lambda session: message_ingest.ingest_messages(session, items, zone=MOSCOW, now=now))


def _mean_of_ends(times: Sequence[float]) -> tuple[float, float]:
    """Return the mean time of the first and of the last batches."""
    size = max(1, len(times) // COMPARED_SHARE)
    return sum(times[:size]) / size, sum(times[-size:]) / size


def incoming_message(row: BulkRow, organizations: dict[int, str]) -> IncomingMessage:
    """Build the message that a sender would submit for a row."""
    return IncomingMessage(
        id=UUID(bytes=row[1]),
        recipient_name=row[3],
        phone=row[6],
        appointment_at=_moment(row[7]),
        organization=organizations[row[8]],
        kind=texts.KINDS[MessageKind(row[9])],
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
