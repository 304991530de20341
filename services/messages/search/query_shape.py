"""What a query asks for, its values apart: all queries of one shape share one statement, put together once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlmodel import Session

from models import MessageStatus
from models.message import first_place
from services import days
from services.lists.query_protocol import Order
from services.messages.message_query import MessageQuery
from services.messages.search import postgresql_dialect
from services.messages.search.selectivity import Commonness
from services.messages.search.text_condition import TextSearch, TextShape


@dataclass(frozen=True)
class Shape:
    """Which conditions a query has."""

    since: bool
    until: bool
    organization: bool
    kind: bool
    statuses: tuple[MessageStatus, ...]
    """Empty when any will do."""
    waiting_long: bool
    text: TextShape
    order: Order | None

    @property
    def chooses(self) -> bool:
        """Whether more is asked of a message than its period and its text."""
        return bool(self.organization or self.kind or self.statuses or self.waiting_long)


@dataclass(frozen=True)
class Asked:
    """A query as it is asked of one connection."""

    connection: Connection
    query: MessageQuery
    zone: ZoneInfo
    commonness: Commonness
    now: datetime

    @classmethod
    def of(cls, session: Session, query: MessageQuery, zone: ZoneInfo, commonness: Commonness, now: datetime) -> Self:
        """Ask a query of a session's connection, at the moment `now` (aware)."""
        return cls(session.connection(), query, zone, commonness, now)

    @property
    def engine(self) -> str:
        """Give the engine's name."""
        return self.connection.dialect.name

    @cached_property
    def search(self) -> TextSearch:
        """Give what is asked of name and phone."""
        return TextSearch.of(self.query.name, self.query.phone)

    @property
    def kept(self) -> bool:
        """Whether the totals that the database keeps ready, and the pages found by them, are this query's own."""
        return not self.search and self.query.older_than is None

    @cached_property
    def shape(self) -> Shape:
        """Give the shape of the query."""
        query, statuses = self.query, self.query.statuses
        return Shape(
            since=query.period.since is not None,
            until=query.period.until is not None,
            organization=query.organization is not None,
            kind=query.kind is not None,
            statuses=tuple(sorted(statuses)) if len(statuses) < len(MessageStatus) else (),
            waiting_long=query.older_than is not None,
            text=self.search.shape,
            order=query.order,
        )

    @cached_property
    def values(self) -> dict[str, Any]:
        """Give what stands in the places that a statement of this shape leaves open."""
        query = self.query
        found: dict[str, Any] = self.search.values(postgresql_dialect.contained if self.engine == 'postgresql' else str)
        if query.period.since:
            found['since'] = first_place(days.start(query.period.since, self.zone))
        if query.period.until:
            found['until'] = first_place(days.end(query.period.until, self.zone)) - 1
        if query.organization:
            found['organization'] = query.organization.id
        if query.kind:
            found['kind'] = query.kind
        if query.older_than:
            found['queued_before'] = self.now - timedelta(minutes=query.older_than)
        return found

    @cached_property
    def tens(self) -> list[int] | None:
        """Give the tens of days that PostgreSQL's text index is asked for alone; None for all, and on SQLite."""
        since, until = self.query.period.since, self.query.period.until
        return (
            postgresql_dialect.tens_of_days(since, until) if self.engine == 'postgresql' and since and until else None
        )

    def about(self, query: MessageQuery) -> Self:
        """Ask another query of the same connection."""
        return replace(self, query=query)
