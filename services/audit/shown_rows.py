"""The rows that an audit record is about: which messages and documents were shown, and who has seen one of them.

A record with rows contains their digest as `about`, so that the hash chain covers them. The keys themselves are one
value in `access_shown`. The lookup table `access_shown_key` finds the records of a key without reading the others. The
record of an opened row names its only key and needs no digest.
"""

import base64
import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, select, union
from sqlmodel import Session

from models import AuditEvent
from services import phones, texts
from services.database.tables import ACCESS_RECORD_TABLE, MESSAGE_TABLE, SHOWN_KEY_TABLE, SHOWN_TABLE
from services.lists.query_protocol import InvalidQueryError
from services.messages.message_codes import CODE_LENGTH, find_code

KEY_BYTES: Final = 16
DIGEST_PREFIX: Final = 'sha256:'
MAX_EXPORTED_KEYS: Final = 10_000
"""Rows of an export that are recorded one by one; of a larger export only the conditions and the count are recorded."""
INSERT_SHOWN: Final = SHOWN_TABLE.insert()
INSERT_KEYS: Final = SHOWN_KEY_TABLE.insert()
KEYS_OF_RECORD: Final = select(SHOWN_TABLE.c.row_keys)


def parse_key(key: str) -> UUID | None:
    """Return the key of a message or a document; None for the key of another list."""
    try:
        return UUID(key)
    except ValueError:
        return None


def pack_keys(keys: Iterable[UUID]) -> bytes:
    """Return the value of `access_shown.row_keys`: each key once, sorted."""
    return b''.join(sorted({key.bytes for key in keys}))


def unpack_keys(packed: bytes) -> Iterator[UUID]:
    """Yield the keys in a value of `access_shown.row_keys`."""
    for start in range(0, len(packed), KEY_BYTES):
        yield UUID(bytes=packed[start : start + KEY_BYTES])


def keys_digest(packed: bytes) -> str:
    """Return the digest of packed keys, as a record contains it."""
    return DIGEST_PREFIX + base64.urlsafe_b64encode(hashlib.sha256(packed).digest()).decode().rstrip('=')


def subject_of(keys: Collection[UUID]) -> str | None:
    """Return `about` of a record about rows; None without any."""
    return keys_digest(pack_keys(keys)) if keys else None


def insert_shown_rows(connection: Connection, shown: Sequence[tuple[int, str | None, Collection[UUID]]]) -> None:
    """Insert the rows of records in their transaction.

    Args:
        connection: the connection of the transaction.
        shown: the number and `about` of each record, and the keys of its rows.
    """
    packed = [(number, about, pack_keys(keys)) for number, about, keys in shown if keys]
    if not packed:
        return
    values = [{'number': number, 'row_keys': keys} for number, about, keys in packed if about == keys_digest(keys)]
    if values:
        connection.execute(INSERT_SHOWN, values)
    # In the order of the index, whose pages are then changed one after the other.
    lookups = sorted((key.bytes, number) for number, _, keys in packed for key in unpack_keys(keys))
    connection.execute(INSERT_KEYS, [{'key': UUID(bytes=key), 'number': number} for key, number in lookups])


def read_keys(session: Session, number: int) -> list[UUID]:
    """Return the keys of the rows that a record is about; empty for an opened row."""
    packed = session.execute(KEYS_OF_RECORD.where(SHOWN_TABLE.c.number == number)).scalar_one_or_none()
    return list(unpack_keys(packed)) if packed else []


@dataclass(frozen=True)
class SeenSubject:
    """What «Кто видел» is about: a message or a document by its code, or all messages of a phone."""

    keys: tuple[UUID, ...] = ()
    numbers: tuple[str, ...] = ()
    """The readings of a phone number in E.164."""

    @classmethod
    def parse(cls, text: str) -> 'SeenSubject':
        """Parse the code of a message or a document, or a whole phone number in any notation.

        Raises:
            InvalidQueryError: the text is neither.
        """
        code = find_code(text)
        if code and len(code) == CODE_LENGTH:
            return cls(keys=(UUID(hex=code),))
        numbers = tuple(pattern.text for pattern in phones.parse_search(text) if pattern.is_full_number)
        if not numbers:
            raise InvalidQueryError('seen', texts.ACCESS_SEEN_INVALID)
        return cls(numbers=numbers)

    def condition(self) -> ColumnElement[bool]:
        """Build the condition that a record is about one of these messages, or an export that may contain one.

        The large exports since the first of the messages was created are included: their rows are not recorded.
        """
        of_subject = MESSAGE_TABLE.c.id.in_(self.keys) if self.keys else MESSAGE_TABLE.c.phone.in_(self.numbers)
        messages = select(MESSAGE_TABLE.c.id).where(of_subject)
        first = select(func.min(MESSAGE_TABLE.c.queued_at)).where(of_subject).scalar_subquery()
        record = ACCESS_RECORD_TABLE.alias()
        shown = select(SHOWN_KEY_TABLE.c.number).where(SHOWN_KEY_TABLE.c.key.in_(self.keys or messages))
        exported = select(record.c.number).where(
            record.c.act == AuditEvent.EXPORTED, record.c.about.is_(None), record.c.at >= first
        )
        return ACCESS_RECORD_TABLE.c.number.in_(union(shown, exported))
