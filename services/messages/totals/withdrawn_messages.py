"""Messages that their senders have withdrawn: their status is «Ошибка отправки», but nothing has failed.

They are read from the index of errors, so that the cost depends on their own number only.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, func, literal_column, select
from sqlmodel import Session

from models import MessageStatus
from services.access_scope.organization_scope import OrganizationScope, scope_conditions
from services.database.indexes.condition_indexes import ERROR_INDEX
from services.database.tables import MESSAGE_TABLE
from services.ingest.status_history import WITHDRAWN
from services.lists.organizations import OrganizationName
from services.messages.message_tables import MessageSource, message, organization
from services.messages.search.access_path import AccessPath
from services.messages.search.conditions import ERROR_KEY, filter_conditions
from services.messages.search.query_shape import BoundQuery, QueryShape
from services.messages.search.statements import STATEMENT_CACHE_SIZE, with_index_hint

_withdrawn = MESSAGE_TABLE.alias('withdrawn')
WITHDRAWN_KEYS: Final[Select[Any]] = (
    select(_withdrawn.c.place)
    .where(
        ERROR_KEY == WITHDRAWN,
        _withdrawn.c.status == literal_column(str(int(MessageStatus.FAILED))),
        _withdrawn.c.place >= bindparam('first', type_=BigInteger),
        _withdrawn.c.place < bindparam('end', type_=BigInteger),
    )
    .with_hint(_withdrawn, f'INDEXED BY {ERROR_INDEX}', 'sqlite')
)
"""The sort keys of the withdrawn messages of a period; the parameters are those of a range of sort keys."""
IS_NOT_WITHDRAWN: Final[ColumnElement[bool]] = message.c.place.not_in(WITHDRAWN_KEYS)
"""The condition that a message of the same period is not withdrawn."""


def count_in_range(session: Session, params: Mapping[str, int], scope: OrganizationScope | None) -> int:
    """Count the withdrawn messages of a scope in a range of sort keys."""
    keys = WITHDRAWN_KEYS.where(*scope_conditions(session, scope, _withdrawn))
    return int(session.execute(select(func.count()).select_from(keys.subquery()), params).scalar_one())


def count_by_organization(bound_query: BoundQuery) -> Mapping[OrganizationName, int]:
    """Count the withdrawn messages of a query without a name and a phone by organisation; without any, it has none."""
    if MessageStatus.FAILED not in (bound_query.query.statuses or MessageStatus):
        return {}
    withdrawn = bound_query.with_query(
        replace(bound_query.query, statuses=frozenset(), errors=frozenset({WITHDRAWN}), order=None)
    )
    rows = bound_query.connection.execute(_counts_statement(withdrawn.shape), withdrawn.params)
    return {OrganizationName(id, name): int(count) for id, name, count in rows}


@lru_cache(STATEMENT_CACHE_SIZE)
def _counts_statement(shape: QueryShape) -> Select[Any]:
    """Build the statement; the organisations are joined to the counts, so that the index has all that is read."""
    conditions = filter_conditions(shape, MessageSource(message, message.c.place), 'errors')
    counts = with_index_hint(
        select(message.c.organization_id, func.count().label('messages'))
        .where(*conditions)
        .group_by(message.c.organization_id),
        AccessPath(lead='errors'),
    ).subquery()
    return (
        select(organization.c.entry_id, organization.c.name, func.sum(counts.c.messages))
        .select_from(counts)
        .join(organization, organization.c.id == counts.c.organization_id)
        .group_by(organization.c.entry_id, organization.c.name)
    )
