"""Goes through the whole chain of access records and tells every place where it was tampered with."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import SmallInteger, func, select, type_coerce
from sqlmodel import Session

from services.audit.hash_chain import BEGINNING, HEAD, RECORD, digest, words
from services.database.engine import Database

CHUNK = 5_000
"""Records read at once: memory stays the same however long the journal is."""
MOST_TOLD = 20
"""Faults that are told one by one."""
ENDS = select(
    HEAD.c.number, HEAD.c.hash, select(func.coalesce(func.max(RECORD.c.number), 0)).scalar_subquery().label('newest')
)
"""What the head says and what there is, as of one moment: other processes go on writing."""


ALL = select(
    *(type_coerce(column, SmallInteger).label('act') if column.name == 'act' else column for column in RECORD.c)
).order_by(RECORD.c.number)
"""Every record; an act that the program does not know must not stop it."""


class Kind(StrEnum):
    """What is wrong; services.texts.ACCESS_FAULTS says it in words."""

    CHANGED = 'changed'
    MISSING = 'missing'
    PARTED = 'parted'
    CUT = 'cut'
    ADDED = 'added'
    OTHER = 'other'


@dataclass(frozen=True)
class Fault:
    """A place where the chain is broken."""

    kind: Kind
    number: int
    since: int = 0
    """For MISSING: the first number that is not there."""
    last: int = 0
    """For CUT: the number that the journal went up to."""


@dataclass
class Verdict:
    """What a check came to."""

    number: int
    hash: str
    """Of the newest record, by the chain's own head."""
    count: int = 0
    """Records gone through."""
    faults: list[Fault] = field(default_factory=list)
    """The first of them."""
    more: int = 0
    """Faults besides."""

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify(database: Database, noted: tuple[int, str] | None = None) -> Verdict:
    """Check every record up to the newest; blocks. `noted`: a number, and the hash that its record once had.

    Raises:
        Unavailable, Busy: see services.database.engine.
    """
    return database.read_now(lambda session: _verify(session, noted))


def _verify(session: Session, noted: tuple[int, str] | None) -> Verdict:
    head = session.execute(ENDS).one()
    verdict = Verdict(head.number, head.hash)
    number, last, seen = 0, BEGINNING, ''
    for record in _records(session, head.number):
        if record['number'] != number + 1:
            _tell(verdict, Fault(Kind.MISSING, record['number'], since=number + 1))
        elif record['previous'] != last:
            _tell(verdict, Fault(Kind.PARTED, record['number']))
        if digest(record) != record['hash'] or words(record['what'], record['about']) != record['words']:
            _tell(verdict, Fault(Kind.CHANGED, record['number']))
        verdict.count += 1
        number, last = record['number'], record['hash']
        if noted and noted[0] == number:
            seen = last
    if number < head.number:
        _tell(verdict, Fault(Kind.CUT, number, last=head.number))
    elif last != head.hash:
        _tell(verdict, Fault(Kind.OTHER, number))
    if head.newest > head.number:
        _tell(verdict, Fault(Kind.ADDED, head.number))
    if noted and seen != noted[1]:
        _tell(verdict, Fault(Kind.OTHER, noted[0]))
    return verdict


def _records(session: Session, newest: int) -> Iterator[dict[str, Any]]:
    number = None
    while True:
        chunk = ALL.where(RECORD.c.number <= newest).limit(CHUNK)
        if number is not None:
            chunk = chunk.where(RECORD.c.number > number)
        records = session.execute(chunk).mappings().all()
        yield from map(dict, records)
        if len(records) < CHUNK:
            return
        number = records[-1]['number']


def _tell(verdict: Verdict, fault: Fault) -> None:
    if len(verdict.faults) < MOST_TOLD:
        verdict.faults.append(fault)
    else:
        verdict.more += 1
