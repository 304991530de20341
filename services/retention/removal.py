"""Removals of personal data: each runs in small transactions, and can be repeated after an interruption."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from sqlmodel import Session

from services import texts
from services.database.engine import Database
from services.formats import integer

log = logging.getLogger(__name__)

BATCH_SIZE: Final = 1_000
"""Rows per transaction, which bounds the time that other writers wait."""
SECURE_DELETE: Final = 'PRAGMA secure_delete = ON'
"""Makes SQLite overwrite deleted data with zeros; otherwise it stays in the file until the space is reused."""


class RemovalCounts(NamedTuple):
    """How much personal data is removed, by its kind; services.texts.REMOVAL_COUNTS has the words."""

    messages: int = 0
    documents: int = 0
    receipts: int = 0
    """Receipts of providers for messages that never arrived; they are deleted."""
    phone_notes: int = 0
    """Further numbers that were written with the phones of others."""
    notes: int = 0
    """Notes about calls."""
    claims: int = 0
    """Claims of the call list."""
    searches: int = 0
    """Saved searches for a person."""
    links: int = 0
    """Names and phones of share links."""
    drafts: int = 0
    """What was typed on list pages."""
    polls: int = 0
    """Messages that a provider would be asked for, had the polling not been switched off; no personal data."""
    records: int = 0
    """Records of the audit log that lose the person who was searched for."""

    def describe(self) -> str:
        """Describe the counts; all but the first three are left out if they are 0."""
        always = self._fields[:3]
        return ', '.join(
            texts.REMOVAL_COUNTS[name].format(count=integer(count))
            for name, count in self._asdict().items()
            if count or name in always
        )


@dataclass(frozen=True)
class Removal:
    """The removal of one kind of personal data."""

    name: str
    """The field of RemovalCounts."""
    count: Callable[[Session], int]
    """Counts what is to be removed."""
    remove_batch: Callable[[Session], int | None]
    """Removes a part, and returns its size; None if nothing is left."""
    read_batch: Callable[[Session], None] = lambda session: None
    """Reads before each part what takes long to find, so that other writers do not wait for it."""


def count_removals(session: Session, removals: Iterable[Removal]) -> RemovalCounts:
    """Count what is to be removed."""
    counts: Counter[str] = Counter()
    for removal in removals:
        counts[removal.name] += removal.count(session)
    return RemovalCounts(**counts)


def run_removals(
    database: Database,
    removals: Iterable[Removal],
    expected: RemovalCounts,
    *,
    record: Callable[[RemovalCounts, bool], None],
    progress: Callable[[int, int], None],
    wait: Callable[[float], None],
) -> RemovalCounts:
    """Run removals batch by batch, each in a transaction of its own, and record what was removed; blocks.

    Args:
        database: the database.
        removals: what to remove, in this order.
        expected: the result of `count_removals`.
        record: records the counts, and whether the removal was interrupted.
        progress: called after each batch with the number of rows done and the total; it may raise to interrupt.
        wait: sleeps for some seconds: after each batch as long as the batch took, so that other writers have half of
            the time.

    Raises:
        DatabaseError: see services.errors; the batches before it are committed.
    """
    counts: Counter[str] = Counter()
    try:
        for name, count, seconds in _run(database, removals):
            counts[name] += count
            progress(counts.total(), max(sum(expected), counts.total()))
            wait(seconds)
    except BaseException:
        # The database may have failed: an exception while recording must not replace the first one.
        try:
            record(RemovalCounts(**counts), True)
        except Exception:
            log.exception('not recorded: %s', RemovalCounts(**counts))
        raise
    record(RemovalCounts(**counts), False)
    return RemovalCounts(**counts)


def _run(database: Database, removals: Iterable[Removal]) -> Iterator[tuple[str, int, float]]:
    """Run each batch, and yield the name of the removal, the size of the batch, and the seconds that it took."""
    for removal in removals:
        count: int | None = 0
        while count is not None:
            database.read_sync(removal.read_batch)
            started_at = time.monotonic()
            count = database.write_sync(partial(_remove_batch, removal=removal))
            if count:
                yield removal.name, count, time.monotonic() - started_at


def _remove_batch(session: Session, removal: Removal) -> int | None:
    connection = session.connection()
    if connection.dialect.name == 'sqlite':
        connection.exec_driver_sql(SECURE_DELETE)
    return removal.remove_batch(session)
