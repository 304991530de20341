"""The organisations and kinds of a search by their names, in any spelling that the dictionaries know."""

from collections.abc import Collection
from typing import TypeVar

from sqlalchemy import Table, select
from sqlmodel import Session

from services import texts
from services.database.tables import MESSAGE_KIND_TABLE, ORGANIZATION_TABLE
from services.dictionaries.dictionary_tables import CURRENT_ENTRIES
from services.dictionaries.name_folding import fold_entry_name
from services.lists.message_kinds import KindName
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import InvalidQueryError
from services.lists.reference_data import ReferenceEntry

E = TypeVar('E', bound=ReferenceEntry)


def find_organizations(session: Session, names: Collection[str]) -> frozenset[OrganizationName]:
    """Return the current entries of organisations.

    Raises:
        InvalidQueryError: the dictionary has no such organisation; the field is `organizations`.
    """
    return _find_entries(session, ORGANIZATION_TABLE, OrganizationName, names, 'organizations')


def find_kinds(session: Session, names: Collection[str]) -> frozenset[KindName]:
    """Return the current entries of kinds of messages.

    Raises:
        InvalidQueryError: the dictionary has no such kind; the field is `kinds`.
    """
    return _find_entries(session, MESSAGE_KIND_TABLE, KindName, names, 'kinds')


def _find_entries(
    session: Session, table: Table, entry_class: type[E], names: Collection[str], field: str
) -> frozenset[E]:
    if not names:
        return frozenset()
    current = CURRENT_ENTRIES[table].c
    statement = select(current.folded_name, current.entry_id, current.name).where(
        current.folded_name.in_({fold_entry_name(name) for name in names})
    )
    entries = {folded: entry_class(id, name) for folded, id, name in session.execute(statement)}
    for name in names:
        if fold_entry_name(name) not in entries:
            raise InvalidQueryError(field, texts.API_UNKNOWN_NAMES[field].format(name=name))
    return frozenset(entries.values())
