"""Expands and collapses the rows of a list page: loads the details of a row when the user asks for them."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar

from nicegui import ui

from journal_ui.list_page.grid.data_grid import DataGrid, DetailField
from journal_ui.list_page.search_runner import SearchRunner
from journal_ui.monitoring import error_reporting
from services import texts
from services.errors import DatabaseError
from services.lists.query_protocol import ListRow

R = TypeVar('R', bound=ListRow)


class RowDetails(Generic[R]):
    """The expanded rows of one page."""

    def __init__(
        self,
        grid: DataGrid[R],
        load_details: Callable[[R], Awaitable[Sequence[DetailField] | None]],
        search_runner: SearchRunner,
        *,
        record_opening: Callable[[str], Awaitable[None]] | None,
        on_toggled: Callable[[], None],
    ) -> None:
        """Show details in `grid`.

        Args:
            grid: the list of the page.
            load_details: see ListDefinition.
            search_runner: runs the tasks of the page.
            record_opening: writes to the audit log that a row is expanded; if it fails, the row stays collapsed.
            on_toggled: is called after the user has expanded or collapsed a row.
        """
        self._grid = grid
        self._load_details = load_details
        self._search_runner = search_runner
        self._record_opening = record_opening
        self._on_toggled = on_toggled

    def toggle(self, key: str) -> None:
        """Collapse a row that is expanded, or expand it."""
        if self._grid.is_expanded(key):
            self._grid.collapse(key)
            self._on_toggled()
        else:
            self.expand((key,))

    def expand(self, keys: Iterable[str]) -> None:
        """Expand those of the rows that are in the list."""
        for key in keys:
            if key in self._grid.rows:
                self._search_runner.start_task(self._expand(self._grid.rows[key]), 'details')

    def refresh(self, row: R) -> None:
        """Load the details of a row again if it is expanded."""
        if self._grid.is_expanded(row.key):
            self._search_runner.start_task(self._refresh(row), 'details')

    async def _expand(self, row: R) -> None:
        details = await self._load(row, self._record_opening)
        if details is not None and row.key in self._grid.rows and not self._grid.is_expanded(row.key):
            self._grid.expand(row.key, details)
            self._on_toggled()

    async def _refresh(self, row: R) -> None:
        details = await self._load(row, None)
        if details is not None and row.key in self._grid.rows and self._grid.is_expanded(row.key):
            self._grid.update_details(row.key, details)

    async def _load(
        self, row: R, record_opening: Callable[[str], Awaitable[None]] | None
    ) -> Sequence[DetailField] | None:
        """Return the details of a row; notify the user and return None when there are none."""
        try:
            if record_opening:
                await record_opening(row.key)
            details = await self._load_details(row)
        except DatabaseError:
            error_reporting.notify_failure(texts.DATABASE_DOWN_RETRY)
            return None
        if details is None:
            ui.notify(texts.DETAILS_GONE)
        return details
