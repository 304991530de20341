"""The tables of the dictionaries, and the current entry of each of their rows (models.dictionaries)."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, Subquery, Table, func, select

from services.database.tables import MESSAGE_KIND_TABLE, ORGANIZATION_TABLE


def _current_entries(table: Table, name: str) -> Subquery:
    """Build the table that has the current entry for the id and the folded name of each row."""
    entry = table.alias()
    # A program of the version before, on another node, adds organisations without their names for sorting.
    sort_name = func.coalesce(entry.c.sort_name, entry.c.name_key) if 'sort_name' in entry.c else entry.c.name_key
    return (
        select(
            table.c.id,
            table.c.folded_name,
            entry.c.id.label('entry_id'),
            entry.c.name,
            entry.c.name_key,
            sort_name.label('sort_name'),
        )
        .join(entry, entry.c.id == func.coalesce(table.c.merged_into, table.c.id))
        .subquery(name)
    )


CURRENT_ORGANIZATION: Final = _current_entries(ORGANIZATION_TABLE, 'current_organization')
CURRENT_KIND: Final = _current_entries(MESSAGE_KIND_TABLE, 'current_kind')
CURRENT_ENTRIES: Final[Mapping[Table, Subquery]] = {
    ORGANIZATION_TABLE: CURRENT_ORGANIZATION,
    MESSAGE_KIND_TABLE: CURRENT_KIND,
}
"""By dictionary."""
MERGED_ROWS: Final = {
    table: select(table.c.id, table.c.merged_into).where(table.c.merged_into.is_not(None)) for table in CURRENT_ENTRIES
}
"""The statements that read which rows are merged into which, by dictionary."""


def load_groups(connection: Connection, table: Table) -> Mapping[int, tuple[int, ...]]:
    """Return the ids of the group of each row that is merged with others; any other row is a group of its own."""
    groups: dict[int, list[int]] = defaultdict(list)
    for id, current in connection.execute(MERGED_ROWS[table]):
        groups[current].append(id)
    ids_by_current = {current: tuple(sorted((current, *merged))) for current, merged in groups.items()}
    return {id: ids for ids in ids_by_current.values() for id in ids}
