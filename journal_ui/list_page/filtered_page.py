"""A page that searches as soon as it is displayed: a filter panel, and below it the result as the page draws it."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from nicegui import ui

from journal_ui.filters.basic_filters import Filter, QueryDraft
from journal_ui.filters.dictionary_updates import DictionaryUpdates
from journal_ui.layout import connection_marks
from journal_ui.layout.user_preferences import UserPreferences
from journal_ui.list_page.draft_storage import DraftStorage
from journal_ui.list_page.empty_state import EmptyState
from journal_ui.list_page.filter_panel import FilterPanel
from journal_ui.list_page.search_runner import SearchRunner, SubscribeAvailability
from journal_ui.list_page.url_state import LinkSerializer, UrlState, UrlSync
from services import texts
from services.lists.drafts import DraftStore
from services.lists.query_protocol import Query

Q = TypeVar('Q', bound=Query)
A = TypeVar('A')


class FilteredPage(Generic[Q, A]):
    """The page as drawn for one browser tab; results are drawn into `content`."""

    def __init__(
        self,
        name: str,
        filters: Sequence[Filter],
        *,
        default_query: Callable[[], Q],
        run_query: Callable[[Q], Awaitable[A]],
        draw_result: Callable[[A], None],
        preferences: UserPreferences,
        drafts: DraftStore,
        subscribe_availability: SubscribeAvailability,
        dictionary_updates: DictionaryUpdates[Q] | None = None,
        links: LinkSerializer[Q] | None = None,
        draw_toolbar: Callable[[], None] | None = None,
    ) -> None:
        """Draw the panel, and search once the browser is connected.

        Args:
            name: the name under which drafts are saved.
            filters: the conditions of the panel.
            default_query: returns the query of a page without a draft, which is also that of «очистить».
            run_query: returns the result of a query; may raise what SearchRunner handles.
            draw_result: draws the result into `content`.
            preferences: the preferences of the user.
            drafts: stores what is typed, for a page that is built again.
            subscribe_availability: see SearchRunner.
            dictionary_updates: see FilterPanel.
            links: writes the query to the URL and reads it; without it the URL has no query.
            draw_toolbar: draws what is displayed between the panel and the result.
        """
        self._default_query = default_query
        self._run_query = run_query
        self._draw_result = draw_result
        self._draft = QueryDraft(default_query(), lambda query: self._draft_storage.save(self._submitted_query, query))
        self._submitted_query: Q = self._draft.query
        self._draft_storage = DraftStorage(drafts, preferences.account_id, name, type(self._draft.query))
        self._url_sync = UrlSync(links, preferences.account_id, self._show_url) if links else None
        self._is_connected = False
        with ui.element('div').classes('journal'):
            self._filter_panel = FilterPanel(
                filters,
                self._draft,
                on_search=self._search,
                on_cancel=lambda: self._search_runner.cancel(),
                on_clear=self._clear_filters,
                preferences=preferences,
                dictionary_updates=dictionary_updates,
            )
            if draw_toolbar:
                with ui.element('div').classes('paging'):
                    draw_toolbar()
            with ui.element('div').classes('list') as self._list:
                self.content = ui.element('div').classes('board')
                self._empty_state = EmptyState()
                connection_marks.draw_connection_note()
        self._search_runner = SearchRunner(
            self._list,
            on_slow=self._filter_panel.set_slow_search,
            on_invalid_query=self._filter_panel.show_error,
            on_failure=partial(self.show_message, failed=True),
            subscribe_availability=subscribe_availability,
        )
        self._empty_state.hide()
        ui.context.client.on_connect(self._on_connect)

    @property
    def typed_query(self) -> Q:
        """The query in the panel."""
        return self._draft.query

    def refresh(self) -> None:
        """Run the submitted query again."""
        self._run_submitted_query(push=False)

    def search(self, query: Q) -> None:
        """Show a query in the panel, and run it."""
        self._draft.show(query)
        self._filter_panel.reset()
        self._filter_panel.collapse_for_results()
        self._search()

    def replace_query(self, change: Callable[[Q], Q]) -> None:
        """Change what does not need another search, such as the order of a result that is there."""
        self._draft.query = change(self._draft.query)
        self._submitted_query = change(self._submitted_query)
        self._draft_storage.save(self._submitted_query, self._draft.query)
        self._update_url(push=True)

    def show_message(self, message: str, advice: str, *, failed: bool = False) -> None:
        """Show a message and what the user can do next instead of the result."""
        self._empty_state.show_message(message, advice, failed=failed)
        self.content.set_visibility(False)
        connection_marks.announce_drawn(self._list.client)

    async def _on_connect(self) -> None:
        if not self._is_connected:
            self._is_connected = True
            await self._restore_draft()

    async def _restore_draft(self) -> None:
        """Show the query in the URL, or the draft of this tab, and search by it; keep what the user has done meanwhile.

        If the draft was typed after the search in the URL, the panel shows the draft.
        """
        with self._search_runner.handle_errors(
            lambda: self._search_runner.start_task(self._restore_draft(), 'restore draft')
        ):
            submitted_query, draft_query = await self._draft_storage.load()
            url_query = await self._read_url() if self._url_sync and self._url_sync.has_params else None
            if draft_query or url_query:
                await self._draft_storage.receive_early_input()
            if self._draft_storage.is_restored:  # the user has searched meanwhile
                return
            if url_query and url_query != submitted_query:
                draft_query = url_query
            if draft_query or url_query:
                self._draft.restore(draft_query or url_query or self._draft.query)
                self._filter_panel.reset()
            if not self._draft.edited_fields:
                self._filter_panel.collapse_for_results()
            self._run(url_query or self._draft.query, push=False)

    async def _show_url(self) -> None:
        """Show the query in the URL after the browser's «Назад» or «Вперёд», and search by it."""
        with self._search_runner.handle_errors(lambda: self._search_runner.start_task(self._show_url(), 'show URL')):
            query = await self._read_url() or self._default_query()
            self._draft.show(query)
            self._filter_panel.reset()
            self._filter_panel.collapse_for_results()
            self._run(query, push=False)

    async def _read_url(self) -> Q | None:
        assert self._url_sync is not None
        url_state = await self._url_sync.read_state()
        if not url_state.is_fully_parsed:
            ui.notify(texts.LINK_INVALID)
        return url_state.query

    def _search(self) -> None:
        """Run the query in the panel."""
        self._run(self._draft.query, push=True)

    def _run(self, query: Q, *, push: bool) -> None:
        self._draft_storage.is_restored = True
        self._submitted_query = query
        self._draft_storage.save(query, self._draft.query)
        self._run_submitted_query(push=push)

    def _run_submitted_query(self, *, push: bool) -> None:
        query = self._submitted_query

        def draw(result: A) -> None:
            self._show_result(result)
            self._update_url(push=push)

        self._search_runner.run(
            lambda: self._run_query(query), draw, retry=lambda: self._run_submitted_query(push=push)
        )

    def _update_url(self, *, push: bool) -> None:
        """Write the query to the URL; the URL of the initial query has none, so that it stays the current one."""
        if self._url_sync:
            is_initial = self._submitted_query == self._default_query()
            self._url_sync.update(UrlState(None if is_initial else self._submitted_query), push=push)

    def _clear_filters(self) -> None:
        """Show the default query in the panel, and search by it."""
        self._draft.show(self._default_query())
        self._filter_panel.reset()
        self._search()

    def _show_result(self, result: A) -> None:
        self._empty_state.hide()
        self.content.set_visibility(True)
        with self.content:
            self._draw_result(result)
        connection_marks.announce_drawn(self._list.client)
