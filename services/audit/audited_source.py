"""Records what a person does in a journal before he is shown anything of it: no record, no data."""

import asyncio
from collections.abc import Awaitable
from typing import Any, Final, Generic, TypeVar

from models import Act
from services.audit.audit_log import Access
from services.audit.hash_chain import Actor
from services.lists.query_protocol import Page, Query, Row, Source, Totals

Q = TypeVar('Q', bound=Query)
R = TypeVar('R', bound=Row)
T = TypeVar('T')
AT_ONCE: Final = 0.02
"""Seconds in which rows are read nearly always; slower ones are read beside their record."""


class Witness:
    """Sees what one person does in one journal."""

    def __init__(self, access: Access, actor: Actor, section: str, *, of_access: bool = False) -> None:
        """Record what `actor` does in the journal called `section`; `of_access`: in that of these records itself."""
        self._access = access
        self.of_access = of_access
        self._actor = actor
        self._section = section

    def search(self, source: Source[Q, R]) -> Source[Q, R]:
        """Give the source for a search that begins now: it gives nothing that is not on record."""
        return Witnessed(source, self)

    async def searched(self, conditions: str, found: int | None = None) -> int:
        """Record a search by its conditions in words; this and the rest may raise Unavailable and Busy.

        Args:
            conditions: what was asked.
            found: how many rows it finds, where that is known at once.
        """
        return await self._record(Act.SEARCHED, what=conditions, found=found)

    async def found(self, count: int, search: int) -> None:
        """Record how many rows a search found, which is known only later."""
        await self._record(Act.FOUND, found=count, continues=search)

    async def opened(self, key: str) -> None:
        """Record that a row was opened."""
        await self._record(Act.OPENED, about=key)

    async def exported(self, conditions: str, count: int) -> None:
        """Record that the rows of a search were exported; to be awaited before the first of them is handed out."""
        await self._record(Act.EXPORTED, what=conditions, found=count)

    async def _record(self, act: Act, **told: Any) -> int:
        return await self._access.record(act, self._actor, section=self._section, **told)


class Witnessed(Generic[Q, R]):
    """A source whose rows are given once the search is on record: one record, however many pages are turned."""

    def __init__(self, source: Source[Q, R], witness: Witness) -> None:
        self._source = source
        self._witness = witness
        self._search: asyncio.Task[int] | None = None
        self._totals: Totals | None = None
        """What was found, once that is on record."""

    async def page(self, query: Q, *, number: int, size: int, count: int | None = None) -> Page[R]:
        """See Source; raises Unavailable or Busy, too, when the search cannot be recorded."""
        query.check()
        await self._first(query)
        reading = asyncio.ensure_future(self._source.page(query, number=number, size=size, count=count))
        totals = await self._told(reading, query)
        page, search = await together(reading, self._recorded(query, totals))
        if page.totals:
            await self._found(page.totals, search)
        return page

    async def totals(self, query: Q) -> Totals:
        """See Source; what was found is on record as well."""
        query.check()
        await self._first(query)
        totals, search = await together(self._source.totals(query), self._recorded(query))
        await self._found(totals, search)
        return totals

    async def _first(self, query: Q) -> None:
        """Record a search that may be among the rows itself before they are read and counted."""
        if self._witness.of_access:
            await self._recorded(query)

    async def _told(self, reading: asyncio.Future[Page[R]], query: Q) -> Totals | None:
        """Wait for rows, if not for long: where they tell how many are found, that needs no record of its own."""
        try:
            await asyncio.wait({reading}, timeout=AT_ONCE)
        except asyncio.CancelledError:
            reading.cancel()
            self._recorded(query)  # a search that is left stays on record
            raise
        return reading.result().totals if reading.done() and not reading.exception() else None

    def _recorded(self, query: Q, totals: Totals | None = None) -> asyncio.Future[int]:
        """Give the number of the search's record, begun at the first call; a failed one is written again.

        `totals`, where they are known by then, stand in it.
        """
        if self._search is None or (self._search.done() and self._search.exception()):
            record = self._witness.searched(query.sentence(), totals.count if totals else None)
            self._search, self._totals = asyncio.create_task(record), totals
            # A search that is left before its record is written leaves nobody to hear how that ended.
            self._search.add_done_callback(lambda done: done.cancelled() or done.exception())
        return asyncio.shield(self._search)

    async def _found(self, totals: Totals, search: int) -> None:
        """Record what was found, once."""
        if self._totals is None:
            await self._witness.found(totals.count, search)
            self._totals = totals


async def together(data: Awaitable[T], record: Awaitable[int]) -> tuple[T, int]:
    """Read and record at the same time; give both, or raise what went wrong with either."""
    read, number = await asyncio.gather(data, record, return_exceptions=True)
    if isinstance(number, BaseException):
        raise number
    if isinstance(read, BaseException):
        raise read
    return read, number
