"""The person is removed from old messages and documents, in small steps while the product runs.

Messages are blanked and not deleted: the foot and every total are sums over messages that are there, kept by triggers
and recounted by `verify`. A deleted message would take its cost out of them, and sums of messages that are not there
could never be recounted again. What stays of a message says nothing of a person: where it was sent from, when, of which
kind, with what end and at what cost; and its own id and what a provider calls it, by which the same message is known
when it comes in again (see services.ingest.anonymized_messages).

Each step is a transaction of its own, and whoever begins anew goes on with what is left. The dictionary of words stays:
it has single words, and of whom they were nobody can tell.
"""

import calendar
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlmodel import Session

from models import AuditEvent
from models.message import first_sort_key
from services import days, texts
from services.audit.hash_chain import COMMAND_LINE, AuditEntry, append_entries
from services.database.engine import Database
from services.documents import anonymized_documents
from services.formats import day
from services.ingest.anonymized_messages import ANONYMIZED_VALUES
from services.ingest.ingest_batch import CHANGE_TABLE, DELETE_OLD_CHANGES, MESSAGE_TABLE, acquire_writer_lock
from services.ingest.pending_receipts import EARLY_RECEIPT_TABLE
from services.ingest.status_history import MESSAGE_FACT_TABLE

log = logging.getLogger(__name__)

BATCH_SIZE = 1_000
"""Messages a transaction: others who write wait for no longer than that takes."""
AGE_PATTERN = re.compile(r'([1-9]\d{0,3})mo', re.ASCII)
SECURE_DELETE = 'PRAGMA secure_delete = ON'
"""SQLite leaves what was removed in the file until the place is needed; so it writes zeros over it."""


@dataclass(frozen=True)
class ExpiredData:
    """What is to be blanked."""

    before: date
    """The first local day whose messages stay as they are."""
    messages: int
    documents: int
    receipts: int
    """Of providers, for messages that never came; they are deleted."""


class PurgeResult(NamedTuple):
    """How much was blanked, and how many receipts deleted."""

    messages: int = 0
    documents: int = 0
    receipts: int = 0


def parse_age(text: str) -> int:
    """Read an age in whole months: `36mo`.

    Raises:
        ValueError: it is none; its message is for the person.
    """
    match = AGE_PATTERN.fullmatch(text.strip())
    if not match:
        raise ValueError(texts.PURGE_NO_AGE.format(text=text))
    return int(match[1])


def months_before(day: date, months: int) -> date:
    """Give the same day some months earlier, or the last one of a shorter month.

    Raises:
        ValueError: there was no such year; its message is for the person.
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        raise ValueError(texts.PURGE_NO_AGE.format(text=f'{months}mo'))
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class Retention:
    """Blanks what is old in one database."""

    def __init__(self, database: Database, zone: tzinfo) -> None:
        """Blank by the days of `zone`."""
        self._database = database
        self._zone = zone

    def count_expired(self, before: date) -> ExpiredData:
        """Count what is older than a day and not blanked yet; blocks; may raise Unavailable, Busy."""

        def count(session: Session) -> ExpiredData:
            messages = session.execute(
                select(func.count()).select_from(MESSAGE_TABLE).where(*self._not_anonymized(before))
            )
            receipts = session.execute(
                select(func.count()).select_from(EARLY_RECEIPT_TABLE).where(self._expired_receipts(before))
            )
            documents = anonymized_documents.count_expired(session, days.day_start(before, self._zone))
            return ExpiredData(before, messages.scalar_one(), documents, receipts.scalar_one())

        return self._database.read_sync(count)

    def purge(
        self, expired: ExpiredData, progress: Callable[[int, int], None], *, wait: Callable[[float], None] = time.sleep
    ) -> PurgeResult:
        """Blank what is older than a day, step by step; blocks; may raise Unavailable, Busy between two steps.

        Args:
            old: what `old` gave.
            tell: called after each step of messages with those done and those in all; it may interrupt.
            wait: waits some seconds: after each step as long as it took, so that half of the time is left to others.
        """
        done, documents, receipts, after = 0, 0, 0, -1
        try:
            while True:
                started_at = time.monotonic()
                count, after = self._database.write_sync(partial(self._anonymize_batch, expired=expired, after=after))
                if not count:
                    break
                done += count
                progress(done, max(expired.messages, done))
                wait(time.monotonic() - started_at)
            start = days.day_start(expired.before, self._zone)
            while count := self._database.write_sync(
                partial(anonymized_documents.anonymize_expired, before=start, most=BATCH_SIZE)
            ):
                documents += count
                wait(0.0)
            while count := self._database.write_sync(partial(self._delete_receipts, expired=expired)):
                receipts += count
        except BaseException:
            # The database may be what has failed: the first exception tells why, and a second must not take its place.
            try:
                self._record_purge(expired.before, PurgeResult(done, documents, receipts))
            except Exception:
                log.exception('not on record: %s messages, %s documents, %s receipts', done, documents, receipts)
            raise
        purged = PurgeResult(done, documents, receipts)
        self._record_purge(expired.before, purged)
        self._database.update_statistics()
        return purged

    def _anonymize_batch(self, session: Session, expired: ExpiredData, after: int) -> tuple[int, int]:
        connection = session.connection()
        if connection.dialect.name == 'sqlite':
            connection.exec_driver_sql(SECURE_DELETE)
        acquire_writer_lock(session)
        candidates = select(MESSAGE_TABLE.c.place, MESSAGE_TABLE.c.id).where(
            MESSAGE_TABLE.c.place > after, *self._not_anonymized(expired.before)
        )
        rows = session.execute(candidates.order_by(MESSAGE_TABLE.c.place).limit(BATCH_SIZE)).all()
        if not rows:
            return 0, after
        ids = [row.id for row in rows]
        anonymize = update(MESSAGE_TABLE).where(MESSAGE_TABLE.c.place.in_([row.place for row in rows]))
        connection.execute(anonymize.values(**ANONYMIZED_VALUES, name_key='', initials=''))
        connection.execute(
            update(MESSAGE_FACT_TABLE).where(MESSAGE_FACT_TABLE.c.message_id.in_(ids)).values(error_name=None)
        )
        connection.execute(insert(CHANGE_TABLE), [{'message_id': id, 'created': False} for id in ids])
        connection.execute(DELETE_OLD_CHANGES)
        return len(rows), rows[-1].place

    def _delete_receipts(self, session: Session, expired: ExpiredData) -> int:
        batch = select(EARLY_RECEIPT_TABLE.c.number).where(self._expired_receipts(expired.before)).limit(BATCH_SIZE)
        return (
            session.connection()
            .execute(delete(EARLY_RECEIPT_TABLE).where(EARLY_RECEIPT_TABLE.c.number.in_(batch)))
            .rowcount
        )

    def _record_purge(self, before: date, purged: PurgeResult) -> None:
        """Keep on record that persons were removed, and how far."""
        what = texts.PURGE_RECORD.format(before=day(before), **purged._asdict())
        entry = AuditEntry(datetime.now(UTC), COMMAND_LINE, AuditEvent.PATIENTS_ANONYMIZED, what=what)
        self._database.write_sync(lambda session: append_entries(session, [entry]))

    def _not_anonymized(self, before: date) -> tuple[ColumnElement[bool], ...]:
        return MESSAGE_TABLE.c.place < first_sort_key(days.day_start(before, self._zone)), MESSAGE_TABLE.c.phone != ''

    def _expired_receipts(self, before: date) -> ColumnElement[bool]:
        return EARLY_RECEIPT_TABLE.c.at < days.day_start(before, self._zone)
