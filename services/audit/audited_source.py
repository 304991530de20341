"""Record what a user does in a section of the journal before any data is displayed: without a record, no data."""

import asyncio
from collections.abc import Awaitable
from typing import Any, Final, Generic, TypeVar

from models import AuditEvent
from services.audit.audit_log import AuditLog
from services.audit.hash_chain import Actor
from services.lists.query_protocol import ListRow, ListSource, Page, Query, Totals

Q = TypeVar('Q', bound=Query)
R = TypeVar('R', bound=ListRow)
T = TypeVar('T')
FAST_READ_SECONDS: Final = 0.02
"""Seconds to wait for rows before the search is recorded; slower rows are read while the record is written."""


class SectionActivityRecorder:
    """Record what one user does in one section of the journal."""

    def __init__(self, audit_log: AuditLog, actor: Actor, section: str, *, of_audit_log: bool = False) -> None:
        """Record what `actor` does in `section`; `of_audit_log`: the section is the audit log itself."""
        self._audit_log = audit_log
        self.of_audit_log = of_audit_log
        self._actor = actor
        self._section = section

    def audited(self, source: ListSource[Q, R]) -> ListSource[Q, R]:
        """Wrap the source for one search: the wrapper returns data only after the search is recorded."""
        return AuditedSource(source, self)

    async def record_search(self, conditions: str, row_count: int | None = None) -> int:
        """Record a search and return the record's number.

        Args:
            conditions: the conditions in words.
            row_count: the number of rows of the result, if it is known already.

        Raises:
            DatabaseError: the search was not recorded; the other methods raise it, too.
        """
        return await self._record(AuditEvent.SEARCHED, what=conditions, found=row_count)

    async def record_row_count(self, count: int, search_number: int) -> None:
        """Record the row count of a search that was recorded before."""
        await self._record(AuditEvent.RESULT_COUNT, found=count, continues=search_number)

    async def record_opening(self, key: str) -> None:
        """Record that the details of a row are viewed."""
        await self._record(AuditEvent.DETAILS_VIEWED, about=key)

    async def record_export(self, conditions: str, count: int) -> None:
        """Record an export of the rows of a search; await it before the first row is sent."""
        await self._record(AuditEvent.EXPORTED, what=conditions, found=count)

    async def _record(self, act: AuditEvent, **fields: Any) -> int:
        return await self._audit_log.record(act, self._actor, section=self._section, **fields)


class AuditedSource(Generic[Q, R]):
    """A source that returns rows only after the search is recorded; one record covers all pages of a search."""

    def __init__(self, source: ListSource[Q, R], recorder: SectionActivityRecorder) -> None:
        self._source = source
        self._recorder = recorder
        self._record_task: asyncio.Task[int] | None = None
        self._recorded_totals: Totals | None = None
        """The totals of the search, once they are recorded."""

    async def page(self, query: Q, *, number: int, size: int, count: int | None = None) -> Page[R]:
        """Return a page (see ListSource); raises DatabaseError also when the search cannot be recorded."""
        query.check()
        await self._record_before_reading(query)
        reading = asyncio.ensure_future(self._source.page(query, number=number, size=size, count=count))
        totals = await self._totals_if_fast(reading, query)
        page, search = await read_and_record(reading, self._ensure_recorded(query, totals))
        if page.totals:
            await self._record_totals(page.totals, search)
        return page

    async def totals(self, query: Q) -> Totals:
        """Return the totals (see ListSource) after recording the search and the row count."""
        query.check()
        await self._record_before_reading(query)
        totals, search = await read_and_record(self._source.totals(query), self._ensure_recorded(query))
        await self._record_totals(totals, search)
        return totals

    async def _record_before_reading(self, query: Q) -> None:
        """Record a search of the audit log before reading, because the search itself is a row of the result."""
        if self._recorder.of_audit_log:
            await self._ensure_recorded(query)

    async def _totals_if_fast(self, reading: asyncio.Future[Page[R]], query: Q) -> Totals | None:
        """Wait briefly for the rows: if their totals are known in time, the row count needs no record of its own."""
        try:
            await asyncio.wait({reading}, timeout=FAST_READ_SECONDS)
        except asyncio.CancelledError:
            reading.cancel()
            self._ensure_recorded(query)  # an abandoned search is recorded as well
            raise
        return reading.result().totals if reading.done() and not reading.exception() else None

    def _ensure_recorded(self, query: Q, totals: Totals | None = None) -> asyncio.Future[int]:
        """Return the number of the search's record as a future; write the record at the first call or after a failure.

        Args:
            query: the search.
            totals: its totals if they are known already; they become part of the record.
        """
        if self._record_task is None or (self._record_task.done() and self._record_task.exception()):
            recording = self._recorder.record_search(query.describe(), totals.count if totals else None)
            self._record_task, self._recorded_totals = asyncio.create_task(recording), totals
            # If the search is abandoned, nobody awaits the task; read its exception, so that asyncio does not log it.
            self._record_task.add_done_callback(_retrieve_exception)
        return asyncio.shield(self._record_task)

    async def _record_totals(self, totals: Totals, search_number: int) -> None:
        """Record the row count once."""
        if self._recorded_totals is None:
            await self._recorder.record_row_count(totals.count, search_number)
            self._recorded_totals = totals


def _retrieve_exception(task: asyncio.Task[int]) -> None:
    if not task.cancelled():
        task.exception()


async def read_and_record(data: Awaitable[T], record: Awaitable[int]) -> tuple[T, int]:
    """Await the data and the record together; return both results, or raise the exception of either."""
    result, number = await asyncio.gather(data, record, return_exceptions=True)
    if isinstance(number, BaseException):
        raise number
    if isinstance(result, BaseException):
        raise result
    return result, number
