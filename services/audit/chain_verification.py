"""Goes through the whole chain of access records and tells every place where it was tampered with."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import SmallInteger, func, select, type_coerce
from sqlmodel import Session

from services.audit.hash_chain import ACCESS_HEAD_TABLE, ACCESS_RECORD_TABLE, GENESIS_HASH, record_hash, search_text
from services.database.engine import Database

CHUNK_SIZE = 5_000
"""Records read at once: memory stays the same however long the journal is."""
MAX_LISTED_FAULTS = 20
"""Faults that are told one by one."""
CHAIN_ENDS = select(
    ACCESS_HEAD_TABLE.c.number,
    ACCESS_HEAD_TABLE.c.hash,
    select(func.coalesce(func.max(ACCESS_RECORD_TABLE.c.number), 0)).scalar_subquery().label('newest'),
)
"""What the head says and what there is, as of one moment: other processes go on writing."""


ALL_RECORDS = select(
    *(
        type_coerce(column, SmallInteger).label('act') if column.name == 'act' else column
        for column in ACCESS_RECORD_TABLE.c
    )
).order_by(ACCESS_RECORD_TABLE.c.number)
"""Every record; an act that the program does not know must not stop it."""


class ChainFaultKind(StrEnum):
    """What is wrong; services.texts.ACCESS_FAULTS says it in words."""

    CHANGED = 'changed'
    MISSING = 'missing'
    BROKEN_LINK = 'parted'
    TRUNCATED = 'cut'
    ADDED = 'added'
    HASH_MISMATCH = 'other'


@dataclass(frozen=True)
class ChainFault:
    """A place where the chain is broken."""

    kind: ChainFaultKind
    number: int
    since: int = 0
    """For MISSING: the first number that is not there."""
    last: int = 0
    """For CUT: the number that the journal went up to."""


@dataclass
class ChainVerification:
    """What a check came to."""

    number: int
    hash: str
    """Of the newest record, by the chain's own head."""
    records_checked: int = 0
    """Records gone through."""
    faults: list[ChainFault] = field(default_factory=list)
    """The first of them."""
    unlisted_faults: int = 0
    """Faults besides."""

    @property
    def is_intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify_chain(database: Database, noted_record: tuple[int, str] | None = None) -> ChainVerification:
    """Check every record up to the newest; blocks. `noted`: a number, and the hash that its record once had.

    Raises:
        Unavailable, Busy: see services.database.engine.
    """
    return database.read_sync(lambda session: _verify_records(session, noted_record))


def _verify_records(session: Session, noted_record: tuple[int, str] | None) -> ChainVerification:
    head = session.execute(CHAIN_ENDS).one()
    verdict = ChainVerification(head.number, head.hash)
    number, last_hash, noted_hash = 0, GENESIS_HASH, ''
    for record in _records(session, head.number):
        if record['number'] != number + 1:
            _add_fault(verdict, ChainFault(ChainFaultKind.MISSING, record['number'], since=number + 1))
        elif record['previous'] != last_hash:
            _add_fault(verdict, ChainFault(ChainFaultKind.BROKEN_LINK, record['number']))
        if record_hash(record) != record['hash'] or search_text(record['what'], record['about']) != record['words']:
            _add_fault(verdict, ChainFault(ChainFaultKind.CHANGED, record['number']))
        verdict.records_checked += 1
        number, last_hash = record['number'], record['hash']
        if noted_record and noted_record[0] == number:
            noted_hash = last_hash
    if number < head.number:
        _add_fault(verdict, ChainFault(ChainFaultKind.TRUNCATED, number, last=head.number))
    elif last_hash != head.hash:
        _add_fault(verdict, ChainFault(ChainFaultKind.HASH_MISMATCH, number))
    if head.newest > head.number:
        _add_fault(verdict, ChainFault(ChainFaultKind.ADDED, head.number))
    if noted_record and noted_hash != noted_record[1]:
        _add_fault(verdict, ChainFault(ChainFaultKind.HASH_MISMATCH, noted_record[0]))
    return verdict


def _records(session: Session, last_number: int) -> Iterator[dict[str, Any]]:
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


def _add_fault(verdict: ChainVerification, fault: ChainFault) -> None:
    if len(verdict.faults) < MAX_LISTED_FAULTS:
        verdict.faults.append(fault)
    else:
        verdict.unlisted_faults += 1
