"""A journal, whatever it lists: a filter panel, a paging bar and a list over any Source (spec S4 to S15).

A page declares its query, filters, columns and details; what is here knows only how searching goes: rows come first
and never wait for the totals, a newer search cancels an older one, and an older answer never replaces a newer.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Generic, TypeVar

from nicegui import ui

from journal_ui.filters.basic_filters import QueryDraft
from journal_ui.layout.user_preferences import UserPreferences
from journal_ui.list_page.draft_storage import DraftStorage
from journal_ui.list_page.empty_state import EmptyState
from journal_ui.list_page.export_button import ExportButton
from journal_ui.list_page.filter_panel import FilterPanel
from journal_ui.list_page.grid.column_layout import ColumnLayoutStore
from journal_ui.list_page.grid.columns_menu import ColumnsMenu
from journal_ui.list_page.grid.data_grid import DataGrid
from journal_ui.list_page.list_definition import ActivityRecorder, ListDefinition
from journal_ui.list_page.paging_bar import ListPosition, PagingBar
from journal_ui.list_page.saved_searches_menu import SavedSearchesMenu
from journal_ui.list_page.search_runner import SearchRunner
from journal_ui.list_page.url_state import UrlState, UrlSync
from journal_ui.monitoring import error_reporting
from services import texts
from services.errors import DatabaseError
from services.lists.query_protocol import ListRow, Order, Page, Query

Q = TypeVar('Q', bound=Query)
R = TypeVar('R', bound=ListRow)


class ListPage(Generic[Q, R]):
    """A journal as drawn on one page."""

    def __init__(
        self,
        definition: ListDefinition[Q, R],
        preferences: UserPreferences,
        audit_recorder: ActivityRecorder | None = None,
    ) -> None:
        """Draw the journal; nothing is searched before the person asks (spec S11)."""
        self._definition, self._source, self._audit_recorder = definition, definition.source, audit_recorder
        self._export_button: ExportButton[Q] | None = None
        self._url_sync = (
            UrlSync(definition.links, preferences.account_id, self._apply_url_state) if definition.links else None
        )
        self._preferences = preferences
        self._draft = QueryDraft(
            definition.default_query(), lambda typed: self._draft_storage.save(self._submitted_query, typed)
        )
        self._draft_storage = DraftStorage(
            definition.drafts, preferences.account_id, definition.name, type(self._draft.query)
        )
        self._is_restored = False
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
            draw_extra_buttons=lambda: (
                definition.saved_searches
                and SavedSearchesMenu(
                    definition.saved_searches, preferences.account_id, self._typed_query, self._apply_saved_search
                )
            ),
        )
        self._paging_bar = PagingBar(
            preferences.get_value('page_size'),
            on_page_change=self._go_to_page,
            on_size_change=self._change_page_size,
            on_refresh=self._run_search,
        )
        if definition.export:
            with self._paging_bar.tools:
                record_export = audit_recorder.record_export if audit_recorder else None
                self._export_button = ExportButton(
                    definition.export,
                    preferences.account_id,
                    lambda: (self._submitted_query, self._paging_bar.row_count),
                    record_export,
                )
        with ui.element('div').classes('list') as self._list:
            self._grid = DataGrid(
                definition.columns,
                name=definition.name,
                expand_labels=definition.expand_labels,
                layout_store=ColumnLayoutStore(preferences, definition.name),
                on_sort=self._change_sort_order,
                on_toggle=self._toggle_row,
            )
            self._empty_state = EmptyState()
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
        ui.context.client.on_connect(self._restore)
        if definition.subscribe_changes:
            ui.context.client.on_delete(definition.subscribe_changes(self))

    @property
    def displayed_keys(self) -> Collection[str]:
        """The keys of the rows in the list."""
        return self._grid.rows.keys()

    @property
    def current_query(self) -> Q | None:
        """What the list answers; None before the first search."""
        return self._submitted_query

    def on_rows_changed(self, rows: Mapping[str, R], new_count: int) -> None:
        """Show rows as they are now, where they stand; of new ones only tell that they are there."""
        self._paging_bar.add_new_rows(new_count)
        for key, row in rows.items():
            if key in self._grid.rows:
                self._grid.update_row(row)
                if self._grid.is_expanded(key):
                    self._search_runner.start_task(self._expand_row(row, is_refresh=True), 'details')

    def _run_search(self, page_number: int = 1, *, push: bool = True) -> None:
        """Bring what is new: the same search again, from its first page."""
        if self._audit_recorder:
            self._source = self._audit_recorder.audited(self._definition.source)
        self._paging_bar.clear_totals()
        self._load_page(page_number, push=push)
        query = self._current_query()
        self._search_runner.run_totals(
            lambda: self._paging_bar.row_count is None,
            lambda: self._source.totals(query),
            self._paging_bar.set_totals,
        )

    def _typed_query(self) -> Q:
        """Give what the panel holds, in the order of the list."""
        return self._draft.query.with_order(self._sort_order)

    def _search(self) -> None:
        self._submitted_query = self._typed_query()
        self._draft_storage.save(self._submitted_query, self._draft.query)
        self._run_search()

    def _apply_saved_search(self, query: Q) -> None:
        """Search by a query that has a name."""
        self._show_query(query, query)
        self._search()

    def _show_query(self, query: Q, draft: Q) -> None:
        """Show conditions in the panel, and how the list is sorted."""
        self._sort_order = query.order
        self._draft.query = draft
        self._filter_panel.reset()
        self._filter_panel.collapse_for_results()
        self._grid.show_sort_order(query.order)

    def _clear_filters(self) -> None:
        """Put every field back to its first state, and empty the list (spec S10)."""
        self._reset()
        self._update_url(push=True)

    def _reset(self) -> None:
        self._search_runner.cancel()
        self._draft.query = self._definition.default_query()
        self._submitted_query = self._sort_order = None
        self._draft_storage.save(None, self._draft.query)
        self._filter_panel.reset()
        self._paging_bar.clear()
        self._grid.show_sort_order(None)
        self._set_rows([])
        self._empty_state.show_message(texts.NO_DATA, texts.NO_DATA_NEXT)

    def _go_to_page(self, page_number: int) -> None:
        """Show another page of what was found."""
        if self._submitted_query:
            self._load_page(page_number, keep_totals=True)

    async def _restore(self) -> None:
        """Show what the address tells, and what was typed in this tab before its page was built anew."""
        if self._is_restored:
            return
        self._is_restored = True
        with self._search_runner.handle_errors(lambda: self._list.client.run_javascript('location.reload()')):
            submitted_query, draft_query = await self._draft_storage.load()
            if draft_query and self._draft.query == self._definition.default_query():
                self._draft.query = draft_query
                self._filter_panel.reset()
            if self._url_sync and self._url_sync.has_params:
                await self._apply_url_state(submitted_query, draft_query)
            elif submitted_query and draft_query and not self._url_sync and await self._draft_storage.was_reloaded():
                self._show_query(submitted_query, draft_query)
                self._submitted_query = submitted_query
                self._run_search()

    async def _apply_url_state(self, submitted_query: Q | None = None, draft_query: Q | None = None) -> None:
        """Show what the address tells; `typed` stays in the panel if it was typed after the same search."""
        assert self._url_sync is not None
        with self._search_runner.handle_errors(
            lambda: self._search_runner.start_task(self._apply_url_state(submitted_query, draft_query), 'address')
        ):
            url_state = await self._url_sync.read_state()
            if not url_state.is_fully_parsed:
                ui.notify(texts.LINK_EXPIRED if url_state.is_expired else texts.LINK_INVALID)
            if url_state.query is None:
                self._reset()
                return
            self._show_query(
                url_state.query, draft_query if draft_query and submitted_query == url_state.query else url_state.query
            )
            self._paging_bar.set_page_size(url_state.page_size or self._paging_bar.page_size)
            self._submitted_query, self._keys_to_expand = url_state.query, url_state.expanded_keys
            self._run_search(url_state.page_number, push=False)

    def _update_url(self, *, push: bool) -> None:
        """Let the page's address tell what is shown."""
        if self._url_sync:
            url_state = UrlState(
                self._submitted_query,
                self._paging_bar.page_number,
                self._paging_bar.page_size,
                self._grid.expanded_keys,
            )
            self._url_sync.update(url_state, push=push)

    def _change_page_size(self, size: int) -> None:
        self._preferences.set_value('page_size', size)
        self._go_to_page(1)

    def _change_sort_order(self, order: Order | None) -> None:
        """Sort the whole result anew; before the first search, only remember how."""
        self._sort_order = order
        if self._submitted_query:
            self._submitted_query = self._submitted_query.with_order(order)
            self._draft_storage.save(self._submitted_query, self._draft.query)
            self._load_page(1, keep_totals=True)

    def _current_query(self) -> Q:
        """Return the query of the search that runs or is displayed."""
        assert self._submitted_query is not None
        return self._submitted_query

    def _load_page(self, page_number: int, *, keep_totals: bool = False, push: bool = True) -> None:
        """Read one page of the submitted query and draw it."""
        if page_number == 1 and not keep_totals:
            self._paging_bar.clear_new_rows()
        query = self._current_query()

        def draw(page: Page[R]) -> None:
            self._show_page(page, query)
            self._update_url(push=push)

        self._search_runner.run(
            lambda: self._source.page(
                query, number=page_number, size=self._paging_bar.page_size, count=self._paging_bar.row_count
            ),
            draw,
            retry=lambda: self._run_search(page_number, push=push),
            keep_totals=keep_totals,
        )

    def _show_page(self, page: Page[R], query: Q) -> None:
        """Show what was found, or what to do when nothing was; open the rows that the address names."""
        self._set_rows(page.rows)
        self._paging_bar.set_position(ListPosition(page.number, len(page.rows)), page.totals)
        self._empty_state.update(page.rows, query.loosening_hint)
        keys_to_expand, self._keys_to_expand = self._keys_to_expand, ()
        for row in [self._grid.rows[key] for key in keys_to_expand if key in self._grid.rows]:
            self._search_runner.start_task(self._expand_row(row), 'details')

    def _toggle_row(self, key: str) -> None:
        if self._grid.is_expanded(key):
            self._grid.collapse(key)
            self._update_url(push=False)
        elif key in self._grid.rows:
            self._search_runner.start_task(self._expand_row(self._grid.rows[key]), 'details')

    async def _expand_row(self, row: R, *, is_refresh: bool = False) -> None:
        try:
            if self._audit_recorder and not is_refresh:
                await self._audit_recorder.record_opening(row.key)
            details = await self._definition.load_details(row)
        except DatabaseError:
            error_reporting.notify_failure(texts.DETAILS_UNAVAILABLE)
            return
        if details is None:
            ui.notify(texts.DETAILS_GONE)
        elif row.key in self._grid.rows and self._grid.is_expanded(row.key) is is_refresh:
            if is_refresh:
                self._grid.update_details(row.key, details)
            else:
                self._grid.expand(row.key, details)
                self._update_url(push=False)

    def _set_rows(self, rows: Sequence[R]) -> None:
        self._grid.set_rows(rows)
        if self._export_button:
            self._export_button.set_enabled(bool(rows))

    def _show_failure(self, message: str, advice: str) -> None:
        self._set_rows([])
        self._paging_bar.clear()
        self._empty_state.show_message(message, advice, failed=True)
