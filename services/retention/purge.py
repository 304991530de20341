"""Retention: remove personal data from old messages and documents, in small transactions while the program runs.

Messages are anonymized and not deleted, because every total is a sum over stored messages, maintained by triggers and
recounted by `verify`. Deleting a message would remove its cost from the totals. An anonymized message retains what does
not identify a person: organization, times, kind, status, parts, cost, sender and channel, and its ids, by which the
same message is recognized when it is received again (see services.ingest.anonymized_messages).

An interrupted purge can be repeated; it continues with the remaining data.
"""

import calendar
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from typing import Any

from sqlalchemy import or_

from models import AuditEvent
from models.message import first_sort_key
from services import days, texts
from services.audit.hash_chain import COMMAND_LINE, AuditEntry, append_entries
from services.call_list.call_queries import CLAIM_DURATION
from services.database.engine import Database
from services.database.tables import (
    CLAIM_TABLE,
    DOCUMENT_TABLE,
    DRAFT_TABLE,
    EARLY_RECEIPT_TABLE,
    LINK_TABLE,
    MESSAGE_TABLE,
    SAVED_SEARCH_TABLE,
    STATUS_POLL_TABLE,
)
from services.formats import day
from services.keys.data_key import DataKey
from services.lists.drafts import DRAFT_TTL
from services.lists.share_links import expired_links
from services.messages.query_params import PERSON_PARAM_NAMES
from services.retention.audit_names import OldAuditNames
from services.retention.document_removal import document_removal
from services.retention.message_removal import MessageRemoval
from services.retention.name_words import remove_unused_words
from services.retention.removal import Removal, RemovalCounts, count_removals, run_removals
from services.retention.row_removal import RowRemoval, concerns_message, note_removals
from services.retention.search_index import rewrite_search_index

AGE_PATTERN = re.compile(r'([1-9]\d{0,3})mo', re.ASCII)


@dataclass(frozen=True)
class ExpiredData:
    """The data to be removed."""

    before: date
    """The first local day whose messages are not anonymized."""
    counts: RemovalCounts


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
    """Remove old personal data from one database."""

    def __init__(
        self,
        database: Database,
        zone: tzinfo,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        names_before: datetime | None = None,
        data_key: DataKey | None = None,
    ) -> None:
        """Prepare the removal.

        Args:
            database: the database.
            zone: the time zone whose calendar days count.
            now: returns the current time (aware).
            names_before: the moment before which records of the audit log lose the people who were searched for; None
                if they stay.
            data_key: the key of the digests in the audit log, needed for that.
        """
        self._database = database
        self._zone = zone
        self._now = now
        self._audit_names = (names_before, data_key) if names_before and data_key else None

    def count_expired(self, before: date) -> ExpiredData:
        """Count the data older than a day that is not removed yet; blocks.

        Raises:
            DatabaseError: see services.errors.
        """
        removals = self._removals(before)
        return ExpiredData(before, self._database.read_sync(lambda session: count_removals(session, removals)))

    def purge(
        self, expired: ExpiredData, progress: Callable[[int, int], None], *, wait: Callable[[float], None] = time.sleep
    ) -> RemovalCounts:
        """Remove the expired data batch by batch, and record the result in the audit log; blocks.

        Args:
            expired: the result of `count_expired`.
            progress: called after each batch with the number of rows done and the total; it may raise to interrupt.
            wait: see services.retention.removal.run_removals.

        Raises:
            DatabaseError: see services.errors; the batches before it are committed.
        """
        purged = run_removals(
            self._database,
            self._removals(expired.before),
            expired.counts,
            record=partial(self._record_purge, expired.before),
            progress=progress,
            wait=wait,
        )
        remove_unused_words(self._database)
        rewrite_search_index(self._database, wait)
        self._database.update_statistics()
        self._database.erase_deleted()
        return purged

    def _removals(self, before: date) -> list[Removal]:
        """Return the removals of what is older than a day, to be run once."""
        start, now = days.day_start(before, self._zone), self._now()
        is_old_link = or_(LINK_TABLE.c.made_at < start, *expired_links(now))
        is_old = MESSAGE_TABLE.c.place < first_sort_key(start)
        removals = [
            # Before the messages, and those that were anonymized earlier too.
            *note_removals(concerns_message(is_old | (MESSAGE_TABLE.c.phone == ''))),
            MessageRemoval(is_old).removal,
            document_removal(DOCUMENT_TABLE.c.at < start),
            RowRemoval('receipts', EARLY_RECEIPT_TABLE, EARLY_RECEIPT_TABLE.c.at < start).removal,
            RowRemoval('claims', CLAIM_TABLE, CLAIM_TABLE.c.claimed_at <= now - CLAIM_DURATION).removal,
            RowRemoval('searches', SAVED_SEARCH_TABLE, SAVED_SEARCH_TABLE.c.saved_at < start, _names_person).removal,
            RowRemoval('links', LINK_TABLE, is_old_link).removal,
            RowRemoval('drafts', DRAFT_TABLE, DRAFT_TABLE.c.kept_at < now - DRAFT_TTL).removal,
            # The poller removes them within days; once polling is switched off, nothing else does.
            RowRemoval('polls', STATUS_POLL_TABLE, STATUS_POLL_TABLE.c.since < start).removal,
        ]
        return [*removals, OldAuditNames(*self._audit_names).removal] if self._audit_names else removals

    def _record_purge(self, before: date, purged: RemovalCounts, is_interrupted: bool) -> None:
        """Record in the audit log how much was removed, also by an interrupted purge."""
        what = texts.PURGE_RECORD.format(before=day(before), counts=purged.describe())
        entry = AuditEntry(self._now(), COMMAND_LINE, AuditEvent.PATIENTS_ANONYMIZED, what=what)
        self._database.write_sync(lambda session: append_entries(session, [entry]))


def _names_person(search: Any) -> bool:
    """Return whether a saved search has a name or a phone."""
    return bool(PERSON_PARAM_NAMES & search.query.keys())
