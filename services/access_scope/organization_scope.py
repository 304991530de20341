"""The organisations to which an account is bound: stored, read, and changed."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlmodel import Session

from models import Account
from services.database.tables import ACCOUNT_ORGANIZATION_TABLE, ORGANIZATION_TABLE
from services.dictionaries.name_folding import fold_entry_name


@dataclass(frozen=True)
class OrganizationScope:
    """The only organisations whose data a user or a token may read."""

    ids: frozenset[int]
    """Rows of `organization`, any spelling of each organisation; empty if the user may read nothing."""


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
    folded_names = {fold_entry_name(name): name for name in names or ()}
    rows = session.execute(
        select(ORGANIZATION_TABLE.c.id, ORGANIZATION_TABLE.c.folded_name).where(
            ORGANIZATION_TABLE.c.folded_name.in_(list(folded_names))
        )
    )
    ids = {row.folded_name: row.id for row in rows}
    account.is_bound = names is not None
    session.execute(delete(ACCOUNT_ORGANIZATION_TABLE).where(ACCOUNT_ORGANIZATION_TABLE.c.account_id == account.id))
    if ids:
        values = [{'account_id': account.id, 'organization_id': id} for id in sorted(ids.values())]
        session.execute(insert(ACCOUNT_ORGANIZATION_TABLE), values)
    return frozenset(name for folded_name, name in folded_names.items() if folded_name not in ids)
