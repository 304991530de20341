"""Reading the journal of access: pages, totals, one record whole."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session

from models import Act
from services import days
from services.audit.audit_query import AccessQuery, AccessRow
from services.audit.hash_chain import RECORD
from services.database.engine import Database
from services.lists.query_protocol import PAGE_SIZES, Page, Period, Totals

TIME_LIMIT = 15.0
"""Seconds after which a search is stopped in the database."""
WEEK = timedelta(days=6)
"""Before today; with it, seven days."""
LAST_CHARACTER = '\U0010ffff'
FOUND = RECORD.alias()
CONTINUED = select(func.max(FOUND.c.number)).where(FOUND.c.continues == RECORD.c.number).scalar_subquery()
"""The record that holds what a search found."""
COUNTED = func.coalesce(
    RECORD.c.found, select(func.max(FOUND.c.found)).where(FOUND.c.continues == RECORD.c.number).scalar_subquery()
)
COLUMNS: dict[str, ColumnElement[Any]] = {
    name: COUNTED.label('found') if name == 'found' else RECORD.c[name] for name in AccessRow._fields
}


@dataclass(frozen=True)
class Record:
    """What opens under a row."""

    row: AccessRow
    previous: str
    hash: str
    continued: int | None
    """The number of the record that holds what the search found."""


class AccessJournal:
    """Searches the journal of access; a Source for the component that draws it."""

    def __init__(
        self, database: Database, zone: ZoneInfo, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Search in `database` by the days of `zone`; `now` tells the time (aware)."""
        self._database = database
        self.zone = zone
        self._now = now

    def query(self) -> AccessQuery:
        """Give the query that a page begins with: the last seven days."""
        today: date = self._now().astimezone(self.zone).date()
        return AccessQuery(period=Period(today - WEEK, today))

    async def page(self, query: AccessQuery, *, number: int, size: int, count: int | None = None) -> Page[AccessRow]:
        """Give a page of the result; see Source.

        Raises:
            ValueError: the size is not one of PAGE_SIZES.
        """
        query.check()
        if size not in PAGE_SIZES:
            raise ValueError(f'a page of {size} rows')
        return await self._database.read_within(
            TIME_LIMIT, lambda session: self._page(session, query, max(number, 1), size, count)
        )

    async def totals(self, query: AccessQuery) -> Totals:
        """Count the result; see Source."""
        query.check()
        return await self._database.read_within(TIME_LIMIT, lambda session: Totals(self._count(session, query)))

    async def details(self, number: int) -> Record | None:
        """Give a record whole; None when there is none of this number."""
        wanted = select(*COLUMNS.values(), RECORD.c.previous, RECORD.c.hash, CONTINUED.label('continued')).where(
            RECORD.c.number == number
        )
        found = await self._database.read(lambda session: session.execute(wanted).one_or_none())
        if found is None:
            return None
        row = AccessRow._make(found[: len(COLUMNS)])
        return Record(row, found.previous, found.hash, found.continued)

    def _page(self, session: Session, query: AccessQuery, number: int, size: int, count: int | None) -> Page[AccessRow]:
        rows = session.execute(self.statement(query, number, size)).all()
        if not rows and number > 1:
            count = self._count(session, query) if count is None else count
            number = max(-(-count // size), 1)
            rows = session.execute(self.statement(query, number, size)).all()
        return Page(number, [AccessRow._make(row) for row in rows])

    def statement(self, query: AccessQuery, number: int, size: int) -> Select[Any]:
        """Write what reads a page."""
        order = [RECORD.c.at.desc(), RECORD.c.number.desc()]
        if query.order:
            column = COLUMNS[query.order.column]
            # Where nothing was counted there is nothing to sort by: such rows come last either way.
            order = [(column.desc() if query.order.descending else column.asc()).nulls_last(), *order]
        found = select(*COLUMNS.values()).where(*self._conditions(query)).order_by(*order)
        return found.offset((number - 1) * size).limit(size)

    def _count(self, session: Session, query: AccessQuery) -> int:
        counted = select(func.count()).select_from(RECORD).where(*self._conditions(query))
        return int(session.execute(counted).scalar_one())

    def _conditions(self, query: AccessQuery) -> list[ColumnElement[bool]]:
        conditions = [RECORD.c.act != Act.FOUND]  # it stands in the row of its search
        if query.act:
            conditions.append(RECORD.c.act == query.act)
        if query.period.since:
            conditions.append(RECORD.c.at >= days.start(query.period.since, self.zone))
        if query.period.until:
            conditions.append(RECORD.c.at < days.end(query.period.until, self.zone))
        if name := query.asked_name:
            conditions += [RECORD.c.name >= name, RECORD.c.name <= name + LAST_CHARACTER]
        if address := query.asked_address:
            conditions.append(RECORD.c.address.startswith(address, autoescape=True))
        if words := query.asked_words:
            conditions.append(RECORD.c.words.contains(words, autoescape=True))
        return conditions
