"""Verify that the rows that audit records are about, and their lookup table, are as they were recorded."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, SmallInteger, bindparam, literal, or_, select, tuple_, type_coerce
from sqlmodel import Session

from models import AuditEvent
from models.column_types import BIG_KEY, UuidKey
from services.audit.shown_rows import DIGEST_PREFIX, keys_digest, parse_key, unpack_keys
from services.database.tables import ACCESS_RECORD_TABLE, SHOWN_KEY_TABLE, SHOWN_TABLE

CHUNK_SIZE: Final = 2_000
LOOKUP_CHUNK_SIZE: Final = 50_000
CHECKSUM_MASK: Final = (1 << 64) - 1
EVENT_NUMBER: Final[ColumnElement[int]] = type_coerce(ACCESS_RECORD_TABLE.c.act, SmallInteger)
"""The event as an integer, so that an unknown one does not stop the verification."""
LOOKUP_COLUMNS: Final = (SHOWN_KEY_TABLE.c.key, SHOWN_KEY_TABLE.c.number)
RECORDS_WITH_ROWS: Final = (
    select(ACCESS_RECORD_TABLE.c.number, EVENT_NUMBER, ACCESS_RECORD_TABLE.c.about, SHOWN_TABLE.c.row_keys)
    .outerjoin(SHOWN_TABLE, SHOWN_TABLE.c.number == ACCESS_RECORD_TABLE.c.number)
    .where(
        ACCESS_RECORD_TABLE.c.number > bindparam('after', type_=BIG_KEY),
        ACCESS_RECORD_TABLE.c.number <= bindparam('last', type_=BIG_KEY),
        or_(
            SHOWN_TABLE.c.number.is_not(None),
            ACCESS_RECORD_TABLE.c.about.startswith(DIGEST_PREFIX),
            EVENT_NUMBER.in_((int(AuditEvent.DETAILS_VIEWED),)),
        ),
    )
    .order_by(ACCESS_RECORD_TABLE.c.number)
    .limit(CHUNK_SIZE)
)
ROWS_WITHOUT_RECORD: Final = (
    select(SHOWN_TABLE.c.number)
    .outerjoin(ACCESS_RECORD_TABLE, ACCESS_RECORD_TABLE.c.number == SHOWN_TABLE.c.number)
    .where(ACCESS_RECORD_TABLE.c.number.is_(None), SHOWN_TABLE.c.number <= bindparam('last', type_=BIG_KEY))
    .order_by(SHOWN_TABLE.c.number)
)


def find_changed_rows(session: Session, last_number: int) -> Iterator[int | None]:
    """Yield the number of each record whose rows were changed, and None if the lookup table was.

    Args:
        session: the session to read with.
        last_number: the number of the newest record; later ones may still be written.
    """
    checksum = 0
    for number, act, about, packed in _records_with_rows(session, last_number):
        keys = [parse_key(about or '')] if packed is None else unpack_keys(packed)
        is_opened = act == AuditEvent.DETAILS_VIEWED and packed is None
        if not is_opened and about != keys_digest(packed or b''):
            yield number
        checksum += sum(_entry_checksum(key.bytes, number) for key in keys if key)
    yield from session.scalars(ROWS_WITHOUT_RECORD, {'last': last_number})
    if (checksum - _lookup_checksum(session, last_number)) & CHECKSUM_MASK:
        yield None


def _records_with_rows(session: Session, last_number: int) -> Iterator[Any]:
    number = 0
    while chunk := session.execute(RECORDS_WITH_ROWS, {'after': number, 'last': last_number}).all():
        yield from chunk
        number = chunk[-1].number


def _lookup_checksum(session: Session, last_number: int) -> int:
    """Return the checksum of the whole lookup table, read in chunks in the order of its key."""
    checksum, statement = 0, _lookup_chunk()
    while chunk := session.execute(statement).all():
        checksum += sum(_entry_checksum(key.bytes, number) for key, number in chunk if number <= last_number)
        key, number = chunk[-1]
        statement = _lookup_chunk().where(tuple_(*LOOKUP_COLUMNS) > tuple_(literal(key, UuidKey()), number))
    return checksum


def _lookup_chunk() -> Select[Any]:
    return select(*LOOKUP_COLUMNS).order_by(*LOOKUP_COLUMNS).limit(LOOKUP_CHUNK_SIZE)


def _entry_checksum(key: bytes, number: int) -> int:
    """Return a number for an entry; the sum of all is the same in any order.

    Nobody can choose entries whose sum is the same: Python's hash has another random seed in each process.
    """
    return hash((key, number))
