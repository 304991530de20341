"""Read the audit log: pages and totals of the list, and the details of one record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session

from models import AuditEvent
from services import days
from services.audit.audit_query import AuditQuery, AuditRow
from services.database.engine import Database
from services.database.tables import ACCESS_RECORD_TABLE
from services.lists.query_protocol import PAGE_SIZES, Page, Period, Totals

QUERY_TIMEOUT_SECONDS = 15.0
"""Seconds after which the database cancels a search."""
DEFAULT_PERIOD = timedelta(days=6)
"""The days before today in the initial query; together with today seven days."""
LAST_CHARACTER = '\U0010ffff'
COUNT_RECORD = ACCESS_RECORD_TABLE.alias()
COUNT_RECORD_NUMBER = (
    select(func.max(COUNT_RECORD.c.number))
    .where(COUNT_RECORD.c.continues == ACCESS_RECORD_TABLE.c.number)
    .scalar_subquery()
)
"""The number of the record that contains the row count of a search."""
RESULT_COUNT = func.coalesce(
    ACCESS_RECORD_TABLE.c.found,
    select(func.max(COUNT_RECORD.c.found))
    .where(COUNT_RECORD.c.continues == ACCESS_RECORD_TABLE.c.number)
    .scalar_subquery(),
)
COLUMNS: dict[str, ColumnElement[Any]] = {
    name: RESULT_COUNT.label('found') if name == 'found' else ACCESS_RECORD_TABLE.c[name] for name in AuditRow._fields
}


@dataclass(frozen=True)
class AuditRecordDetails:
    """The details of a row."""

    row: AuditRow
    previous: str
    hash: str
    count_record: int | None
    """The number of the record that contains the row count of the search."""


class AuditRecords:
    """Search the audit log; a ListSource for the list page (see services.lists.query_protocol)."""

    def __init__(
        self, database: Database, zone: ZoneInfo, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Search in `database` by calendar days of `zone`; `now` returns the current time (timezone-aware)."""
        self._database = database
        self.zone = zone
        self._now = now

    def default_query(self) -> AuditQuery:
        """Return the initial query of a page: the last seven days."""
        today: date = self._now().astimezone(self.zone).date()
        return AuditQuery(period=Period(today - DEFAULT_PERIOD, today))

    async def page(self, query: AuditQuery, *, number: int, size: int, count: int | None = None) -> Page[AuditRow]:
        """Return a page of the result; see ListSource.

        Raises:
            ValueError: the size is not one of PAGE_SIZES.
        """
        query.check()
        if size not in PAGE_SIZES:
            raise ValueError(f'a page of {size} rows')
        return await self._database.read_with_timeout(
            QUERY_TIMEOUT_SECONDS, lambda session: self._read_page(session, query, max(number, 1), size, count)
        )

    async def totals(self, query: AuditQuery) -> Totals:
        """Count the result; see ListSource."""
        query.check()
        return await self._database.read_with_timeout(
            QUERY_TIMEOUT_SECONDS, lambda session: Totals(self._count(session, query))
        )

    async def details(self, number: int) -> AuditRecordDetails | None:
        """Return the details of a record; None if there is no record of this number."""
        statement = select(
            *COLUMNS.values(),
            ACCESS_RECORD_TABLE.c.previous,
            ACCESS_RECORD_TABLE.c.hash,
            COUNT_RECORD_NUMBER.label('continued'),
        ).where(ACCESS_RECORD_TABLE.c.number == number)
        record = await self._database.read(lambda session: session.execute(statement).one_or_none())
        if record is None:
            return None
        row = AuditRow._make(record[: len(COLUMNS)])
        return AuditRecordDetails(row, record.previous, record.hash, record.continued)

    def _read_page(
        self, session: Session, query: AuditQuery, number: int, size: int, count: int | None
    ) -> Page[AuditRow]:
        rows = session.execute(self.page_statement(query, number, size)).all()
        if not rows and number > 1:
            count = self._count(session, query) if count is None else count
            number = max(-(-count // size), 1)
            rows = session.execute(self.page_statement(query, number, size)).all()
        return Page(number, [AuditRow._make(row) for row in rows])

    def page_statement(self, query: AuditQuery, number: int, size: int) -> Select[Any]:
        """Build the statement that reads a page."""
        order = [ACCESS_RECORD_TABLE.c.at.desc(), ACCESS_RECORD_TABLE.c.number.desc()]
        if query.order:
            column = COLUMNS[query.order.column]
            # Rows without a count cannot be compared, so they come last in both directions.
            order = [(column.desc() if query.order.descending else column.asc()).nulls_last(), *order]
        page_query = select(*COLUMNS.values()).where(*self._conditions(query)).order_by(*order)
        return page_query.offset((number - 1) * size).limit(size)

    def _count(self, session: Session, query: AuditQuery) -> int:
        statement = select(func.count()).select_from(ACCESS_RECORD_TABLE).where(*self._conditions(query))
        return int(session.execute(statement).scalar_one())

    def _conditions(self, query: AuditQuery) -> list[ColumnElement[bool]]:
        # The row of a search displays its count, so the record of the count is no row of its own.
        conditions = [ACCESS_RECORD_TABLE.c.act != AuditEvent.RESULT_COUNT]
        if query.act:
            conditions.append(ACCESS_RECORD_TABLE.c.act == query.act)
        if query.period.since:
            conditions.append(ACCESS_RECORD_TABLE.c.at >= days.day_start(query.period.since, self.zone))
        if query.period.until:
            conditions.append(ACCESS_RECORD_TABLE.c.at < days.day_end(query.period.until, self.zone))
        if name := query.normalized_name:
            conditions += [ACCESS_RECORD_TABLE.c.name >= name, ACCESS_RECORD_TABLE.c.name <= name + LAST_CHARACTER]
        if address := query.normalized_address:
            conditions.append(ACCESS_RECORD_TABLE.c.address.startswith(address, autoescape=True))
        if words := query.normalized_words:
            conditions.append(ACCESS_RECORD_TABLE.c.words.contains(words, autoescape=True))
        return conditions
