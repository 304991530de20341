"""Read the whole audit log in order, chunk by chunk, past records that cannot be read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Select, SmallInteger, String, cast, func, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from models import ConditionKind
from services.database.tables import ACCESS_CONDITION_TABLE, ACCESS_RECORD_TABLE

CHUNK_SIZE: Final = 5_000
"""Records per read, which bounds the memory."""
READ_ERRORS: Final = (SQLAlchemyError, ValueError, TypeError, OverflowError, OSError)
"""What the drivers and the column types raise for a value that is not of the type of its column."""
RECORDS: Final = select(
    *(
        type_coerce(column, SmallInteger).label('act') if column.name == 'act' else column
        for column in ACCESS_RECORD_TABLE.c
    )
).order_by(ACCESS_RECORD_TABLE.c.number)
"""Every record; `act` is read as an integer, so that an unknown event does not stop the reading."""
CONDITIONS: Final = select(
    ACCESS_CONDITION_TABLE.c.number,
    ACCESS_CONDITION_TABLE.c.position,
    type_coerce(ACCESS_CONDITION_TABLE.c.kind, SmallInteger).label('kind'),
    ACCESS_CONDITION_TABLE.c.value,
    ACCESS_CONDITION_TABLE.c.digest,
).order_by(ACCESS_CONDITION_TABLE.c.number, ACCESS_CONDITION_TABLE.c.position)
REDACTIONS: Final = (
    select(ACCESS_RECORD_TABLE.c.number, func.max(ACCESS_CONDITION_TABLE.c.digest))
    .join(ACCESS_CONDITION_TABLE, ACCESS_CONDITION_TABLE.c.value == cast(ACCESS_RECORD_TABLE.c.number, String))
    .where(
        ACCESS_CONDITION_TABLE.c.kind == ConditionKind.REDACTED_RECORD,
        ACCESS_RECORD_TABLE.c.version == 1,
        ACCESS_RECORD_TABLE.c.what == '',
    )
    .group_by(ACCESS_RECORD_TABLE.c.number)
)
"""The digests that vouch for records of version 1 whose description was removed."""


@dataclass(frozen=True)
class ChainRecord:
    """A record as it is stored."""

    number: int
    fields: Mapping[str, Any] | None
    """None if the record cannot be read."""
    conditions: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    redaction: str | None = None
    """The digest that vouches for the record without its description."""


def read_chain(session: Session, last_number: int) -> Iterator[ChainRecord]:
    """Yield the records up to `last_number` in order."""
    number = None
    while True:
        numbers = select(ACCESS_RECORD_TABLE.c.number).where(ACCESS_RECORD_TABLE.c.number <= last_number)
        if number is not None:
            numbers = numbers.where(ACCESS_RECORD_TABLE.c.number > number)
        chunk = session.execute(numbers.order_by(ACCESS_RECORD_TABLE.c.number).limit(CHUNK_SIZE)).scalars().all()
        if not chunk:
            return
        try:
            records = _read_records(session, chunk[0], chunk[-1])
        except READ_ERRORS:
            records = [_read_record(session, each) for each in chunk]
        yield from records
        number = chunk[-1]


def _read_record(session: Session, number: int) -> ChainRecord:
    try:
        return _read_records(session, number, number)[0]
    except READ_ERRORS:
        return ChainRecord(number, None)


def _read_records(session: Session, first: int, last: int) -> list[ChainRecord]:
    conditions: dict[int, list[Mapping[str, Any]]] = {}
    for condition in session.execute(_between(CONDITIONS, ACCESS_CONDITION_TABLE.c.number, first, last)).mappings():
        conditions.setdefault(condition['number'], []).append(dict(condition))
    found = session.execute(_between(REDACTIONS, ACCESS_RECORD_TABLE.c.number, first, last))
    redactions = {row[0]: row[1] for row in found}
    records = session.execute(_between(RECORDS, ACCESS_RECORD_TABLE.c.number, first, last)).mappings()
    return [
        ChainRecord(each['number'], dict(each), conditions.get(each['number'], ()), redactions.get(each['number']))
        for each in records
    ]


def _between(statement: Select[Any], column: Any, first: int, last: int) -> Select[Any]:
    return statement.where(column.between(first, last))
