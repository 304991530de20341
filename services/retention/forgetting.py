"""Forget one person on request: remove them from every table, and record the request with its reason.

What points to the person is removed before their messages, because the messages tell which names and phones are theirs.
So an interrupted run can be repeated, and continues with the remaining data.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import or_, select, true
from sqlmodel import Session

from models import AuditEvent, ConditionKind
from services import texts
from services.audit.condition_rows import RecordedCondition, value_digest
from services.audit.hash_chain import COMMAND_LINE, AuditEntry, append_entries
from services.database.engine import Database
from services.database.tables import (
    CLAIM_TABLE,
    DRAFT_TABLE,
    EARLY_RECEIPT_TABLE,
    LINK_TABLE,
    MESSAGE_TABLE,
    SAVED_SEARCH_TABLE,
)
from services.keys.data_key import DataKey
from services.retention.audit_names import PersonInAuditLog
from services.retention.document_removal import document_removal
from services.retention.message_removal import MessageRemoval
from services.retention.name_words import remove_unused_words
from services.retention.person import InvalidPersonError, Person, PersonKey, find_person
from services.retention.removal import Removal, RemovalCounts, count_removals, run_removals
from services.retention.row_removal import RowRemoval, concerns_message, note_removals
from services.retention.search_index import rewrite_search_index

MAX_REASON_LENGTH: Final = 500


@dataclass(frozen=True)
class FoundPerson:
    """What is stored about a person."""

    key: PersonKey
    person: Person
    counts: RemovalCounts
    phones: int
    """The number of phones of their messages; several may mean several people of the same name."""
    names: int
    """The number of names of their messages; several may mean several people with the same phone."""
    keeps_name: bool
    """Whether a name of their messages stays, because messages or documents of others have it."""


class Forgetting:
    """Forget people in one database."""

    def __init__(
        self, database: Database, data_key: DataKey, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Prepare.

        Args:
            database: the database.
            data_key: the key of the digests in the audit log.
            now: returns the current time (aware).
        """
        self._database = database
        self._data_key = data_key
        self._now = now

    def find(self, key: PersonKey) -> FoundPerson:
        """Count what is stored about a person; blocks.

        Raises:
            DatabaseError: see services.errors.
        """

        def find(session: Session) -> FoundPerson:
            person = find_person(session, key)
            own = select(MESSAGE_TABLE.c.phone, MESSAGE_TABLE.c.name_key).where(key.messages()).distinct()
            rows = session.execute(own).all()
            phones, names = {row[0] for row in rows} - {''}, {row[1] for row in rows} - {''}
            counts = count_removals(session, self._removals(key, person))
            return FoundPerson(key, person, counts, len(phones), len(names), not names <= person.names)

        return self._database.read_sync(find)

    def forget(
        self,
        found: FoundPerson,
        reason: str,
        progress: Callable[[int, int], None],
        *,
        wait: Callable[[float], None] = time.sleep,
    ) -> RemovalCounts:
        """Remove a person batch by batch, and record the request in the audit log; blocks.

        Args:
            found: the result of `find`.
            reason: why, without the person; see `check_reason`.
            progress: called after each batch with the number of rows done and the total; it may raise to interrupt.
            wait: see services.retention.removal.run_removals.

        Raises:
            DatabaseError: see services.errors; the batches before it are committed.
        """
        return run_removals(
            self._database,
            self._removals(found.key, found.person),
            found.counts,
            record=partial(self._record, found.key, reason),
            progress=progress,
            wait=wait,
        )

    def clean_up(self, *, vacuum: bool = False, wait: Callable[[float], None] = time.sleep) -> bool:
        """Remove what remains of the person in indexes, statistics and unused space; blocks.

        Args:
            vacuum: whether SQLite's file is written anew; see Database.erase_deleted.
            wait: see services.retention.search_index.rewrite_search_index.

        Returns:
            False if something remains in SQLite's write-ahead log; see Database.erase_deleted.

        Raises:
            DatabaseError: see services.errors.
        """
        remove_unused_words(self._database)
        rewrite_search_index(self._database, wait)
        self._database.update_statistics()
        return self._database.erase_deleted(rewrite=vacuum)

    def _removals(self, key: PersonKey, person: Person) -> list[Removal]:
        """Return the removals, in their order, to be run once."""

        def names_person(*columns: str) -> Callable[[Any], bool]:
            return lambda row: any(person.is_named_in(row._mapping[column]) for column in columns)

        is_claim = or_(CLAIM_TABLE.c.phone.in_(person.phones), CLAIM_TABLE.c.name_key.in_(person.names))
        is_receipt = EARLY_RECEIPT_TABLE.c.phone.in_(person.phones)
        has_note = MESSAGE_TABLE.c.phone_note.is_not(None) & ~key.messages()
        return [
            PersonInAuditLog(person, self._data_key).removal,
            RowRemoval('searches', SAVED_SEARCH_TABLE, true(), names_person('name', 'query')).removal,
            RowRemoval('links', LINK_TABLE, true(), names_person('query')).removal,
            RowRemoval('drafts', DRAFT_TABLE, true(), names_person('queries')).removal,
            RowRemoval('receipts', EARLY_RECEIPT_TABLE, is_receipt).removal,
            RowRemoval('claims', CLAIM_TABLE, is_claim).removal,
            *note_removals(concerns_message(key.messages())),
            *note_removals(lambda table: ~concerns_message(key.messages())(table), names_person('note')),
            RowRemoval(
                'phone_notes', MESSAGE_TABLE, has_note, names_person('phone_note'), clear={'phone_note': None}
            ).removal,
            document_removal(person.documents()),
            MessageRemoval(key.messages()).removal,
        ]

    def _record(self, key: PersonKey, reason: str, counts: RemovalCounts, is_interrupted: bool) -> None:
        """Record the request, with digests that answer whether a person was forgotten."""
        template = texts.FORGET_INTERRUPTED_RECORD if is_interrupted else texts.FORGET_RECORD
        what = template.format(reason=reason, counts=counts.describe())
        conditions = tuple(
            RecordedCondition(kind, None, value_digest(kind, value, self._data_key)) for kind, value in _readings(key)
        )
        entry = AuditEntry(self._now(), COMMAND_LINE, AuditEvent.PATIENTS_ANONYMIZED, what=what, conditions=conditions)
        self._database.write_sync(lambda session: append_entries(session, [entry]))


def check_reason(reason: str, found: FoundPerson) -> str:
    """Return a reason in one line.

    Raises:
        InvalidPersonError: it is empty, too long, or names the person, whom the audit log must not contain.
    """
    reason = ' '.join(reason.split())
    if not 1 <= len(reason) <= MAX_REASON_LENGTH or not reason.isprintable():
        raise InvalidPersonError(texts.FORGET_REASON_LENGTH.format(longest=MAX_REASON_LENGTH))
    key = found.key
    person = Person(
        found.person.phones | ({key.phone} if key.phone else set()),
        found.person.names | ({key.name} if key.name else set()),
        found.person.words.union(key.words),
        found.person.snils,
    )
    if person.is_hinted_at(reason):
        raise InvalidPersonError(texts.FORGET_REASON_NAMES)
    return reason


def _readings(key: PersonKey) -> Iterator[tuple[ConditionKind, str]]:
    if key.phone:
        yield ConditionKind.PHONE_NUMBER, key.phone
    for word in key.words:
        yield ConditionKind.NAME_WORD, word
