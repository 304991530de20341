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

from models import Act
from models.message import first_place
from services import days, texts
from services.audit.hash_chain import TERMINAL, Entry, append
from services.database.engine import Database
from services.documents import anonymized_documents
from services.formats import day
from services.ingest.anonymized_messages import NOBODY
from services.ingest.ingest_batch import CHANGE, MESSAGE, OLD_CHANGES, take_turn
from services.ingest.pending_receipts import EARLY
from services.ingest.status_history import FACT

log = logging.getLogger(__name__)

STEP = 1_000
"""Messages a transaction: others who write wait for no longer than that takes."""
AGE = re.compile(r'([1-9]\d{0,3})mo', re.ASCII)
SECURE_DELETE = 'PRAGMA secure_delete = ON'
"""SQLite leaves what was removed in the file until the place is needed; so it writes zeros over it."""


@dataclass(frozen=True)
class Old:
    """What is to be blanked."""

    before: date
    """The first local day whose messages stay as they are."""
    messages: int
    documents: int
    receipts: int
    """Of providers, for messages that never came; they are deleted."""


class Purged(NamedTuple):
    """How much was blanked, and how many receipts deleted."""

    messages: int = 0
    documents: int = 0
    receipts: int = 0


def parse_age(text: str) -> int:
    """Read an age in whole months: `36mo`.

    Raises:
        ValueError: it is none; its message is for the person.
    """
    found = AGE.fullmatch(text.strip())
    if not found:
        raise ValueError(texts.PURGE_NO_AGE.format(text=text))
    return int(found[1])


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

    def old(self, before: date) -> Old:
        """Count what is older than a day and not blanked yet; blocks; may raise Unavailable, Busy."""

        def count(session: Session) -> Old:
            messages = session.execute(select(func.count()).select_from(MESSAGE).where(*self._unblanked(before)))
            receipts = session.execute(select(func.count()).select_from(EARLY).where(self._early(before)))
            documents = anonymized_documents.count(session, days.start(before, self._zone))
            return Old(before, messages.scalar_one(), documents, receipts.scalar_one())

        return self._database.read_now(count)

    def purge(
        self, old: Old, tell: Callable[[int, int], None], *, wait: Callable[[float], None] = time.sleep
    ) -> Purged:
        """Blank what is older than a day, step by step; blocks; may raise Unavailable, Busy between two steps.

        Args:
            old: what `old` gave.
            tell: called after each step of messages with those done and those in all; it may interrupt.
            wait: waits some seconds: after each step as long as it took, so that half of the time is left to others.
        """
        done, documents, receipts, after = 0, 0, 0, -1
        try:
            while True:
                began = time.monotonic()
                count, after = self._database.write_now(partial(self._step, old=old, after=after))
                if not count:
                    break
                done += count
                tell(done, max(old.messages, done))
                wait(time.monotonic() - began)
            start = days.start(old.before, self._zone)
            while count := self._database.write_now(partial(anonymized_documents.blank, before=start, most=STEP)):
                documents += count
                wait(0.0)
            while count := self._database.write_now(partial(self._forget, old=old)):
                receipts += count
        except BaseException:
            # The database may be what has failed: the first exception tells why, and a second must not take its place.
            try:
                self._put_on_record(old.before, Purged(done, documents, receipts))
            except Exception:
                log.exception('not on record: %s messages, %s documents, %s receipts', done, documents, receipts)
            raise
        purged = Purged(done, documents, receipts)
        self._put_on_record(old.before, purged)
        self._database.freshen()
        return purged

    def _step(self, session: Session, old: Old, after: int) -> tuple[int, int]:
        connection = session.connection()
        if connection.dialect.name == 'sqlite':
            connection.exec_driver_sql(SECURE_DELETE)
        take_turn(session)
        found = select(MESSAGE.c.place, MESSAGE.c.id).where(MESSAGE.c.place > after, *self._unblanked(old.before))
        rows = session.execute(found.order_by(MESSAGE.c.place).limit(STEP)).all()
        if not rows:
            return 0, after
        ids = [row.id for row in rows]
        blank = update(MESSAGE).where(MESSAGE.c.place.in_([row.place for row in rows]))
        connection.execute(blank.values(**NOBODY, name_key='', initials=''))
        connection.execute(update(FACT).where(FACT.c.message_id.in_(ids)).values(error_name=None))
        connection.execute(insert(CHANGE), [{'message_id': id, 'created': False} for id in ids])
        connection.execute(OLD_CHANGES)
        return len(rows), rows[-1].place

    def _forget(self, session: Session, old: Old) -> int:
        some = select(EARLY.c.number).where(self._early(old.before)).limit(STEP)
        return session.connection().execute(delete(EARLY).where(EARLY.c.number.in_(some))).rowcount

    def _put_on_record(self, before: date, purged: Purged) -> None:
        """Keep on record that persons were removed, and how far."""
        what = texts.PURGE_RECORD.format(before=day(before), **purged._asdict())
        entry = Entry(datetime.now(UTC), TERMINAL, Act.PERSONS_REMOVED, what=what)
        self._database.write_now(lambda session: append(session, [entry]))

    def _unblanked(self, before: date) -> tuple[ColumnElement[bool], ...]:
        return MESSAGE.c.place < first_place(days.start(before, self._zone)), MESSAGE.c.phone != ''

    def _early(self, before: date) -> ColumnElement[bool]:
        return EARLY.c.at < days.start(before, self._zone)
