"""Restores a list page from its URL and from the draft of the tab, and keeps what the user does in the meantime.

The URL and the draft are read from the database, which may take a while. What the user types, searches or sorts until
they are there is newer, and therefore remains.
"""

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from nicegui import ui

from journal_ui.filters.basic_filters import QueryDraft
from journal_ui.list_page.draft_storage import DraftStorage
from journal_ui.list_page.search_runner import SearchRunner
from journal_ui.list_page.url_state import UrlState, UrlSync
from services import texts
from services.lists.query_protocol import Order, Query

Q = TypeVar('Q', bound=Query)


class UserActions(NamedTuple):
    """What the user has done on the page so far; a later value shows what they did in between."""

    search_count: int
    sort_order: Order | None
    page_size: int


class RestorablePage(Protocol[Q]):
    """The page that is restored."""

    @property
    def user_actions(self) -> UserActions:
        """What the user has done so far."""

    @property
    def current_query(self) -> Q | None:
        """The query whose rows are displayed; None before the first search."""

    def show_draft(self) -> None:
        """Show the draft in the filter panel."""

    def show_nothing(self) -> None:
        """Show the draft in the filter panel, and no rows."""

    async def record_search(self, query: Q) -> Any:
        """Record a search in the audit log before its conditions are shown; return its source for `show_url_state`."""

    def show_url_state(self, url_state: UrlState[Q], previous_actions: UserActions, source: Any = None) -> None:
        """Search by the state in the URL, except what the user has changed since; `source` has a record already."""

    def update_url(self, *, push: bool) -> None:
        """Write the displayed state to the URL."""


class StateRestorer(Generic[Q]):
    """Restores one page, when it is connected and at each «Назад»."""

    def __init__(
        self,
        page: RestorablePage[Q],
        draft: QueryDraft[Q],
        draft_storage: DraftStorage[Q],
        url_sync: UrlSync[Q] | None,
        search_runner: SearchRunner,
        default_query: Callable[[], Q],
    ) -> None:
        """Restore the page that is being built as soon as its browser is connected."""
        self._page = page
        self._draft = draft
        self._draft_storage = draft_storage
        self._url_sync = url_sync
        self._search_runner = search_runner
        self._default_query = default_query
        self._first_actions = page.user_actions
        self._is_connected = False
        ui.context.client.on_connect(self._on_connect)

    async def on_navigate(self) -> None:
        """Show the state in the URL after the browser's «Назад» or «Вперёд»."""
        self._draft.edited_fields.clear()
        await self._show_url_state(self._page.user_actions)

    async def _on_connect(self) -> None:
        if not self._is_connected:  # a browser that connects again has its state
            self._is_connected = True
            await self._restore()

    async def _restore(self) -> None:
        with self._search_runner.handle_errors(
            lambda: self._search_runner.start_task(self._restore(), 'restore draft')
        ):
            submitted_query, draft_query = await self._draft_storage.load()
            has_url_params = self._url_sync is not None and self._url_sync.has_params
            if draft_query or has_url_params:
                await self._draft_storage.receive_early_input()
            if self._has_searched_since(self._first_actions):
                return
            if draft_query:
                self._draft.restore(draft_query)
                self._page.show_draft()
            if has_url_params:
                await self._show_url_state(self._first_actions, submitted_query, draft_query)
            elif submitted_query and self._url_sync is None and await self._draft_storage.was_reloaded():
                if self._has_searched_since(self._first_actions):
                    return
                self._page.show_url_state(UrlState(submitted_query), self._first_actions)
            self._draft_storage.is_restored = True
            if self._draft.edited_fields:
                self._draft_storage.save(self._page.current_query, self._draft.query)

    async def _show_url_state(
        self, previous_actions: UserActions, submitted_query: Q | None = None, draft_query: Q | None = None
    ) -> None:
        """Read the state in the URL and show it, except what the user has changed since `previous_actions`.

        If the draft was typed after the search in the URL, which is `submitted_query`, the panel shows the draft.
        """
        assert self._url_sync is not None
        with self._search_runner.handle_errors(
            lambda: self._search_runner.start_task(
                self._show_url_state(previous_actions, submitted_query, draft_query), 'restore URL'
            )
        ):
            url_state = await self._url_sync.read_state()
            # A link may name a person: the panel shows their name and phone only after the search is recorded.
            source = await self._page.record_search(url_state.query) if url_state.query else None
            if self._has_searched_since(previous_actions):
                if not self._search_runner.is_searching:  # a running search updates the URL itself
                    self._page.update_url(push=True)
                return
            if not url_state.is_fully_parsed:
                ui.notify(texts.LINK_EXPIRED if url_state.is_expired else texts.LINK_INVALID)
            if url_state.query is None:
                self._draft.restore(self._default_query())
                self._page.show_nothing()
            else:
                is_draft_newer = draft_query is not None and submitted_query == url_state.query
                self._draft.restore(draft_query if draft_query and is_draft_newer else url_state.query)
                self._page.show_url_state(url_state, previous_actions, source)

    def _has_searched_since(self, actions: UserActions) -> bool:
        return self._page.user_actions.search_count != actions.search_count
