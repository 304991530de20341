"""Any searchable list: a filter panel, a paging bar and a table over a ListSource (docs/manual.md S4 to S15).

A page declares its query, filters, columns and details in a ListDefinition. ListPage connects the parts: it
submits what is in the panel, displays the rows, and saves the state in the page's URL and in the draft of the tab.
"""

from collections.abc import Collection, Sequence
from typing import Generic, TypeVar

from nicegui import ui

from journal_ui.filters.basic_filters import QueryDraft
from journal_ui.layout.connection_marks import draw_connection_note
from journal_ui.layout.user_preferences import UserPreferences
from journal_ui.list_page.draft_storage import DraftStorage
from journal_ui.list_page.empty_state import EmptyState
from journal_ui.list_page.export_button import draw_export_button
from journal_ui.list_page.filter_panel import FilterPanel
from journal_ui.list_page.grid.column_layout import ColumnLayoutStore
from journal_ui.list_page.grid.columns_menu import ColumnsMenu
from journal_ui.list_page.grid.data_grid import DataGrid
from journal_ui.list_page.grid.live_rows import LiveRows
from journal_ui.list_page.list_definition import ActivityRecorder, ListDefinition
from journal_ui.list_page.paging_bar import ListPosition, PagingBar
from journal_ui.list_page.row_details import RowDetails
from journal_ui.list_page.saved_searches_menu import draw_saved_searches
from journal_ui.list_page.search_runner import SearchRunner
from journal_ui.list_page.state_restorer import StateRestorer, UserActions
from journal_ui.list_page.suggestions.search_suggestions import SearchSuggestions
from journal_ui.list_page.url_state import UrlState, UrlSync
from services import texts
from services.audit.audited_source import AuditedSource
from services.lists.query_protocol import ListRow, ListSource, Order, Page, Query

Q = TypeVar('Q', bound=Query)
R = TypeVar('R', bound=ListRow)


class ListPage(Generic[Q, R]):
    """A list as drawn for one browser tab."""

    def __init__(
        self,
        definition: ListDefinition[Q, R],
        preferences: UserPreferences,
        audit_recorder: ActivityRecorder | None = None,
    ) -> None:
        """Draw the page; nothing is searched before the user asks for it (docs/manual.md S11)."""
        self._definition = definition
        self._source: ListSource[Q, R] = definition.source
        self._audit_recorder = audit_recorder
        self._preferences = preferences
        self._draft = QueryDraft(
            definition.default_query(), lambda query: self._draft_storage.save(self._submitted_query, query)
        )
        self._draft_storage = DraftStorage(
            definition.drafts, preferences.account_id, definition.name, type(self._draft.query)
        )
        self._url_sync = (
            UrlSync(definition.links, preferences.account_id, lambda: self._restorer.on_navigate())
            if definition.links
            else None
        )
        self._search_count = 0
        self._keys_to_expand: Collection[str] = ()
        self._submitted_query: Q | None = None
        self._sort_order: Order | None = None
        ui.context.slot.parent.classes('journal')
        self._filter_panel = FilterPanel(
            definition.filters,
            self._draft,
            on_search=self._search,
            on_cancel=lambda: self._search_runner.cancel(),
            on_clear=self._clear_filters,
            preferences=preferences,
            draw_extra_buttons=lambda: draw_saved_searches(
                definition.saved_searches, preferences.account_id, self._typed_query, self._apply_search
            ),
            dictionary_updates=definition.dictionary_updates,
            interpreter=definition.interpreter,
        )
        self._paging_bar = PagingBar(
            preferences.get_value('page_size'),
            on_page_change=self._go_to_page,
            on_size_change=self._change_page_size,
            on_refresh=self._run_search,
        )
        with self._paging_bar.tools:
            self._export_button = draw_export_button(
                definition.export,
                preferences.account_id,
                lambda: (self._submitted_query, self._paging_bar.row_count),
                audit_recorder.record_export if audit_recorder else None,
            )
        with ui.element('div').classes('list') as self._list:
            self._grid = DataGrid(
                definition.columns,
                name=definition.name,
                expand_labels=definition.expand_labels,
                describe_row=definition.describe_row,
                layout_store=ColumnLayoutStore(preferences, definition.name),
                on_sort=self._change_sort_order,
                on_toggle=lambda key: self._row_details.toggle(key),
            )
            self._empty_state = EmptyState()
            draw_connection_note()
        with self._paging_bar.tools:
            ColumnsMenu(self._grid)
        self._search_runner = SearchRunner(
            self._list,
            on_slow=self._filter_panel.set_slow_search,
            on_invalid_query=self._filter_panel.show_error,
            on_failure=self._show_failure,
            subscribe_availability=definition.subscribe_availability,
        )
        self._empty_state.show_message(texts.NO_DATA, texts.NO_DATA_NEXT)
        self._suggestions = SearchSuggestions(
            definition.suggestions, self._search_runner, self._paging_bar, self._empty_state, self._apply_search
        )
        self._row_details = RowDetails(
            self._grid,
            definition.load_details,
            self._search_runner,
            record_opening=audit_recorder.record_opening if audit_recorder else None,
            on_toggled=lambda: self.update_url(push=False),
        )
        self._restorer = StateRestorer(
            self, self._draft, self._draft_storage, self._url_sync, self._search_runner, definition.default_query
        )
        self._live_rows: LiveRows[Q, R] = LiveRows(
            self._grid, self._row_details, self._paging_bar, lambda: self._submitted_query
        )
        if definition.subscribe_changes:
            ui.context.client.on_delete(definition.subscribe_changes(self._live_rows))

    @property
    def current_query(self) -> Q | None:
        """The query whose rows are displayed; None before the first search."""
        return self._submitted_query

    @property
    def user_actions(self) -> UserActions:
        """See RestorablePage."""
        return UserActions(self._search_count, self._sort_order, self._paging_bar.page_size)

    def _typed_query(self) -> Q:
        """Return the query in the panel, in the order of the list."""
        return self._draft.query.with_order(self._sort_order)

    def _search(self) -> None:
        self._search_count += 1
        self._draft_storage.is_restored = True
        self._submitted_query = self._typed_query()
        self._draft_storage.save(self._submitted_query, self._draft.query)
        self._run_search()

    def _run_search(self, page_number: int = 1, *, push: bool = True, source: ListSource[Q, R] | None = None) -> None:
        """Run the submitted query, and count its totals; record it as a new search, unless `source` has a record."""
        self._source = source or self._new_source()
        self._suggestions.clear()
        self._paging_bar.clear_totals()
        self._load_page(page_number, push=push)
        query = self._submitted_query
        assert query is not None
        self._search_runner.run_totals(
            lambda: self._paging_bar.row_count is None,
            lambda: self._source.totals(query),
            self._paging_bar.set_totals,
        )

    def _new_source(self) -> ListSource[Q, R]:
        source = self._definition.source
        return self._audit_recorder.audited(source) if self._audit_recorder else source

    def _load_page(self, page_number: int, *, keep_totals: bool = False, push: bool = True) -> None:
        """Read one page of the submitted query and draw it."""
        if page_number == 1 and not keep_totals:
            self._paging_bar.clear_new_rows()
        query, source = self._submitted_query, self._source
        assert query is not None

        def draw(page: Page[R]) -> None:
            self._live_rows.source = source
            self._show_page(page, query)
            self._suggestions.start(query, source, has_rows=bool(page.rows))
            self.update_url(push=push)

        self._search_runner.run(
            lambda: source.page(
                query, number=page_number, size=self._paging_bar.page_size, count=self._paging_bar.row_count
            ),
            draw,
            retry=lambda: self._run_search(page_number, push=push),
            keep_totals=keep_totals,
        )

    def _apply_search(self, query: Q) -> None:
        """Show a saved or offered search in the panel, and run it."""
        self._draft.show(query)
        self._show_query(query)
        self._search()

    def _clear_filters(self) -> None:
        """Show the default query in the panel, and empty the list (docs/manual.md S10)."""
        self._search_count += 1
        self._draft_storage.is_restored = True
        self._draft.show(self._definition.default_query())
        self.show_nothing()
        self.update_url(push=True)

    def _go_to_page(self, page_number: int) -> None:
        """Show another page of the result."""
        if self._submitted_query:
            self._search_count += 1
            self._load_page(page_number, keep_totals=True)

    def _change_page_size(self, size: int) -> None:
        self._preferences.set_value('page_size', size)
        self._go_to_page(1)

    def _change_sort_order(self, order: Order | None) -> None:
        """Sort the whole result; before the first search, only store the order."""
        self._sort_order = order
        if self._submitted_query:
            self._search_count += 1
            self._submitted_query = self._submitted_query.with_order(order)
            self._draft_storage.save(self._submitted_query, self._draft.query)
            self._load_page(1, keep_totals=True)

    def _show_query(self, query: Q) -> None:
        """Show the draft in the panel, and the order of `query` in the list."""
        self._sort_order = query.order
        self._filter_panel.reset()
        if not self._draft.edited_fields:
            self._filter_panel.collapse_for_results()
        self._grid.show_sort_order(query.order)

    def show_nothing(self) -> None:
        """Show the draft in the panel, and no rows."""
        self._search_runner.cancel()
        self._suggestions.clear()
        self._submitted_query = self._sort_order = None
        self._draft_storage.save(None, self._draft.query)
        self._filter_panel.reset()
        self._paging_bar.clear()
        self._grid.show_sort_order(None)
        self._set_rows([])
        self._empty_state.show_message(texts.NO_DATA, texts.NO_DATA_NEXT)

    def _show_page(self, page: Page[R], query: Q) -> None:
        """Show rows, or advice when there are none; expand the rows that the URL names."""
        self._set_rows(page.rows)
        self._paging_bar.set_position(ListPosition(page.number, len(page.rows)), page.totals)
        self._empty_state.update(page.rows, lambda: page.hint or query.loosening_hint())
        keys_to_expand, self._keys_to_expand = self._keys_to_expand, ()
        self._row_details.expand(keys_to_expand)

    def _set_rows(self, rows: Sequence[R]) -> None:
        self._grid.set_rows(rows)
        if self._export_button:
            self._export_button.set_enabled(bool(rows))

    def _show_failure(self, message: str, advice: str) -> None:
        self._set_rows([])
        self._paging_bar.clear()
        self._empty_state.show_message(message, advice, failed=True)

    def show_draft(self) -> None:
        """See RestorablePage."""
        self._filter_panel.reset()

    async def record_search(self, query: Q) -> ListSource[Q, R]:
        """See RestorablePage."""
        source = self._new_source()
        if isinstance(source, AuditedSource):
            await source.record(query)
        return source

    def show_url_state(
        self, url_state: UrlState[Q], previous_actions: UserActions, source: ListSource[Q, R] | None = None
    ) -> None:
        """See RestorablePage."""
        query = url_state.query
        assert query is not None
        if self._sort_order != previous_actions.sort_order:
            query = query.with_order(self._sort_order)
        if url_state.page_size and self._paging_bar.page_size == previous_actions.page_size:
            self._paging_bar.set_page_size(url_state.page_size)
        self._submitted_query, self._keys_to_expand = query, url_state.expanded_keys
        self._show_query(query)
        self._run_search(url_state.page_number, push=False, source=source)

    def update_url(self, *, push: bool) -> None:
        """See RestorablePage."""
        if self._url_sync:
            bar = self._paging_bar
            url_state = UrlState(self._submitted_query, bar.page_number, bar.page_size, self._grid.expanded_keys)
            self._url_sync.update(url_state, push=push)
