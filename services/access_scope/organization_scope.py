"""The organisations to which an account is bound: stored, read, changed, and as a condition of statements."""

from collections.abc import Collection
from copy import copy
from dataclasses import dataclass
from typing import Self

from sqlalchemy import ColumnElement, Connection, Integer, delete, insert, literal_column, select
from sqlalchemy.sql.selectable import NamedFromClause
from sqlmodel import Session

from models import Account
from services.database.tables import ACCOUNT_ORGANIZATION_TABLE, ORGANIZATION_TABLE
from services.dictionaries.dictionary_tables import CURRENT_ORGANIZATION, load_groups
from services.dictionaries.name_folding import fold_entry_name


@dataclass(frozen=True)
class OrganizationScope:
    """The only organisations whose data a user or a token may read."""

    ids: frozenset[int]
    """Rows of `organization`, any spelling of each organisation; empty if the user may read nothing."""


class ScopedService:
    """A service that reads data of organisations: of all of them, or of those of a scope."""

    _scope: OrganizationScope | None = None

    def within(self, scope: OrganizationScope) -> Self:
        """Return the service that reads only the data of the organisations of a scope; it shares all other state."""
        scoped = copy(self)
        scoped._scope = scope
        return scoped


def read_row_ids(connection: Connection, scope: OrganizationScope | None) -> list[int] | None:
    """Return the rows of all spellings of the organisations of a scope, in ascending order; None if there is no scope.

    They are read anew each time, because spellings are merged and separated while users work.
    """
    if scope is None:
        return None
    groups = load_groups(connection, ORGANIZATION_TABLE)
    return sorted({id for organization_id in scope.ids for id in groups.get(organization_id, (organization_id,))})


def scope_conditions(
    session: Session, scope: OrganizationScope | None, source: NamedFromClause
) -> list[ColumnElement[bool]]:
    """Build the condition that the rows of a table are of the organisations of a scope; none if there is no scope.

    Searches of messages have it by BoundQuery. This is for statements that another condition limits to few rows.
    """
    ids = read_row_ids(session.connection(), scope)
    # Unary plus hides the index on the organisation, because the other condition leaves fewer rows.
    return [] if ids is None else [literal_column(f'+{source.name}.organization_id', Integer).in_(ids)]


def read_account_scope(session: Session, account: Account) -> OrganizationScope | None:
    """Return the scope of an account; None if it may read the data of every organisation."""
    if not account.is_bound:
        return None
    organization_id = ACCOUNT_ORGANIZATION_TABLE.c.organization_id
    ids = session.execute(select(organization_id).where(ACCOUNT_ORGANIZATION_TABLE.c.account_id == account.id))
    return OrganizationScope(frozenset(ids.scalars()))


def set_account_scope(session: Session, account: Account, names: Collection[str] | None) -> frozenset[str]:
    """Bind an account to organisations in the transaction of the caller, which also records the change.

    Args:
        session: a writing session.
        account: a stored account.
        names: the names of the organisations in any spelling; None lifts the restriction.

    Returns:
        Those of the names that the dictionary does not have; the account is bound to the others. If none is left,
        the account reads nothing.
    """
    ids, unknown_names = find_organization_ids(session, names or ())
    account.is_bound = names is not None
    session.execute(delete(ACCOUNT_ORGANIZATION_TABLE).where(ACCOUNT_ORGANIZATION_TABLE.c.account_id == account.id))
    if ids:
        values = [{'account_id': account.id, 'organization_id': id} for id in sorted(ids)]
        session.execute(insert(ACCOUNT_ORGANIZATION_TABLE), values)
    return unknown_names


def find_organization_ids(session: Session, names: Collection[str]) -> tuple[frozenset[int], frozenset[str]]:
    """Return the rows of organisations by their names in any spelling, and the names that the dictionary lacks."""
    folded_names = {fold_entry_name(name): name for name in names}
    rows = session.execute(
        select(ORGANIZATION_TABLE.c.id, ORGANIZATION_TABLE.c.folded_name).where(
            ORGANIZATION_TABLE.c.folded_name.in_(list(folded_names))
        )
    )
    ids = {row.folded_name: row.id for row in rows}
    unknown = frozenset(name for folded_name, name in folded_names.items() if folded_name not in ids)
    return frozenset(ids.values()), unknown


def read_names(session: Session, scope: OrganizationScope | None) -> tuple[str, ...] | None:
    """Return the current names of the organisations of a scope, sorted; None if there is no scope."""
    if scope is None:
        return None
    current = CURRENT_ORGANIZATION.c
    rows = session.execute(
        select(current.name, current.name_key).where(current.id.in_(scope.ids)).distinct().order_by(current.name_key)
    )
    return tuple(row.name for row in rows)
