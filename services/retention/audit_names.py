"""Remove the people who were searched for from the audit log: all from old records, or one from every record.

The keyed digests stay: `/access` still answers who searched for a phone or a name, and `access verify` finds no fault.
"""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from services.audit import redaction
from services.keys.data_key import DataKey
from services.retention import audit_mentions
from services.retention.person import Person
from services.retention.removal import BATCH_SIZE, Removal

RECORDS_PER_BATCH: Final = 2_000


class OldAuditNames:
    """The people in the records before a moment, in the order of the records."""

    def __init__(self, before: datetime, key: DataKey) -> None:
        """Choose the records before a moment; `key` is the key of the digests."""
        self._before = before
        self._key = key
        self._next = 0
        """The number of the next record."""
        self._last: int | None = None
        """The number of the last record; None before the first batch."""

    @property
    def removal(self) -> Removal:
        """The removal, to be run once."""
        return Removal('records', self._count, self._remove_batch, self._read_batch)

    def _count(self, session: Session) -> int:
        return redaction.count_named(session, redaction.last_number_before(session, self._before))

    def _read_batch(self, session: Session) -> None:
        if self._last is None:
            self._last = redaction.last_number_before(session, self._before)
            self._next = redaction.first_named(session, self._last) or self._last + 1

    def _remove_batch(self, session: Session) -> int | None:
        first, last = self._next, self._last or 0
        if first > last:
            return None
        self._next = min(first + RECORDS_PER_BATCH, last + 1)
        return redaction.redact_between(session, first, self._next - 1, self._key)


class PersonInAuditLog:
    """The records of searches for one person, old or new."""

    def __init__(self, person: Person, key: DataKey) -> None:
        """Choose the records; `key` is the key of the digests."""
        self._person = person
        self._key = key
        self._numbers: list[int] | None = None
        """The numbers of the records that are left; None before the first batch."""

    @property
    def removal(self) -> Removal:
        """The removal, to be run once."""
        return Removal('records', lambda session: len(self._find(session)), self._remove_batch, self._read_batch)

    def _read_batch(self, session: Session) -> None:
        if self._numbers is None:
            self._numbers = self._find(session)

    def _remove_batch(self, session: Session) -> int | None:
        numbers = self._numbers or []
        batch, self._numbers = numbers[:BATCH_SIZE], numbers[BATCH_SIZE:]
        return redaction.redact(session, batch, self._key) if batch else None

    def _find(self, session: Session) -> list[int]:
        """Return the numbers of the records that name the person."""
        found = set(audit_mentions.numbers_with_value(session, audit_mentions.person_digests(self._person, self._key)))
        for number, words in audit_mentions.possible_descriptions(session, self._person):
            if number not in found and any(map(self._person.is_named_in, redaction.described_texts(words))):
                found.add(number)
        return sorted(found)
