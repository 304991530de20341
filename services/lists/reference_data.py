"""Reference data that grows by ingested data: medical organisations, kinds of messages and of documents."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import Select, Table, insert, select
from sqlmodel import Session

from services.database.engine import Database
from services.names import fold


@dataclass(frozen=True)
class ReferenceEntry:
    """An entry of reference data."""

    id: int
    name: str


E = TypeVar('E', bound=ReferenceEntry)


class ReferenceData(Generic[E]):
    """Reads a table of reference data; the ingest may add to it."""

    table: ClassVar[Table]
    """The table, with the columns id, name and name_key."""
    entry_class: type[E]

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[E]:
        """Return all entries, sorted by folded name.

        Raises:
            DatabaseError: see services.errors.
        """
        return await self._database.read(self.read)

    @classmethod
    def read(cls, session: Session) -> Sequence[E]:
        """Read all entries in a session, in the order of `statement`."""
        return [cls.entry_class(id=id, name=name) for id, name in session.execute(cls.statement())]

    @classmethod
    def statement(cls) -> Select[Any]:
        """Build the statement that reads the id and the name of all entries, sorted by folded name."""
        columns = cls.table.c
        return select(columns.id, columns.name).order_by(columns.name_key)


def get_or_create_ids(session: Session, table: Table, names: Collection[str]) -> dict[str, int]:
    """Return the ids of entries by name, and insert the missing entries."""
    id_by_name = _existing_ids(session, table, names)
    # Sorted, so that the same names always receive the same ids.
    missing = sorted(name for name in names if name not in id_by_name)
    if missing:
        session.execute(insert(table), [{'name': name, 'name_key': fold(name)} for name in missing])
        id_by_name |= _existing_ids(session, table, missing)
    return id_by_name


def _existing_ids(session: Session, table: Table, names: Iterable[str]) -> dict[str, int]:
    entries = select(table).where(table.c.name.in_(names))
    return {row.name: row.id for row in session.execute(entries)}
