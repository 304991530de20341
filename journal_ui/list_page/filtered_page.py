"""A page that answers as soon as it opens: a filter panel, and under it whatever the page draws of the answer.

Its searching goes as a journal's does: a newer question cancels an older one, and what cannot be had is said in place.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from nicegui import app, ui

from journal_ui.filters.basic_filters import Filter, QueryDraft
from journal_ui.layout.user_preferences import UserPreferences
from journal_ui.list_page.empty_state import EmptyState
from journal_ui.list_page.filter_panel import FilterPanel
from journal_ui.list_page.search_runner import SearchRunner, SubscribeAvailability
from services.lists.query_protocol import Query

Q = TypeVar('Q', bound=Query)
A = TypeVar('A')


class FilteredPage(Generic[Q, A]):
    """The page as drawn once; `content` is where answers are drawn."""

    def __init__(
        self,
        name: str,
        filters: Sequence[Filter],
        *,
        default_query: Callable[[], Q],
        run_query: Callable[[Q], Awaitable[A]],
        draw_result: Callable[[A], None],
        preferences: UserPreferences,
        subscribe_availability: SubscribeAvailability,
        draw_toolbar: Callable[[], None] | None = None,
    ) -> None:
        """Draw the panel; `query` begins, `ask` answers a query, `show` draws the answer, once the page listens.

        `watch` tells when to ask again what the database did not answer.
        `bar` draws what always stands between the panel and the answer.
        """
        self._default_query = default_query
        self._run_query = run_query
        self._draw_result = draw_result
        self._storage_key = f'{name}, as typed by {preferences.account_id}'
        self._is_started = False
        self._draft = QueryDraft(default_query(), self._save_draft)
        self._submitted_query: Q = self._draft.query
        with ui.element('div').classes('journal'):
            self._filter_panel = FilterPanel(
                filters,
                self._draft,
                on_search=self._search,
                on_cancel=lambda: self._search_runner.cancel(),
                on_clear=self._clear_filters,
                preferences=preferences,
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
        ui.context.client.on_connect(self._start)

    def refresh(self) -> None:
        """Run the submitted query again."""
        query = self._submitted_query
        self._search_runner.run(lambda: self._run_query(query), self._show_result, retry=self.refresh)

    def show_message(self, message: str, advice: str, *, failed: bool = False) -> None:
        """Show a message and what the user can do next instead of the result."""
        self._empty_state.show_message(message, advice, failed=failed)
        self.content.set_visibility(False)

    def _start(self) -> None:
        """Answer what was typed in this tab before, or what the page begins with."""
        if self._is_started:
            return
        self._is_started = True
        if saved_query := app.storage.tab.get(self._storage_key):
            self._draft.query = saved_query
            self._filter_panel.reset()
        self._filter_panel.collapse_for_results()
        self._search()

    def _save_draft(self, query: Q) -> None:
        app.storage.tab[self._storage_key] = query

    def _search(self) -> None:
        self._submitted_query = self._draft.query
        self.refresh()

    def _clear_filters(self) -> None:
        """Put every field back to its first state, and answer that."""
        self._draft.query = self._default_query()
        self._save_draft(self._draft.query)
        self._filter_panel.reset()
        self._search()

    def _show_result(self, result: A) -> None:
        self._empty_state.hide()
        self.content.set_visibility(True)
        with self.content:
            self._draw_result(result)
