"""The organisations and kinds of a search by their names, in any spelling that the dictionaries know."""

from collections.abc import Collection
from typing import TypeVar

from sqlalchemy import Table, select
from sqlmodel import Session

from services import texts
from services.access_scope.organization_scope import OrganizationScope, read_row_ids
from services.database.tables import MESSAGE_KIND_TABLE, ORGANIZATION_TABLE
from services.dictionaries.dictionary_tables import CURRENT_ENTRIES
from services.dictionaries.name_folding import fold_entry_name
from services.lists.message_kinds import KindName
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import InvalidQueryError
from services.lists.reference_data import ReferenceEntry

E = TypeVar('E', bound=ReferenceEntry)


def find_organizations(
    session: Session, names: Collection[str], scope: OrganizationScope | None = None
) -> frozenset[OrganizationName]:
    """Return the current entries of organisations.

    Raises:
        InvalidQueryError: the dictionary has no such organisation, or it is outside the scope; the field is
            `organizations`.
    """
    own_ids = read_row_ids(session.connection(), scope)
    return _find_entries(session, ORGANIZATION_TABLE, OrganizationName, names, 'organizations', own_ids)


def find_kinds(session: Session, names: Collection[str]) -> frozenset[KindName]:
    """Return the current entries of kinds of messages.

    Raises:
        InvalidQueryError: the dictionary has no such kind; the field is `kinds`.
    """
    return _find_entries(session, MESSAGE_KIND_TABLE, KindName, names, 'kinds')


def _find_entries(
    session: Session,
    table: Table,
    entry_class: type[E],
    names: Collection[str],
    field: str,
    own_ids: Collection[int] | None = None,
) -> frozenset[E]:
    if not names:
        return frozenset()
    current = CURRENT_ENTRIES[table].c
    statement = select(current.folded_name, current.entry_id, current.name).where(
        current.folded_name.in_({fold_entry_name(name) for name in names})
    )
    entries = {
        folded: entry_class(id, name)
        for folded, id, name in session.execute(statement)
        if own_ids is None or id in own_ids
    }
    for name in names:
        if fold_entry_name(name) not in entries:
            raise InvalidQueryError(field, texts.API_UNKNOWN_NAMES[field].format(name=name))
    return frozenset(entries.values())
