"""Dictionaries of names that grow by what comes in: medical organisations, kinds of documents."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from sqlalchemy import Table, insert, select
from sqlmodel import Session

from services.database.engine import Database
from services.names import fold


@dataclass(frozen=True)
class Entry:
    """An entry of a dictionary."""

    id: int
    name: str


E = TypeVar('E', bound=Entry)


class Dictionary(Generic[E]):
    """Reads a dictionary; the feed adds to it."""

    table: ClassVar[Table]
    """Has the columns id, name and name_key."""
    entry: type[E]

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[E]:
        """Give every entry, sorted by its folded name."""
        return await self._database.read(self.read)

    @classmethod
    def read(cls, session: Session) -> Sequence[E]:
        """Read every entry, sorted by its folded name."""
        columns = cls.table.c
        found = session.execute(select(columns.id, columns.name).order_by(columns.name_key))
        return [cls.entry(id=id, name=name) for id, name in found]


def ids(session: Session, table: Table, names: Collection[str]) -> dict[str, int]:
    """Give the ids of entries by their names; those not yet in the dictionary join it."""
    known = _known(session, table, names)
    # Sorted, so that the same names number the dictionary the same way every time.
    if unknown := sorted(name for name in names if name not in known):
        session.execute(insert(table), [{'name': name, 'name_key': fold(name)} for name in unknown])
        known |= _known(session, table, unknown)
    return known


def _known(session: Session, table: Table, names: Iterable[str]) -> dict[str, int]:
    found = select(table).where(table.c.name.in_(names))
    return {row.name: row.id for row in session.execute(found)}
