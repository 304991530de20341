"""Records what a person does in a journal before he is shown anything of it: no record, no data."""

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
"""Seconds in which rows are read nearly always; slower ones are read beside their record."""


class SectionActivityRecorder:
    """Sees what one person does in one journal."""

    def __init__(self, audit_log: AuditLog, actor: Actor, section: str, *, of_audit_log: bool = False) -> None:
        """Record what `actor` does in the journal called `section`; `of_access`: in that of these records itself."""
        self._audit_log = audit_log
        self.of_audit_log = of_audit_log
        self._actor = actor
        self._section = section

    def audited(self, source: ListSource[Q, R]) -> ListSource[Q, R]:
        """Give the source for a search that begins now: it gives nothing that is not on record."""
        return AuditedSource(source, self)

    async def record_search(self, conditions: str, row_count: int | None = None) -> int:
        """Record a search by its conditions in words; this and the rest may raise Unavailable and Busy.

        Args:
            conditions: what was asked.
            found: how many rows it finds, where that is known at once.
        """
        return await self._record(AuditEvent.SEARCHED, what=conditions, found=row_count)

    async def record_row_count(self, count: int, search_number: int) -> None:
        """Record how many rows a search found, which is known only later."""
        await self._record(AuditEvent.RESULT_COUNT, found=count, continues=search_number)

    async def record_opening(self, key: str) -> None:
        """Record that a row was opened."""
        await self._record(AuditEvent.DETAILS_VIEWED, about=key)

    async def record_export(self, conditions: str, count: int) -> None:
        """Record that the rows of a search were exported; to be awaited before the first of them is handed out."""
        await self._record(AuditEvent.EXPORTED, what=conditions, found=count)

    async def _record(self, act: AuditEvent, **fields: Any) -> int:
        return await self._audit_log.record(act, self._actor, section=self._section, **fields)


class AuditedSource(Generic[Q, R]):
    """A source whose rows are given once the search is on record: one record, however many pages are turned."""

    def __init__(self, source: ListSource[Q, R], recorder: SectionActivityRecorder) -> None:
        self._source = source
        self._recorder = recorder
        self._record_task: asyncio.Task[int] | None = None
        self._recorded_totals: Totals | None = None
        """What was found, once that is on record."""

    async def page(self, query: Q, *, number: int, size: int, count: int | None = None) -> Page[R]:
        """See Source; raises Unavailable or Busy, too, when the search cannot be recorded."""
        query.check()
        await self._record_before_reading(query)
        reading = asyncio.ensure_future(self._source.page(query, number=number, size=size, count=count))
        totals = await self._totals_if_fast(reading, query)
        page, search = await read_and_record(reading, self._ensure_recorded(query, totals))
        if page.totals:
            await self._record_totals(page.totals, search)
        return page

    async def totals(self, query: Q) -> Totals:
        """See Source; what was found is on record as well."""
        query.check()
        await self._record_before_reading(query)
        totals, search = await read_and_record(self._source.totals(query), self._ensure_recorded(query))
        await self._record_totals(totals, search)
        return totals

    async def _record_before_reading(self, query: Q) -> None:
        """Record a search that may be among the rows itself before they are read and counted."""
        if self._recorder.of_audit_log:
            await self._ensure_recorded(query)

    async def _totals_if_fast(self, reading: asyncio.Future[Page[R]], query: Q) -> Totals | None:
        """Wait for rows, if not for long: where they tell how many are found, that needs no record of its own."""
        try:
            await asyncio.wait({reading}, timeout=FAST_READ_SECONDS)
        except asyncio.CancelledError:
            reading.cancel()
            self._ensure_recorded(query)  # a search that is left stays on record
            raise
        return reading.result().totals if reading.done() and not reading.exception() else None

    def _ensure_recorded(self, query: Q, totals: Totals | None = None) -> asyncio.Future[int]:
        """Give the number of the search's record, begun at the first call; a failed one is written again.

        `totals`, where they are known by then, stand in it.
        """
        if self._record_task is None or (self._record_task.done() and self._record_task.exception()):
            recording = self._recorder.record_search(query.describe(), totals.count if totals else None)
            self._record_task, self._recorded_totals = asyncio.create_task(recording), totals
            # A search that is left before its record is written leaves nobody to hear how that ended.
            self._record_task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return asyncio.shield(self._record_task)

    async def _record_totals(self, totals: Totals, search_number: int) -> None:
        """Record what was found, once."""
        if self._recorded_totals is None:
            await self._recorder.record_row_count(totals.count, search_number)
            self._recorded_totals = totals


async def read_and_record(data: Awaitable[T], record: Awaitable[int]) -> tuple[T, int]:
    """Read and record at the same time; give both, or raise what went wrong with either."""
    result, number = await asyncio.gather(data, record, return_exceptions=True)
    if isinstance(number, BaseException):
        raise number
    if isinstance(result, BaseException):
        raise result
    return result, number
