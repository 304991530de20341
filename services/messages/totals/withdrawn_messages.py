"""Messages that their senders have withdrawn: their status is «Ошибка отправки», but nothing has failed.

They are read from the index of errors, so that the cost depends on their own number only.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, Literal

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, bindparam, func, literal_column, select
from sqlmodel import Session

from models import MessageStatus
from models.message import ARRIVAL_BITS
from services.access_scope.organization_scope import OrganizationScope, scope_conditions
from services.database.indexes.condition_indexes import ERROR_INDEX
from services.database.tables import MESSAGE_TABLE
from services.ingest.status_history import WITHDRAWN
from services.lists.message_kinds import KindName
from services.lists.organizations import OrganizationName
from services.messages.message_tables import MessageSource, kind, message, organization
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
Dictionary = Literal['kind', 'organization']
ENTRIES: Final[Mapping[Dictionary, tuple[ColumnElement[int], FromClause]]] = {
    'kind': (message.c.kind, kind),
    'organization': (message.c.organization_id, organization),
}
"""The column of a message that refers to a dictionary, and the current entries of this dictionary."""


def count_in_range(session: Session, params: Mapping[str, int], scope: OrganizationScope | None) -> int:
    """Count the withdrawn messages of a scope in a range of sort keys."""
    keys = WITHDRAWN_KEYS.where(*scope_conditions(session, scope, _withdrawn))
    return int(session.execute(select(func.count()).select_from(keys.subquery()), params).scalar_one())


def count_by_organization(bound_query: BoundQuery) -> Mapping[OrganizationName, int]:
    """Count the withdrawn messages of a query without a name and a phone by organisation; without any, it has none."""
    return {OrganizationName(id, name): count for id, name, count in _count_by_entry(bound_query, 'organization')}


def count_by_kind(bound_query: BoundQuery) -> Mapping[KindName, int]:
    """Count the withdrawn messages by kind; see `count_by_organization`."""
    return {KindName(id, name): count for id, name, count in _count_by_entry(bound_query, 'kind')}


def count_by_day(bound_query: BoundQuery) -> Mapping[date, int]:
    """Count the withdrawn messages by the day by which they are listed; see `count_by_organization`."""
    withdrawn = _withdrawn_query(bound_query)
    if withdrawn is None:
        return {}
    keys = withdrawn.connection.execute(_keys_statement(withdrawn.shape), withdrawn.params).scalars()
    return Counter(datetime.fromtimestamp(key >> ARRIVAL_BITS, withdrawn.zone).date() for key in keys)


def _count_by_entry(bound_query: BoundQuery, dictionary: Dictionary) -> Iterator[tuple[int, str, int]]:
    """Yield the current entries of a dictionary that have withdrawn messages: the id, the name and their number."""
    if withdrawn := _withdrawn_query(bound_query):
        statement = _counts_statement(withdrawn.shape, dictionary)
        for id, name, count in withdrawn.connection.execute(statement, withdrawn.params):
            yield id, name, int(count)


def _withdrawn_query(bound_query: BoundQuery) -> BoundQuery | None:
    """Return the query that finds the withdrawn messages among those of a query; None if its statuses exclude them."""
    if MessageStatus.FAILED not in (bound_query.query.statuses or MessageStatus):
        return None
    return bound_query.with_query(
        replace(bound_query.query, statuses=frozenset(), errors=frozenset({WITHDRAWN}), order=None)
    )


@lru_cache(STATEMENT_CACHE_SIZE)
def _counts_statement(shape: QueryShape, dictionary: Dictionary) -> Select[Any]:
    """Build the statement; the entries are joined to the counts, so that the index has all that is read."""
    row_id, entries = ENTRIES[dictionary]
    counts = (
        _from_error_index(shape, row_id.label('row_id'), func.count().label('messages')).group_by(row_id).subquery()
    )
    return (
        select(entries.c.entry_id, entries.c.name, func.sum(counts.c.messages))
        .select_from(counts)
        .join(entries, entries.c.id == counts.c.row_id)
        .group_by(entries.c.entry_id, entries.c.name)
    )


@lru_cache(STATEMENT_CACHE_SIZE)
def _keys_statement(shape: QueryShape) -> Select[Any]:
    return _from_error_index(shape, message.c.place)


def _from_error_index(shape: QueryShape, *columns: ColumnElement[Any]) -> Select[Any]:
    conditions = filter_conditions(shape, MessageSource(message, message.c.place), 'errors')
    return with_index_hint(select(*columns).where(*conditions), AccessPath(lead='errors'))
