"""Verify the whole hash chain of the audit log and report every fault."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import SmallInteger, func, select, type_coerce
from sqlmodel import Session

from services.audit.hash_chain import GENESIS_HASH, record_hash, search_text
from services.database.engine import Database
from services.database.tables import ACCESS_HEAD_TABLE, ACCESS_RECORD_TABLE

CHUNK_SIZE = 5_000
"""Records per read, which bounds the memory."""
MAX_LISTED_FAULTS = 20
"""Faults that are listed one by one; the others are only counted."""
CHAIN_ENDS = select(
    ACCESS_HEAD_TABLE.c.number,
    ACCESS_HEAD_TABLE.c.hash,
    select(func.coalesce(func.max(ACCESS_RECORD_TABLE.c.number), 0)).scalar_subquery().label('newest'),
)
"""The head and the newest record number in one statement, because other processes go on writing."""

ALL_RECORDS = select(
    *(
        type_coerce(column, SmallInteger).label('act') if column.name == 'act' else column
        for column in ACCESS_RECORD_TABLE.c
    )
).order_by(ACCESS_RECORD_TABLE.c.number)
"""Every record; `act` is read as an integer, so that an unknown event does not stop the verification."""


class ChainFaultKind(StrEnum):
    """The kind of a fault; services.texts.ACCESS_FAULTS has a sentence for each."""

    CHANGED = 'changed'
    MISSING = 'missing'
    BROKEN_LINK = 'parted'
    TRUNCATED = 'cut'
    ADDED = 'added'
    HASH_MISMATCH = 'other'


@dataclass(frozen=True)
class ChainFault:
    """A fault of the chain."""

    kind: ChainFaultKind
    number: int
    """The number of the record at the fault."""
    since: int = 0
    """For MISSING: the first missing number."""
    last: int = 0
    """For TRUNCATED: the number of the last record before the truncation."""


@dataclass
class ChainVerification:
    """The result of a verification."""

    number: int
    """The number of the newest record according to the chain's head."""
    hash: str
    """The hash of the newest record according to the chain's head."""
    records_checked: int = 0
    faults: list[ChainFault] = field(default_factory=list)
    """The first faults, at most MAX_LISTED_FAULTS."""
    unlisted_faults: int = 0
    """The number of further faults."""

    @property
    def is_intact(self) -> bool:
        """Whether the chain has no faults."""
        return not self.faults


def verify_chain(database: Database, noted_record: tuple[int, str] | None = None) -> ChainVerification:
    """Verify every record up to the newest; blocks.

    Args:
        database: the database of the audit log.
        noted_record: the number and the hash of a record that were noted elsewhere; the hash must still be the same.

    Raises:
        DatabaseError: see services.errors.
    """
    return database.read_sync(lambda session: _verify_records(session, noted_record))


def _verify_records(session: Session, noted_record: tuple[int, str] | None) -> ChainVerification:
    head = session.execute(CHAIN_ENDS).one()
    verification = ChainVerification(head.number, head.hash)
    number, last_hash, noted_hash = 0, GENESIS_HASH, ''
    for record in _records(session, head.number):
        if record['number'] != number + 1:
            _add_fault(verification, ChainFault(ChainFaultKind.MISSING, record['number'], since=number + 1))
        elif record['previous'] != last_hash:
            _add_fault(verification, ChainFault(ChainFaultKind.BROKEN_LINK, record['number']))
        if record_hash(record) != record['hash'] or search_text(record['what'], record['about']) != record['words']:
            _add_fault(verification, ChainFault(ChainFaultKind.CHANGED, record['number']))
        verification.records_checked += 1
        number, last_hash = record['number'], record['hash']
        if noted_record and noted_record[0] == number:
            noted_hash = last_hash
    if number < head.number:
        _add_fault(verification, ChainFault(ChainFaultKind.TRUNCATED, number, last=head.number))
    elif last_hash != head.hash:
        _add_fault(verification, ChainFault(ChainFaultKind.HASH_MISMATCH, number))
    if head.newest > head.number:
        _add_fault(verification, ChainFault(ChainFaultKind.ADDED, head.number))
    if noted_record and noted_hash != noted_record[1]:
        _add_fault(verification, ChainFault(ChainFaultKind.HASH_MISMATCH, noted_record[0]))
    return verification


def _records(session: Session, last_number: int) -> Iterator[dict[str, Any]]:
    """Yield the records up to `last_number` in order, chunk by chunk."""
    number = None
    while True:
        chunk = ALL_RECORDS.where(ACCESS_RECORD_TABLE.c.number <= last_number).limit(CHUNK_SIZE)
        if number is not None:
            chunk = chunk.where(ACCESS_RECORD_TABLE.c.number > number)
        records = session.execute(chunk).mappings().all()
        yield from map(dict, records)
        if len(records) < CHUNK_SIZE:
            return
        number = records[-1]['number']


def _add_fault(verification: ChainVerification, fault: ChainFault) -> None:
    if len(verification.faults) < MAX_LISTED_FAULTS:
        verification.faults.append(fault)
    else:
        verification.unlisted_faults += 1
