"""The URL of a list page: it contains the displayed state, which a reload, «Назад» and a link restore.

A LinkSerializer writes the query; this module adds the page number, the page size and the expanded rows.
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
"""The event that reports the browser's «Назад» and «Вперёд»."""
MAX_PARAMS: Final = 400
UPDATE_HISTORY_JS: Final = "if (location.search === {before}) history.{change}(null, '', location.pathname + {after})"
"""If the browser has navigated and its event is still on the way, the URL must not be changed."""
LISTEN_TO_POPSTATE_JS: Final = f"addEventListener('popstate', () => emitEvent('{POPSTATE_EVENT}', location.search))"


class LinkSerializer(Protocol[Q]):
    """Writes queries to URL parameters and reads them; calls may raise DatabaseError."""

    @property
    def param_names(self) -> Collection[str]:
        """The names of all parameters of a query."""

    async def to_params(self, query: Q, account_id: int, known: ParsedLink[Q] | None = None) -> ParsedLink[Q]:
        """Return the parameters of a query; `known` is the link that was written or read before."""

    async def from_params(self, params: Mapping[str, Any]) -> ParsedLink[Q] | None:
        """Parse parameters, each a text or, if it is repeated, a list; return None for a link that has expired."""


@dataclass(frozen=True)
class UrlState(Generic[Q]):
    """The displayed state of a page."""

    query: Q | None
    """None before the first search."""
    page_number: int = 1
    page_size: int | None = None
    """Rows on a page; None if the URL does not contain it, or the page has no rows to turn."""
    expanded_keys: tuple[str, ...] = ()
    """The keys of the expanded rows."""
    is_fully_parsed: bool = True
    """Whether all parameters of the URL were valid."""
    is_expired: bool = False
    """Whether the link has expired."""


class UrlSync(Generic[Q]):
    """Keeps the URL of one open page and its displayed state equal."""

    def __init__(self, links: LinkSerializer[Q], account_id: int, on_navigate: Callable[[], Awaitable[None]]) -> None:
        """Start with the URL of the request; `on_navigate` is called when the browser goes back or forth."""
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
        """Whether the URL has parameters."""
        return bool(self._query_string)

    async def read_state(self) -> UrlState[Q]:
        """Return the state in the URL; raises DatabaseError."""
        query_string: str | None = None
        params: dict[str, str | list[str]] = {}
        try:
            while query_string != self._query_string:  # the browser may navigate in the meantime
                query_string = self._query_string
                params = parse_params(query_string)
                link = await self._links.from_params(params)
        finally:
            self._navigation_pending = False
        if not params:
            return UrlState(None)
        if link is None:
            return UrlState(None, is_fully_parsed=False, is_expired=True)
        self._last_link = link
        number, size = (_parse_positive_int(_last(params, name)) for name in (PAGE_PARAM, PAGE_SIZE_PARAM))
        known_params = {*self._links.param_names, PAGE_PARAM, PAGE_SIZE_PARAM, EXPANDED_ROWS_PARAM}
        is_fully_parsed = link.is_complete and params.keys() <= known_params
        is_fully_parsed &= PAGE_PARAM not in params or number is not None
        is_fully_parsed &= PAGE_SIZE_PARAM not in params or size in PAGE_SIZES
        if not params.keys() & known_params:
            return UrlState(None, is_fully_parsed=False)
        return UrlState(
            link.query,
            page_number=number or 1,
            page_size=size if size in PAGE_SIZES else None,
            expanded_keys=tuple(filter(None, (_last(params, EXPANDED_ROWS_PARAM) or '').split('.')[:20])),
            is_fully_parsed=is_fully_parsed,
        )

    def update(self, state: UrlState[Q], *, push: bool) -> None:
        """Write the displayed state to the URL; with `push`, «Назад» leads to the previous URL.

        While the browser has navigated and the page does not display that yet, nothing is written: the state is old.
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
                    return  # the rows are displayed; only a reload would not restore them
                params = dict(self._last_link.params)
                if state.page_size is not None:
                    params |= {PAGE_PARAM: state.page_number, PAGE_SIZE_PARAM: state.page_size}
                if state.expanded_keys:
                    params[EXPANDED_ROWS_PARAM] = '.'.join(state.expanded_keys)
            query_string = urlencode(params, doseq=True)
            if query_string == self._query_string or navigation_count != self._navigation_count:
                return
            history_method = 'pushState' if push else 'replaceState'
            before, after = (json.dumps(f'?{each}' if each else '') for each in (self._query_string, query_string))
            run_script(self._layout.client, UPDATE_HISTORY_JS.format(before=before, change=history_method, after=after))
            self._query_string = query_string

    def _on_popstate(self, event: Any) -> None:
        """Display the state of the URL to which the browser has navigated."""
        self._query_string = str(event.args).removeprefix('?')
        self._navigation_count += 1
        self._navigation_pending = True
        background_tasks.create(self._notify_navigation(), name='went', context=self._layout)

    async def _notify_navigation(self) -> None:
        await self._on_navigate()


def parse_params(query_string: str) -> dict[str, str | list[str]]:
    """Parse the parameters of a URL; one that is repeated has a list of values."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query_string)[:MAX_PARAMS]:
        values.setdefault(name, []).append(value)
    return {name: each if len(each) > 1 else each[0] for name, each in values.items()}


def _last(params: Mapping[str, str | list[str]], name: str) -> str | None:
    value = params.get(name)
    return value[-1] if isinstance(value, list) else value


def _parse_positive_int(text: str | None) -> int | None:
    """Parse a number from 1; return None if there is none."""
    is_valid = text is not None and text.isascii() and text.isdecimal() and len(text) < 10
    return int(text or 0) or None if is_valid else None
