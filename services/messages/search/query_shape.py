"""A query without its values, and a query bound to a connection: queries of one shape share one statement."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlmodel import Session

from models import MessageStatus
from models.message import ARRIVAL_BITS, first_sort_key
from services import days
from services.access_scope.organization_scope import OrganizationScope
from services.access_scope.scoped_query import limit_to_scope
from services.database.indexes.condition_indexes import appointment_day
from services.database.tables import MESSAGE_KIND_TABLE, ORGANIZATION_TABLE
from services.dictionaries.dictionary_tables import load_groups
from services.lists.query_protocol import Order
from services.lists.reference_data import ReferenceEntry
from services.messages.delivery import DEFAULT_TIMEOUTS, DeliveryCondition, DeliveryTimeouts
from services.messages.message_codes import code_range
from services.messages.message_query import MessageQuery
from services.messages.search.dialects import postgresql_dialect
from services.messages.search.planner_settings import DEFAULT_SETTINGS, PlannerSettings
from services.messages.search.selectivity import TokenSelectivity
from services.messages.search.text_condition import TextCondition, TextShape
from services.name_parts.surnames import typed_surnames

V = TypeVar('V', int, str)


@dataclass(frozen=True)
class QueryShape:
    """The conditions that a query has, without their values."""

    since: bool
    until: bool
    organizations: int
    """The number of rows in the groups of the organisations; 0 if any organisation fits."""
    kinds: int
    """The number of rows in the groups of the kinds; 0 if any kind fits."""
    statuses: tuple[MessageStatus, ...]
    """Empty if any status fits."""
    has_min_waiting_time: bool
    text: TextShape
    order: Order | None
    delivery: DeliveryCondition | None = None
    has_code: bool = False
    errors: int = 0
    """The number of errors; 0 if any error fits, and no error."""
    appointment_since: bool = False
    appointment_until: bool = False
    appointment_days: int = 0
    """The number of days of appointments; 0 if they are not limited on both sides, or too many."""
    surnames: int = 0
    """The number of surnames; 0 if any surname fits."""

    @property
    def has_filters(self) -> bool:
        """Whether the query has other conditions than its period and its text."""
        return bool(self.organizations or self.kinds or self.statuses or self.has_unindexed_filters)

    @property
    def has_unindexed_filters(self) -> bool:
        """Whether a condition needs columns that no covering index and no aggregate has."""
        has_keys = bool(self.errors or self.surnames)
        return self.has_min_waiting_time or self.delivery is not None or has_keys or self.has_appointment

    @property
    def is_waiting(self) -> bool:
        """Whether only messages fit that have been waiting for some time."""
        return self.has_min_waiting_time or self.delivery is DeliveryCondition.OVERDUE

    @property
    def has_appointment(self) -> bool:
        """Whether the time of the appointment is limited."""
        return self.appointment_since or self.appointment_until


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
    """The query as it is applied, with the organisations of the scope."""
    zone: ZoneInfo
    selectivity: TokenSelectivity
    now: datetime
    groups: EntryGroups
    settings: PlannerSettings = DEFAULT_SETTINGS
    timeouts: DeliveryTimeouts = DEFAULT_TIMEOUTS
    before: int | None = None
    """The sort key before which messages fit; None for no such limit. It is not later than the end of the period."""
    scope: OrganizationScope | None = None
    """The only organisations whose messages fit, whatever the query is; None for all."""

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
        scope: OrganizationScope | None = None,
    ) -> Self:
        """Bind a query to a session's connection, at the moment `now` (aware), within the scope of whoever asks."""
        connection = session.connection()
        groups = EntryGroups(connection)
        applied = limit_to_scope(query.applied, scope, groups)
        return cls(connection, applied, zone, selectivity, now, groups, settings, timeouts, scope=scope)

    @property
    def engine(self) -> str:
        """The engine: `sqlite` or `postgresql`."""
        return self.connection.dialect.name

    @cached_property
    def text_condition(self) -> TextCondition:
        """The condition on name and phone; a surname that was typed alone is a condition of its own."""
        typed = self._typed_text
        return typed.without_name() if self.query.surname_only and typed.has_single_words else typed

    @cached_property
    def surnames(self) -> tuple[str, ...]:
        """The surnames of the people who are searched for; empty if any surname fits."""
        return typed_surnames(self._typed_text.name_patterns) if self.query.surname_only else ()

    @cached_property
    def _typed_text(self) -> TextCondition:
        return TextCondition.parse(self.query.name, self.query.phone)

    @property
    def has_aggregates(self) -> bool:
        """Whether the aggregates that the database maintains add up to this query's totals."""
        return not (self.text_condition or self.shape.has_unindexed_filters or self.shape.has_code)

    @cached_property
    def organization_ids(self) -> tuple[int, ...]:
        """The rows of the query's organisations; empty if any organisation fits."""
        return _join_groups(self.query.organizations, self.groups.organization_ids)

    @cached_property
    def scope_rows(self) -> Sequence[int] | None:
        """The rows of the organisations of the scope, whatever the query has chosen; None for all organisations."""
        if self.scope is None:
            return None
        return sorted({row_id for id in self.scope.ids for row_id in self.groups.organization_ids(id)})

    @cached_property
    def kind_ids(self) -> tuple[int, ...]:
        """The rows of the query's kinds; empty if any kind fits."""
        return _join_groups(self.query.kinds, self.groups.kind_ids)

    @cached_property
    def appointment_days(self) -> range:
        """The days of the appointments; empty if they are not limited on both sides, or too many."""
        bounds = self._appointment_bounds
        if not self.query.appointment.since or not self.query.appointment.until:
            return range(0)
        found = range(bounds['first_appointment_day'], bounds['last_appointment_day'] + 1)
        return found if len(found) <= self.settings.max_appointment_days else range(0)

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
            has_code=query.code is not None,
            errors=len(query.errors),
            appointment_since=query.appointment.since is not None,
            appointment_until=query.appointment.until is not None,
            appointment_days=len(self.appointment_days),
            surnames=len(self.surnames),
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
            if self.before is not None:
                params['until'] = min(params['until'], self.before - 1)
        params |= numbered_params('organization', self.organization_ids)
        params |= numbered_params('kind', self.kind_ids)
        params |= numbered_params('error', sorted(query.errors)) | numbered_params('surname', self.surnames)
        params |= self._appointment_bounds | numbered_params('appointment_day', self.appointment_days)
        if query.older_than:
            params['queued_before'] = self.now - timedelta(minutes=query.older_than)
        if query.code:
            params['code_first'], params['code_last'] = code_range(query.code)
        if query.delivery:
            params['answer_deadline'] = first_sort_key(self.timeouts.answer_deadline(self.now))
            params['waiting_deadline'] = self.timeouts.waiting_deadline(self.now)
            params['appointment_deadline'] = self.now
        return params

    @cached_property
    def _appointment_bounds(self) -> dict[str, Any]:
        """The parameters of the first and the last moment of the appointments, and of the days of both."""
        since, until = self.query.appointment.since, self.query.appointment.until
        params: dict[str, Any] = {}
        if since:
            start = days.day_start(since, self.zone)
            params |= {'appointment_since': start, 'first_appointment_day': appointment_day(start)}
        if until:
            end = days.day_end(until, self.zone)
            last = appointment_day(end - timedelta(seconds=1))
            params |= {'appointment_until': end, 'last_appointment_day': last}
        return params

    @cached_property
    def ten_day_blocks(self) -> list[int] | None:
        """The ten-day blocks to which PostgreSQL's text index is limited; None for no limit, and on SQLite."""
        since, until = self.query.period.since, self.query.period.until
        if self.engine != 'postgresql' or not since or not until:
            return None
        return postgresql_dialect.ten_day_blocks(since, until, self.settings.max_ten_day_blocks)

    def with_query(self, query: MessageQuery) -> Self:
        """Return another query of the same scope, bound to the same connection."""
        return replace(self, query=limit_to_scope(query, self.scope, self.groups))

    def of_whole_journal(self, query: MessageQuery) -> Self:
        """Return another query without the scope; it is for estimates alone, which nobody sees."""
        return replace(self, query=query, scope=None)

    def starting_before(self, sort_key: int) -> Self:
        """Return the query for the messages before a sort key; its period ends on the day of the key, for the plan."""
        day = datetime.fromtimestamp(sort_key >> ARRIVAL_BITS, UTC).astimezone(self.zone).date()
        until = min(day, self.query.period.until or day)
        return replace(self, query=replace(self.query, period=replace(self.query.period, until=until)), before=sort_key)


def _join_groups(entries: Iterable[ReferenceEntry], group_ids: Callable[[int], tuple[int, ...]]) -> tuple[int, ...]:
    """Return the ids of the rows of all groups, in ascending order; chosen spellings may be of one group."""
    return tuple(sorted({id for entry in entries for id in group_ids(entry.id)}))


def numbered_params(name: str, values: Sequence[V]) -> dict[str, V]:
    """Return the parameters of services.messages.search.conditions.is_one_of."""
    return {f'{name}_{number}': value for number, value in enumerate(values)}
