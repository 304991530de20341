"""Retention: remove personal data from old messages and documents, in small transactions while the program runs.

Messages are anonymized and not deleted, because every total is a sum over stored messages, maintained by triggers and
recounted by `verify`. Deleting a message would remove its cost from the totals. An anonymized message retains what does
not identify a person: organization, times, kind, status, parts and cost, and its ids, by which the same message is
recognized when it is received again (see services.ingest.anonymized_messages).

An interrupted purge can be repeated; it continues with the remaining data. The dictionary of words is not purged,
because its single words cannot be assigned to a person.
"""

import calendar
import logging
import re
import time
from collections import defaultdict
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
from services.database.tables import (
    CHANGE_TABLE,
    EARLY_RECEIPT_TABLE,
    MESSAGE_FACT_TABLE,
    MESSAGE_TABLE,
    PROVIDER_MESSAGE_TABLE,
)
from services.documents import anonymized_documents
from services.formats import day
from services.ingest.anonymized_messages import ANONYMIZED_VALUES
from services.ingest.ingest_batch import DELETE_OLD_CHANGES, acquire_writer_lock
from services.ingest.sms_parts import known_part_count

log = logging.getLogger(__name__)

BATCH_SIZE = 1_000
"""Messages per transaction, which bounds the time that other writers wait."""
AGE_PATTERN = re.compile(r'([1-9]\d{0,3})mo', re.ASCII)
SECURE_DELETE = 'PRAGMA secure_delete = ON'
"""Makes SQLite overwrite deleted data with zeros; otherwise it stays in the file until the space is reused."""


@dataclass(frozen=True)
class ExpiredData:
    """The data to be anonymized."""

    before: date
    """The first local day whose messages are not anonymized."""
    messages: int
    documents: int
    receipts: int
    """Receipts of providers for messages that never arrived; they are deleted."""


class PurgeResult(NamedTuple):
    """The numbers of anonymized messages and documents, and of deleted receipts."""

    messages: int = 0
    documents: int = 0
    receipts: int = 0


def parse_age(text: str) -> int:
    """Parse an age in whole months: `36mo`.

    Raises:
        ValueError: the text is not an age; the message is for the user.
    """
    match = AGE_PATTERN.fullmatch(text.strip())
    if not match:
        raise ValueError(texts.PURGE_NO_AGE.format(text=text))
    return int(match[1])


def months_before(day: date, months: int) -> date:
    """Return the same day some months earlier, or the last day of a shorter month.

    Raises:
        ValueError: the year would be less than 1; the message is for the user.
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        raise ValueError(texts.PURGE_NO_AGE.format(text=f'{months}mo'))
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class Retention:
    """Anonymize old data in one database."""

    def __init__(self, database: Database, zone: tzinfo) -> None:
        """Anonymize by calendar days of `zone`."""
        self._database = database
        self._zone = zone

    def count_expired(self, before: date) -> ExpiredData:
        """Count the data older than a day that is not anonymized yet; blocks.

        Raises:
            DatabaseError: see services.errors.
        """

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
        """Anonymize the expired data batch by batch, and record the result in the audit log; blocks.

        Args:
            expired: the result of `count_expired`.
            progress: called after each batch with the number of messages done and the total; it may raise to interrupt.
            wait: sleeps for some seconds: after each batch as long as the batch took, so that other writers have half
                of the time.

        Raises:
            DatabaseError: see services.errors; the batches before it are committed.
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
            # The database may have failed: an exception while recording must not replace the first one.
            try:
                self._record_purge(expired.before, PurgeResult(done, documents, receipts))
            except Exception:
                log.exception('not recorded: %s messages, %s documents, %s receipts', done, documents, receipts)
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
        candidates = select(
            MESSAGE_TABLE.c.place, MESSAGE_TABLE.c.id, MESSAGE_TABLE.c.text, MESSAGE_TABLE.c.parts
        ).where(MESSAGE_TABLE.c.place > after, *self._not_anonymized(expired.before))
        rows = session.execute(candidates.order_by(MESSAGE_TABLE.c.place).limit(BATCH_SIZE)).all()
        if not rows:
            return 0, after
        ids = [row.id for row in rows]
        sort_keys_by_parts: dict[int | None, list[int]] = defaultdict(list)
        for row in rows:
            sort_keys_by_parts[known_part_count(row.parts, row.text)].append(row.place)
        for parts, sort_keys in sort_keys_by_parts.items():
            # The number of parts explains the cost and the status, and cannot be computed without the text.
            anonymize = update(MESSAGE_TABLE).where(MESSAGE_TABLE.c.place.in_(sort_keys))
            connection.execute(anonymize.values(**ANONYMIZED_VALUES, name_key='', initials='', parts=parts))
        connection.execute(
            update(MESSAGE_FACT_TABLE).where(MESSAGE_FACT_TABLE.c.message_id.in_(ids)).values(error_name=None)
        )
        # The phone is part of the key: two anonymized messages that share an identifier could not both keep it.
        connection.execute(
            delete(PROVIDER_MESSAGE_TABLE).where(
                PROVIDER_MESSAGE_TABLE.c.message_id.in_(ids), PROVIDER_MESSAGE_TABLE.c.phone != ''
            )
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
        """Record in the audit log how much was anonymized."""
        what = texts.PURGE_RECORD.format(before=day(before), **purged._asdict())
        entry = AuditEntry(datetime.now(UTC), COMMAND_LINE, AuditEvent.PATIENTS_ANONYMIZED, what=what)
        self._database.write_sync(lambda session: append_entries(session, [entry]))

    def _not_anonymized(self, before: date) -> tuple[ColumnElement[bool], ...]:
        return MESSAGE_TABLE.c.place < first_sort_key(days.day_start(before, self._zone)), MESSAGE_TABLE.c.phone != ''

    def _expired_receipts(self, before: date) -> ColumnElement[bool]:
        return EARLY_RECEIPT_TABLE.c.at < days.day_start(before, self._zone)
