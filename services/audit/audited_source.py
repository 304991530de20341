"""Record what a user does in a section of the journal before any data is displayed: without a record, no data."""

import asyncio
from collections.abc import Awaitable, Collection, Iterable, Sequence
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from models import AuditEvent
from services.audit.audit_log import AuditLog
from services.audit.hash_chain import Actor
from services.audit.shown_rows import MAX_EXPORTED_KEYS, parse_key
from services.lists.query_protocol import ListRow, ListSource, Page, Query, Totals
from services.lists.suggestions import Suggestion

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

    def audited(self, source: ListSource[Q, R]) -> 'AuditedSource[Q, R]':
        """Wrap the source for one search: the wrapper returns data only after the search is recorded."""
        return AuditedSource(source, self)

    async def record_search(self, query: Query, row_count: int | None = None, shown: Sequence[UUID] = ()) -> int:
        """Record a search and return the record's number.

        Args:
            query: the conditions.
            row_count: the number of rows of the result, if it is known already.
            shown: the rows that are about to be shown, if they are known already.

        Raises:
            DatabaseError, UnrecordableEventError: the search was not recorded; the other methods raise them, too.
        """
        return await self._record(AuditEvent.SEARCHED, query=query, found=row_count, shown=shown)

    async def record_shown(
        self, keys: Collection[UUID], search_number: int, act: AuditEvent = AuditEvent.ROWS_SHOWN
    ) -> None:
        """Record that rows of a search that was recorded before are about to be shown."""
        if keys:
            await self._record(act, found=len(keys), continues=search_number, shown=tuple(keys))

    async def record_row_count(self, count: int, search_number: int) -> None:
        """Record the row count of a search that was recorded before."""
        await self._record(AuditEvent.RESULT_COUNT, found=count, continues=search_number)

    async def record_suggestion(self, query: Query, count: int | None, search_number: int) -> None:
        """Record that another search is about to be offered beside one that was recorded before, with its count."""
        await self._record(AuditEvent.SEARCH_SUGGESTED, query=query, found=count, continues=search_number)

    async def record_opening(self, key: str) -> None:
        """Record that the details of a row are viewed."""
        await self._record(AuditEvent.DETAILS_VIEWED, about=key, shown=self.row_keys((key,)))

    async def record_export(self, query: Query, count: int, keys: Sequence[UUID] | None = None) -> None:
        """Record an export of the rows of a search; await it before the first row is sent.

        Args:
            query: the search.
            count: the number of rows.
            keys: the rows; None if there are more than MAX_EXPORTED_KEYS, which are not recorded one by one.
        """
        shown = keys if keys and len(keys) <= MAX_EXPORTED_KEYS else ()
        await self._record(AuditEvent.EXPORTED, query=query, found=count, shown=shown)

    def row_keys(self, keys: Iterable[str]) -> tuple[UUID, ...]:
        """Return the keys of messages and documents; the rows of the audit log itself are not recorded."""
        if self.of_audit_log:
            return ()
        return tuple(key for text in keys if (key := parse_key(text)))

    async def _record(self, act: AuditEvent, **fields: Any) -> int:
        return await self._audit_log.record(act, self._actor, section=self._section, **fields)


class AuditedSource(Generic[Q, R]):
    """A source that returns rows only after the search and these rows are recorded.

    One record covers a search, its first page included; each further page has a record that refers to it.
    """

    def __init__(self, source: ListSource[Q, R], recorder: SectionActivityRecorder) -> None:
        self._source = source
        self._recorder = recorder
        self._record_task: asyncio.Task[int] | None = None
        self._recorded_totals: Totals | None = None
        """The totals of the search, once they are recorded."""

    async def record(self, query: Q) -> None:
        """Record the search before its conditions are shown; raises DatabaseError."""
        query.check()
        await self._ensure_recorded(query)

    async def record_updated_rows(self, keys: Collection[str]) -> None:
        """Record that rows that are displayed are about to be replaced; raises DatabaseError."""
        if self._record_task is None:
            raise ValueError('rows of no search')
        search = await asyncio.shield(self._record_task)
        await self._recorder.record_shown(self._recorder.row_keys(keys), search, AuditEvent.ROWS_UPDATED)

    async def record_suggestions(self, suggestions: Sequence[Suggestion[Q]]) -> None:
        """Record that searches for others are about to be offered; raises DatabaseError."""
        if self._record_task is None:
            raise ValueError('suggestions for no search')
        search = await asyncio.shield(self._record_task)
        await asyncio.gather(
            *(self._recorder.record_suggestion(each.query, each.count, search) for each in suggestions)
        )

    async def page(self, query: Q, *, number: int, size: int, count: int | None = None) -> Page[R]:
        """Return a page (see ListSource); raises DatabaseError also when the search cannot be recorded."""
        query.check()
        await self._record_before_reading(query)
        reading = asyncio.ensure_future(self._source.page(query, number=number, size=size, count=count))
        fast_page = await self._page_if_fast(reading, query)
        if fast_page and self._needs_record:
            await self._ensure_recorded(query, fast_page)
            return fast_page
        page, search = await read_and_record(reading, self._ensure_recorded(query))
        await asyncio.gather(  # submitted at the same time, they share a transaction
            self._recorder.record_shown(self._row_keys(page), search), self._record_totals(page.totals, search)
        )
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

    async def _page_if_fast(self, reading: asyncio.Future[Page[R]], query: Q) -> Page[R] | None:
        """Wait briefly for the rows: if they are read in time, they and their count need no records of their own."""
        try:
            await asyncio.wait({reading}, timeout=FAST_READ_SECONDS)
        except asyncio.CancelledError:
            reading.cancel()
            self._ensure_recorded(query)  # an abandoned search is recorded as well
            raise
        return reading.result() if reading.done() and not reading.exception() else None

    @property
    def _needs_record(self) -> bool:
        """Whether no record of the search is written or being written."""
        return self._record_task is None or (self._record_task.done() and self._record_task.exception() is not None)

    def _row_keys(self, page: Page[R]) -> tuple[UUID, ...]:
        return self._recorder.row_keys(row.key for row in page.rows)

    def _ensure_recorded(self, query: Q, page: Page[R] | None = None) -> asyncio.Future[int]:
        """Return the number of the search's record as a future; write the record at the first call or after a failure.

        Args:
            query: the search.
            page: its rows and totals if they are known already; they become part of the record.
        """
        if self._record_task is None or self._needs_record:
            totals, shown = (page.totals, self._row_keys(page)) if page else (None, ())
            recording = self._recorder.record_search(query, totals.count if totals else None, shown)
            self._record_task, self._recorded_totals = asyncio.create_task(recording), totals
            # If the search is abandoned, nobody awaits the task; read its exception, so that asyncio does not log it.
            self._record_task.add_done_callback(_retrieve_exception)
        return asyncio.shield(self._record_task)

    async def _record_totals(self, totals: Totals | None, search_number: int) -> None:
        """Record the row count once, if it is known."""
        if totals and self._recorded_totals is None:
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
