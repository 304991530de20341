"""The address of a journal's page: it tells what the page shows, so that a reload, «Назад» and a link lead back to it.

What it says of the query is the journal's own (see Links); here it gets the page, its size and the opened rows.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar
from urllib.parse import parse_qsl, urlencode

from nicegui import background_tasks, ui

from journal_ui.nicegui_patches.outbox import run
from services.lists.query_protocol import PAGE_SIZES, Busy, Linked, Query, Unavailable

Q = TypeVar('Q', bound=Query)

PAGE: Final = 'page'
SIZE: Final = 'size'
OPEN: Final = 'open'
WENT: Final = 'went'
"""The event of going back and forth."""
FARTHEST: Final = 10**9
MOST_WORDS: Final = 50
CHANGE: Final = "if (location.search === {before}) history.{change}(null, '', location.pathname + {after})"
"""The browser may have gone elsewhere, and its news be on the way: then its address is not to be changed."""
LISTEN: Final = f"addEventListener('popstate', () => emitEvent('{WENT}', location.search))"


class Links(Protocol[Q]):
    """What says a query as words of an address, and reads them; calls may raise Unavailable and Busy."""

    @property
    def words(self) -> Collection[str]:
        """All the words that it uses."""

    async def write(self, query: Q, account_id: int, known: Linked[Q] | None = None) -> Linked[Q]:
        """Write a query for an address; `known` is what was written or read before."""

    async def read(self, words: Mapping[str, str]) -> Linked[Q] | None:
        """Read words; None for a link that does not lead anywhere any more."""


@dataclass(frozen=True)
class Shown(Generic[Q]):
    """What a page shows."""

    query: Q | None
    """None before the first search."""
    number: int = 1
    size: int | None = None
    """Rows on a page; None where the address does not tell."""
    opened: tuple[str, ...] = ()
    """The keys of the rows that are open."""
    whole: bool = True
    """Whether the address was understood to the last word."""
    stale: bool = False
    """Whether it is of a link that does not lead anywhere any more."""


class Address(Generic[Q]):
    """The address of one open page."""

    def __init__(self, links: Links[Q], account_id: int, went: Callable[[], Awaitable[None]]) -> None:
        """Begin with the address that the page was asked for by; `went` is called when «Назад» has led elsewhere."""
        self._links = links
        self._account_id = account_id
        self._went = went
        self._known: Linked[Q] | None = None
        self._lock = asyncio.Lock()
        self._layout = ui.context.client.layout
        self._moves = 0
        self._elsewhere = False
        self._at = ui.context.client.request.url.query
        ui.on(WENT, self._go)
        ui.run_javascript(LISTEN)

    @property
    def tells(self) -> bool:
        """Whether it tells anything beyond where the page is."""
        return bool(self._at)

    async def read(self) -> Shown[Q]:
        """Say what the address tells; raises Unavailable and Busy."""
        at, words = None, {}
        try:
            while at != self._at:  # it may go further meanwhile
                at = self._at
                words = dict(parse_qsl(at)[:MOST_WORDS])
                linked = await self._links.read(words)
        finally:
            self._elsewhere = False
        if not words:
            return Shown(None)
        if linked is None:
            return Shown(None, whole=False, stale=True)
        self._known = linked
        number, size = (_whole(words.get(word)) for word in (PAGE, SIZE))
        understood = {*self._links.words, PAGE, SIZE, OPEN}
        whole = linked.whole and words.keys() <= understood
        whole &= PAGE not in words or number is not None
        whole &= SIZE not in words or size in PAGE_SIZES
        if not words.keys() & understood:
            return Shown(None, whole=False)
        return Shown(
            linked.query,
            number=number or 1,
            size=size if size in PAGE_SIZES else None,
            opened=tuple(filter(None, words.get(OPEN, '').split('.')[:20])),
            whole=whole,
        )

    def tell(self, shown: Shown[Q], *, push: bool) -> None:
        """Let the address tell what the page shows; with `push`, «Назад» leads to what it told before.

        While the browser has gone elsewhere and the page does not show that yet, what it shows is old and not told.
        """
        if not self._elsewhere:
            work = self._tell(shown, push, self._moves)
            background_tasks.create(work, name='address', context=self._layout)

    async def _tell(self, shown: Shown[Q], push: bool, moves: int) -> None:
        async with self._lock:
            words: dict[str, Any] = {}
            if shown.query is not None:
                try:
                    self._known = await self._links.write(shown.query, self._account_id, self._known)
                except (Unavailable, Busy):
                    return  # the rows are there; only a reload would not find them
                words = {**self._known.words, PAGE: shown.number, SIZE: shown.size}
                if shown.opened:
                    words[OPEN] = '.'.join(shown.opened)
            at = urlencode(words)
            if at == self._at or moves != self._moves:
                return
            change = 'pushState' if push else 'replaceState'
            before, after = (json.dumps(f'?{each}' if each else '') for each in (self._at, at))
            run(self._layout.client, CHANGE.format(before=before, change=change, after=after))
            self._at = at

    def _go(self, event: Any) -> None:
        """Follow the browser to where it has gone."""
        self._at = str(event.args).removeprefix('?')
        self._moves += 1
        self._elsewhere = True
        background_tasks.create(self._arrive(), name='went', context=self._layout)

    async def _arrive(self) -> None:
        await self._went()


def _whole(text: str | None) -> int | None:
    """Read a number from 1 on."""
    known = text is not None and text.isascii() and text.isdecimal() and len(text) < 10
    return int(text or 0) or None if known else None
