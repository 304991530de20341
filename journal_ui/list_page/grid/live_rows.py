"""Follows the changes of displayed rows: replaces them in their position, and counts the new ones."""

from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

from journal_ui.list_page.grid.data_grid import DataGrid
from journal_ui.list_page.paging_bar import PagingBar
from journal_ui.list_page.row_details import RowDetails
from services.audit.audited_source import AuditedSource
from services.lists.query_protocol import ListRow, ListSource, Query

Q = TypeVar('Q', bound=Query)
R = TypeVar('R', bound=ListRow)


class LiveRows(Generic[Q, R]):
    """The rows of one page as services.live_updates knows them (see RowSubscriber)."""

    def __init__(
        self,
        grid: DataGrid[R],
        row_details: RowDetails[R],
        paging_bar: PagingBar,
        current_query: Callable[[], Q | None],
    ) -> None:
        """Follow the rows in `grid`, which `current_query` has found."""
        self._grid = grid
        self._row_details = row_details
        self._paging_bar = paging_bar
        self._current_query = current_query
        self.source: ListSource[Q, R] | None = None
        """The source of the displayed rows, whose search is on record."""

    @property
    def displayed_keys(self) -> Collection[str]:
        """The keys of the rows in the list."""
        return self._grid.rows.keys()

    @property
    def current_query(self) -> Q | None:
        """The query whose rows are displayed; None before the first search."""
        return self._current_query()

    async def record_rows(self, keys: Collection[str]) -> None:
        """Record that rows are about to be replaced, as a part of the search that has found them."""
        if isinstance(self.source, AuditedSource):
            await self.source.record_updated_rows(keys)

    def on_rows_changed(self, rows: Mapping[str, R], new_count: int) -> None:
        """Update displayed rows in their position; only count the new ones."""
        self._paging_bar.add_new_rows(new_count)
        for key, row in rows.items():
            if key in self._grid.rows:
                self._grid.update_row(row)
                self._row_details.refresh(row)
