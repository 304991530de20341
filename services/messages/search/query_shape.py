"""A query without its values, and a query bound to a connection: queries of one shape share one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlmodel import Session

from models import MessageStatus
from models.message import first_sort_key
from services import days
from services.database.tables import MESSAGE_KIND_TABLE, ORGANIZATION_TABLE
from services.dictionaries.dictionary_tables import load_groups
from services.lists.query_protocol import Order
from services.messages.delivery import DEFAULT_TIMEOUTS, DeliveryCondition, DeliveryTimeouts
from services.messages.message_query import MessageQuery
from services.messages.search.dialects import postgresql_dialect
from services.messages.search.planner_settings import DEFAULT_SETTINGS, PlannerSettings
from services.messages.search.selectivity import TokenSelectivity
from services.messages.search.text_condition import TextCondition, TextShape


@dataclass(frozen=True)
class QueryShape:
    """The conditions that a query has, without their values."""

    since: bool
    until: bool
    organizations: int
    """The number of rows in the group of the organisation; 0 if any organisation fits."""
    kinds: int
    """The number of rows in the group of the kind; 0 if any kind fits."""
    statuses: tuple[MessageStatus, ...]
    """Empty if any status fits."""
    has_min_waiting_time: bool
    text: TextShape
    order: Order | None
    delivery: DeliveryCondition | None = None

    @property
    def has_filters(self) -> bool:
        """Whether the query has other conditions than its period and its text."""
        return bool(self.organizations or self.kinds or self.statuses or self.has_unindexed_filters)

    @property
    def has_unindexed_filters(self) -> bool:
        """Whether a condition needs columns that no covering index and no aggregate has."""
        return self.has_min_waiting_time or self.delivery is not None


class EntryGroups:
    """The rows of the dictionaries that stand for the same entry; read when they are first needed, and only once."""

    def __init__(self, connection: Connection) -> None:
        """Read by `connection`."""
        self._connection = connection

    def organization_ids(self, id: int) -> tuple[int, ...]:
        """Return the ids of the rows of an organisation, in ascending order."""
        return self._organizations.get(id, (id,))

    def kind_ids(self, id: int) -> tuple[int, ...]:
        """Return the ids of the rows of a kind, in ascending order."""
        return self._kinds.get(id, (id,))

    @cached_property
    def _organizations(self) -> Mapping[int, tuple[int, ...]]:
        return load_groups(self._connection, ORGANIZATION_TABLE)

    @cached_property
    def _kinds(self) -> Mapping[int, tuple[int, ...]]:
        return load_groups(self._connection, MESSAGE_KIND_TABLE)


@dataclass(frozen=True)
class BoundQuery:
    """A query bound to a connection, with what is needed to plan and run it."""

    connection: Connection
    query: MessageQuery
    zone: ZoneInfo
    selectivity: TokenSelectivity
    now: datetime
    groups: EntryGroups
    settings: PlannerSettings = DEFAULT_SETTINGS
    timeouts: DeliveryTimeouts = DEFAULT_TIMEOUTS

    @classmethod
    def bind(
        cls,
        session: Session,
        query: MessageQuery,
        zone: ZoneInfo,
        selectivity: TokenSelectivity,
        now: datetime,
        settings: PlannerSettings = DEFAULT_SETTINGS,
        timeouts: DeliveryTimeouts = DEFAULT_TIMEOUTS,
    ) -> Self:
        """Bind a query to a session's connection, at the moment `now` (aware)."""
        connection = session.connection()
        return cls(connection, query, zone, selectivity, now, EntryGroups(connection), settings, timeouts)

    @property
    def engine(self) -> str:
        """The engine: `sqlite` or `postgresql`."""
        return self.connection.dialect.name

    @cached_property
    def text_condition(self) -> TextCondition:
        """The condition on name and phone."""
        return TextCondition.parse(self.query.name, self.query.phone)

    @property
    def has_aggregates(self) -> bool:
        """Whether the aggregates that the database maintains add up to this query's totals."""
        return not self.text_condition and self.query.older_than is None and self.query.delivery is None

    @cached_property
    def organization_ids(self) -> tuple[int, ...]:
        """The rows of the query's organisation; empty if any organisation fits."""
        return self.groups.organization_ids(self.query.organization.id) if self.query.organization else ()

    @cached_property
    def kind_ids(self) -> tuple[int, ...]:
        """The rows of the query's kind; empty if any kind fits."""
        return self.groups.kind_ids(self.query.kind.id) if self.query.kind else ()

    @cached_property
    def shape(self) -> QueryShape:
        """The structure of the query."""
        query, statuses = self.query, self.query.statuses
        return QueryShape(
            since=query.period.since is not None,
            until=query.period.until is not None,
            organizations=len(self.organization_ids),
            kinds=len(self.kind_ids),
            statuses=tuple(sorted(statuses)) if len(statuses) < len(MessageStatus) else (),
            has_min_waiting_time=query.older_than is not None,
            text=self.text_condition.shape,
            order=query.order,
            delivery=query.delivery,
        )

    @cached_property
    def params(self) -> dict[str, Any]:
        """The parameters of a statement of this shape."""
        query = self.query
        params: dict[str, Any] = self.text_condition.params(
            postgresql_dialect.to_like_operand if self.engine == 'postgresql' else str
        )
        if query.period.since:
            params['since'] = first_sort_key(days.day_start(query.period.since, self.zone))
        if query.period.until:
            params['until'] = first_sort_key(days.day_end(query.period.until, self.zone)) - 1
        params |= numbered_params('organization', self.organization_ids)
        params |= numbered_params('kind', self.kind_ids)
        if query.older_than:
            params['queued_before'] = self.now - timedelta(minutes=query.older_than)
        if query.delivery:
            params['answer_deadline'] = first_sort_key(self.timeouts.answer_deadline(self.now))
            params['waiting_deadline'] = self.timeouts.waiting_deadline(self.now)
            params['appointment_deadline'] = self.now
        return params

    @cached_property
    def ten_day_blocks(self) -> list[int] | None:
        """The ten-day blocks to which PostgreSQL's text index is limited; None for no limit, and on SQLite."""
        since, until = self.query.period.since, self.query.period.until
        if self.engine != 'postgresql' or not since or not until:
            return None
        return postgresql_dialect.ten_day_blocks(since, until, self.settings.max_ten_day_blocks)

    def with_query(self, query: MessageQuery) -> Self:
        """Return another query, bound to the same connection."""
        return replace(self, query=query)


def numbered_params(name: str, values: Sequence[int]) -> dict[str, int]:
    """Return the parameters of services.messages.search.conditions.is_one_of."""
    return {f'{name}_{number}': value for number, value in enumerate(values)}
