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

from journal_ui.nicegui_patches.outbox import run_script
from services.errors import DatabaseError
from services.lists.query_protocol import PAGE_SIZES, ParsedLink, Query

Q = TypeVar('Q', bound=Query)

PAGE_PARAM: Final = 'page'
PAGE_SIZE_PARAM: Final = 'size'
EXPANDED_ROWS_PARAM: Final = 'open'
POPSTATE_EVENT: Final = 'went'
"""The event of going back and forth."""
MAX_PAGE_NUMBER: Final = 10**9
MAX_PARAMS: Final = 50
UPDATE_HISTORY_JS: Final = "if (location.search === {before}) history.{change}(null, '', location.pathname + {after})"
"""The browser may have gone elsewhere, and its news be on the way: then its address is not to be changed."""
LISTEN_TO_POPSTATE_JS: Final = f"addEventListener('popstate', () => emitEvent('{POPSTATE_EVENT}', location.search))"


class LinkSerializer(Protocol[Q]):
    """What says a query as words of an address, and reads them; calls may raise Unavailable and Busy."""

    @property
    def param_names(self) -> Collection[str]:
        """All the words that it uses."""

    async def to_params(self, query: Q, account_id: int, known: ParsedLink[Q] | None = None) -> ParsedLink[Q]:
        """Write a query for an address; `known` is what was written or read before."""

    async def from_params(self, words: Mapping[str, str]) -> ParsedLink[Q] | None:
        """Read words; None for a link that does not lead anywhere any more."""


@dataclass(frozen=True)
class UrlState(Generic[Q]):
    """What a page shows."""

    query: Q | None
    """None before the first search."""
    page_number: int = 1
    page_size: int | None = None
    """Rows on a page; None where the address does not tell."""
    expanded_keys: tuple[str, ...] = ()
    """The keys of the rows that are open."""
    is_fully_parsed: bool = True
    """Whether the address was understood to the last word."""
    is_expired: bool = False
    """Whether it is of a link that does not lead anywhere any more."""


class UrlSync(Generic[Q]):
    """The address of one open page."""

    def __init__(self, links: LinkSerializer[Q], account_id: int, on_navigate: Callable[[], Awaitable[None]]) -> None:
        """Begin with the address that the page was asked for by; `went` is called when «Назад» has led elsewhere."""
        self._links = links
        self._account_id = account_id
        self._on_navigate = on_navigate
        self._last_link: ParsedLink[Q] | None = None
        self._lock = asyncio.Lock()
        self._layout = ui.context.client.layout
        self._navigation_count = 0
        self._navigation_pending = False
        self._query_string = ui.context.client.request.url.query
        ui.on(POPSTATE_EVENT, self._on_popstate)
        ui.run_javascript(LISTEN_TO_POPSTATE_JS)

    @property
    def has_params(self) -> bool:
        """Whether it tells anything beyond where the page is."""
        return bool(self._query_string)

    async def read_state(self) -> UrlState[Q]:
        """Say what the address tells; raises Unavailable and Busy."""
        query_string, params = None, {}
        try:
            while query_string != self._query_string:  # it may go further meanwhile
                query_string = self._query_string
                params = dict(parse_qsl(query_string)[:MAX_PARAMS])
                linked = await self._links.from_params(params)
        finally:
            self._navigation_pending = False
        if not params:
            return UrlState(None)
        if linked is None:
            return UrlState(None, is_fully_parsed=False, is_expired=True)
        self._last_link = linked
        number, size = (_parse_positive_int(params.get(word)) for word in (PAGE_PARAM, PAGE_SIZE_PARAM))
        known_params = {*self._links.param_names, PAGE_PARAM, PAGE_SIZE_PARAM, EXPANDED_ROWS_PARAM}
        is_fully_parsed = linked.is_complete and params.keys() <= known_params
        is_fully_parsed &= PAGE_PARAM not in params or number is not None
        is_fully_parsed &= PAGE_SIZE_PARAM not in params or size in PAGE_SIZES
        if not params.keys() & known_params:
            return UrlState(None, is_fully_parsed=False)
        return UrlState(
            linked.query,
            page_number=number or 1,
            page_size=size if size in PAGE_SIZES else None,
            expanded_keys=tuple(filter(None, params.get(EXPANDED_ROWS_PARAM, '').split('.')[:20])),
            is_fully_parsed=is_fully_parsed,
        )

    def update(self, state: UrlState[Q], *, push: bool) -> None:
        """Let the address tell what the page shows; with `push`, «Назад» leads to what it told before.

        While the browser has gone elsewhere and the page does not show that yet, what it shows is old and not told.
        """
        if not self._navigation_pending:
            coroutine = self._update_url(state, push, self._navigation_count)
            background_tasks.create(coroutine, name='address', context=self._layout)

    async def _update_url(self, state: UrlState[Q], push: bool, navigation_count: int) -> None:
        async with self._lock:
            params: dict[str, Any] = {}
            if state.query is not None:
                try:
                    self._last_link = await self._links.to_params(state.query, self._account_id, self._last_link)
                except DatabaseError:
                    return  # the rows are there; only a reload would not find them
                params = {**self._last_link.params, PAGE_PARAM: state.page_number, PAGE_SIZE_PARAM: state.page_size}
                if state.expanded_keys:
                    params[EXPANDED_ROWS_PARAM] = '.'.join(state.expanded_keys)
            query_string = urlencode(params)
            if query_string == self._query_string or navigation_count != self._navigation_count:
                return
            history_method = 'pushState' if push else 'replaceState'
            before, after = (json.dumps(f'?{each}' if each else '') for each in (self._query_string, query_string))
            run_script(self._layout.client, UPDATE_HISTORY_JS.format(before=before, change=history_method, after=after))
            self._query_string = query_string

    def _on_popstate(self, event: Any) -> None:
        """Follow the browser to where it has gone."""
        self._query_string = str(event.args).removeprefix('?')
        self._navigation_count += 1
        self._navigation_pending = True
        background_tasks.create(self._notify_navigation(), name='went', context=self._layout)

    async def _notify_navigation(self) -> None:
        await self._on_navigate()


def _parse_positive_int(text: str | None) -> int | None:
    """Read a number from 1 on."""
    is_valid = text is not None and text.isascii() and text.isdecimal() and len(text) < 10
    return int(text or 0) or None if is_valid else None
