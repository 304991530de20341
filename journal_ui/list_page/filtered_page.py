"""A page that searches as soon as it is displayed: a filter panel, and below it the result as the page draws it."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from nicegui import ui

from journal_ui.filters.basic_filters import Filter, QueryDraft
from journal_ui.filters.dictionary_filter import DictionaryUpdates
from journal_ui.layout.user_preferences import UserPreferences
from journal_ui.list_page.draft_storage import DraftStorage
from journal_ui.list_page.empty_state import EmptyState
from journal_ui.list_page.filter_panel import FilterPanel
from journal_ui.list_page.search_runner import SearchRunner, SubscribeAvailability
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
            draw_toolbar: draws what is displayed between the panel and the result.
        """
        self._default_query = default_query
        self._run_query = run_query
        self._draw_result = draw_result
        self._draft = QueryDraft(default_query(), lambda query: self._draft_storage.save(self._submitted_query, query))
        self._submitted_query: Q = self._draft.query
        self._draft_storage = DraftStorage(drafts, preferences.account_id, name, type(self._draft.query))
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
        self._search_runner = SearchRunner(
            self._list,
            on_slow=self._filter_panel.set_slow_search,
            on_invalid_query=self._filter_panel.show_error,
            on_failure=partial(self.show_message, failed=True),
            subscribe_availability=subscribe_availability,
        )
        self._empty_state.hide()
        ui.context.client.on_connect(self._on_connect)

    def refresh(self) -> None:
        """Run the submitted query again."""
        query = self._submitted_query
        self._search_runner.run(lambda: self._run_query(query), self._show_result, retry=self.refresh)

    def show_message(self, message: str, advice: str, *, failed: bool = False) -> None:
        """Show a message and what the user can do next instead of the result."""
        self._empty_state.show_message(message, advice, failed=failed)
        self.content.set_visibility(False)

    async def _on_connect(self) -> None:
        if not self._is_connected:
            self._is_connected = True
            await self._restore_draft()

    async def _restore_draft(self) -> None:
        """Show the draft of this tab and search by it; keep what the user has done meanwhile."""
        with self._search_runner.handle_errors(
            lambda: self._search_runner.start_task(self._restore_draft(), 'restore draft')
        ):
            _, draft_query = await self._draft_storage.load()
            if draft_query:
                await self._draft_storage.receive_early_input()
            if self._draft_storage.is_restored:  # the user has searched meanwhile
                return
            if draft_query:
                self._draft.restore(draft_query)
                self._filter_panel.reset()
            if not self._draft.edited_fields:
                self._filter_panel.collapse_for_results()
            self._search()

    def _search(self) -> None:
        self._draft_storage.is_restored = True
        self._submitted_query = self._draft.query
        self._draft_storage.save(self._submitted_query, self._draft.query)
        self.refresh()

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
