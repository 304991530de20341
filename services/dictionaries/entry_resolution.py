"""The entries to which the names of incoming data belong; unknown names become entries."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table, func, insert, select
from sqlmodel import Session

from services.dictionaries.dictionary_tables import CURRENT_ENTRIES
from services.dictionaries.name_folding import fold_entry_name, fold_sort_name


class ResolvedName(NamedTuple):
    """The row of a spelling, and the name of its current entry."""

    row_id: int
    current_name: str


class EntryResolver:
    """The entries of one dictionary to which the messages or documents of one transaction refer."""

    def __init__(self, session: Session, table: Table, names: Iterable[str]) -> None:
        """Read the entries of incoming names.

        Args:
            session: a writing session; see services.database.engine.
            table: one of those in services.dictionaries.dictionary_tables.
            names: the incoming names; the first of several spellings is the name of a new entry.
        """
        self._session = session
        self._table = table
        self._first_spellings = _first_spellings(names)
        self._entries = _load_entries(session, table, self._first_spellings)
        self._stored: dict[UUID, ResolvedName] = {}
        self._folded_names: dict[tuple[UUID, str], str] = {}

    def add_stored(self, id: UUID, row_id: int, current_name: str) -> None:
        """Add the row to which a stored message or document refers, with the name of its current entry."""
        self._stored[id] = ResolvedName(row_id, current_name)

    def current_name(self, id: UUID, spelling: str) -> str:
        """Return the name of the current entry, by which messages are compared, for the incoming name of a message."""
        folded = fold_entry_name(spelling)
        entry = self._entries.get(folded)
        name = entry.current_name if entry else self._first_spellings[folded]
        self._folded_names[id, name] = folded
        return name

    def get_or_create_row_ids(self, current_names: Mapping[UUID, str]) -> dict[UUID, int]:
        """Return the row to which each message refers, by the name of its current entry; insert missing rows.

        A stored message refers to the same row as before, unless it now belongs to another entry: another spelling is
        no change.
        """
        stored, folded_names = {}, {}
        for id, name in current_names.items():
            if id in self._stored and self._stored[id].current_name == name:
                stored[id] = self._stored[id].row_id
            else:
                folded_names[id] = self._folded_names[id, name]
        _insert_missing(self._session, self._table, self._entries, folded_names.values(), self._first_spellings)
        return stored | {id: self._entries[folded].row_id for id, folded in folded_names.items()}


def get_or_create_ids(session: Session, table: Table, names: Iterable[str]) -> dict[str, int]:
    """Return the id of the row of each name; missing rows are inserted."""
    names = list(names)
    spellings = _first_spellings(names)
    entries = _load_entries(session, table, spellings)
    _insert_missing(session, table, entries, spellings, spellings)
    return {name: entries[fold_entry_name(name)].row_id for name in names}


def insert_entries(session: Session, table: Table, names: Mapping[str, str]) -> None:
    """Insert entries by folded name; the session must have locked out other writers (services.ingest.ingest_batch)."""
    rows: list[dict[str, Any]] = [
        {'name': name, 'name_key': folded, 'folded_name': folded} for folded, name in names.items()
    ]
    if 'sort_name' in table.c:
        rows = [{**row, 'sort_name': fold_sort_name(row['name'])} for row in rows]
    if 'position' in table.c:
        last: int = session.execute(select(func.coalesce(func.max(table.c.position), 0))).scalar_one()
        rows = [{**row, 'position': last + number} for number, row in enumerate(rows, start=1)]
    session.connection().execute(insert(table), rows)


def _first_spellings(names: Iterable[str]) -> dict[str, str]:
    """Return the first spelling by folded name."""
    spellings: dict[str, str] = {}
    for name in names:
        spellings.setdefault(fold_entry_name(name), name)
    return spellings


def _load_entries(session: Session, table: Table, folded_names: Collection[str]) -> dict[str, ResolvedName]:
    """Read the existing entries by folded name."""
    if not folded_names:  # receipts name no entry
        return {}
    current = CURRENT_ENTRIES[table].c
    statement = select(current.folded_name, current.id, current.name).where(current.folded_name.in_(list(folded_names)))
    return {folded: ResolvedName(id, name) for folded, id, name in session.execute(statement)}


def _insert_missing(
    session: Session,
    table: Table,
    entries: dict[str, ResolvedName],
    folded_names: Collection[str],
    spellings: Mapping[str, str],
) -> None:
    """Insert those of the folded names that have no entry, and add them to `entries`."""
    # Sorted, so that the same names always receive the same ids.
    missing = sorted(set(folded_names) - entries.keys(), key=spellings.__getitem__)
    if missing:
        insert_entries(session, table, {folded: spellings[folded] for folded in missing})
        entries |= _load_entries(session, table, missing)
