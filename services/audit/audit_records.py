"""Read the audit log: pages and totals of the list, and the details of one record."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session

from models import AuditEvent
from services import days, texts
from services.audit import record_lookup
from services.audit.audit_query import AuditQuery, AuditRow
from services.audit.condition_rows import FIRST_READING, describe_rows
from services.audit.shown_rows import read_keys
from services.database.engine import QUERY_TIMEOUT_SECONDS, Database
from services.database.tables import ACCESS_CONDITION_TABLE, ACCESS_RECORD_TABLE
from services.keys.data_key import DataKey
from services.lists.query_protocol import PAGE_SIZES, Page, Period, Totals

DEFAULT_PERIOD = timedelta(days=6)
"""The days before today in the initial query; together with today seven days."""
COUNT_RECORD = ACCESS_RECORD_TABLE.alias()
IS_COUNT_RECORD = (
    COUNT_RECORD.c.continues == ACCESS_RECORD_TABLE.c.number,
    COUNT_RECORD.c.act == AuditEvent.RESULT_COUNT,
)
COUNT_RECORD_NUMBER = select(func.max(COUNT_RECORD.c.number)).where(*IS_COUNT_RECORD).scalar_subquery()
"""The number of the record that contains the row count of a search."""
RESULT_COUNT = func.coalesce(
    ACCESS_RECORD_TABLE.c.found, select(func.max(COUNT_RECORD.c.found)).where(*IS_COUNT_RECORD).scalar_subquery()
)
CONTINUATIONS: Final = (
    AuditEvent.RESULT_COUNT,
    AuditEvent.ROWS_SHOWN,
    AuditEvent.ROWS_UPDATED,
    AuditEvent.CALLS_SHOWN,
    AuditEvent.PERSON_SHOWN,
)
"""Events of a search that are no rows of the list: the row of the search stands for them."""
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
    keys: Sequence[UUID] = ()
    """The messages or documents that the event is about, if they are more than an opened row."""


class AuditRecords:
    """Search the audit log; a ListSource for the list page (see services.lists.query_protocol)."""

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        data_key: DataKey | None = None,
    ) -> None:
        """Search in `database` by calendar days of `zone`; `now` returns the current time (timezone-aware).

        Without the data key, conditions whose values were removed are not found.
        """
        self._data_key = data_key
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

        def read(session: Session) -> AuditRecordDetails | None:
            record = session.execute(statement).one_or_none()
            if record is None:
                return None
            row = _add_conditions(session, [AuditRow._make(record[: len(COLUMNS)])])[0]
            return AuditRecordDetails(row, record.previous, record.hash, record.continued, read_keys(session, number))

        return await self._database.read(read)

    def _read_page(
        self, session: Session, query: AuditQuery, number: int, size: int, count: int | None
    ) -> Page[AuditRow]:
        rows = session.execute(self.page_statement(query, number, size)).all()
        if not rows and number > 1:
            count = self._count(session, query) if count is None else count
            number = max(-(-count // size), 1)
            rows = session.execute(self.page_statement(query, number, size)).all()
        found = _add_conditions(session, [AuditRow._make(row) for row in rows])
        return Page(number, [_mark_possible(row) for row in found] if query.seen_subject() else found)

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
        conditions = []
        subject = query.seen_subject()
        if subject:
            conditions.append(subject.condition())
        if query.act:
            conditions.append(ACCESS_RECORD_TABLE.c.act == query.act)
        elif not subject:
            conditions.append(ACCESS_RECORD_TABLE.c.act.not_in(CONTINUATIONS))
        if query.period.since:
            conditions.append(ACCESS_RECORD_TABLE.c.at >= days.day_start(query.period.since, self.zone))
        if query.period.until:
            conditions.append(ACCESS_RECORD_TABLE.c.at < days.day_end(query.period.until, self.zone))
        if name := query.normalized_name:
            conditions.append(record_lookup.begins_with(ACCESS_RECORD_TABLE.c.name, name))
        if address := query.normalized_address:
            conditions.append(ACCESS_RECORD_TABLE.c.address.startswith(address, autoescape=True))
        if query.normalized_words:
            conditions.append(record_lookup.mentions(query.words, self._data_key))
        return conditions


def _add_conditions(session: Session, rows: list[AuditRow]) -> list[AuditRow]:
    """Return the rows with the conditions of searches in full, in the place of the description without a person."""
    described = _describe_conditions(session, [row.number for row in rows])
    return [row._replace(what=described.get(row.number, row.what)) for row in rows]


def _describe_conditions(session: Session, numbers: Collection[int]) -> Mapping[int, str]:
    condition = ACCESS_CONDITION_TABLE.c
    statement = (
        select(condition.number, condition.kind, condition.value)
        .where(condition.number.in_(numbers), condition.kind < FIRST_READING)
        .order_by(condition.number, condition.position)
    )
    return {
        number: describe_rows((kind, value) for _, kind, value in group)
        for number, group in groupby(session.execute(statement), key=itemgetter(0))
    }


def _mark_possible(row: AuditRow) -> AuditRow:
    """Describe a large export, whose rows are not recorded, as one that may contain the message."""
    if row.act is AuditEvent.EXPORTED and row.about is None:
        return row._replace(what=texts.ACCESS_MAY_CONTAIN.format(conditions=row.what))
    return row
