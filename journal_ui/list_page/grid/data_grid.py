"""The table of a list page: AG Grid with declared columns and expandable rows (docs/manual.md S13, S15)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from nicegui import events, json, ui

from journal_ui.list_page.grid import grid_cell_scripts as scripts
from journal_ui.list_page.grid import grid_layout_scripts as layout
from journal_ui.list_page.grid.column_layout import ColumnLayout, ColumnLayoutStore
from journal_ui.list_page.grid.grid_columns import Column, grid_options
from journal_ui.list_page.grid.row_labels import label_rows
from journal_ui.nicegui_patches.outbox import run_script
from journal_ui.root_path import public_path
from services.lists.query_protocol import ListRow, Order

R = TypeVar('R', bound=ListRow)


@dataclass(frozen=True)
class TimelineEntry:
    """An entry of a timeline."""

    time: str
    text: str
    status_class: str = ''
    """The CSS class of the marker."""


@dataclass(frozen=True)
class DetailField:
    """A field of the details of a row."""

    title: str
    text: str = ''
    kind: str = ''
    """The CSS class: `message` for a message text, `note` below it, `wrong` for an error, `none` if it is missing."""
    timeline: Sequence[TimelineEntry] = ()
    """A timeline instead of a text."""
    is_copied: bool = False
    """Whether the field is a button with the title, which copies the text; ORIGIN in it becomes that of the page."""
    url: str = ''
    """A page to which the text leads."""


class DataGrid(Generic[R]):
    """The table as drawn on one page."""

    def __init__(
        self,
        columns: tuple[Column[R], ...],
        *,
        name: str,
        expand_labels: tuple[str, str],
        describe_row: Callable[[R], str],
        layout_store: ColumnLayoutStore,
        on_sort: Callable[[Order | None], None],
        on_toggle: Callable[[str], Any],
    ) -> None:
        """Draw the table.

        Args:
            columns: the declared columns.
            name: the accessible name of the table.
            expand_labels: what the button of a collapsed row does, and that of an expanded one.
            describe_row: describes a row in the accessible names of its buttons.
            layout_store: stores the column layout of the user.
            on_sort: receives the order that the user selects in the header.
            on_toggle: receives the key of the row that the user expands or collapses.
        """
        self.columns = columns
        fields = [column.field for column in columns]
        optional = [column.field for column in columns if column.is_optional]
        self.default_layout = ColumnLayout.from_dict(None, fields, optional)
        """The declared layout."""
        self.column_layout = layout_store.read(fields, optional)
        self._describe_row = describe_row
        self._layout_store = layout_store
        self._on_sort = on_sort
        self._sort_order: Order | None = None
        self._container = ui.context.slot.parent
        self.rows: dict[str, R] = {}
        """The displayed rows by their keys."""
        self._labels: dict[str, str] = {}
        self._expanded: set[str] = set()
        self._row_revision = 0
        options = grid_options(columns, expand_labels)
        if self.column_layout != self.default_layout:
            options = {**options, 'context': self.column_layout.to_dict()}
        self._grid = ui.aggrid(options, auto_size_columns=False)
        self._grid.props['aria-label'] = name
        id = str(self._grid.id)
        self._grid.on(
            'sortChanged',
            lambda e: self._on_sort_changed(_parse_sort_event(e)),
            js_handler=_script_for_grid(scripts.ON_SORT_CHANGED_JS, id),
        )
        self._grid.on('cellClicked', lambda e: on_toggle(e.args), js_handler=scripts.ON_EXPAND_CLICKED_JS)
        self._grid.on('columnMoved', self._on_column_moved, js_handler=_script_for_grid(layout.ON_COLUMN_MOVED_JS, id))
        self._grid.on(
            'columnResized', self._on_column_resized, js_handler=_script_for_grid(layout.ON_COLUMN_RESIZED_JS, id)
        )
        self._apply_row_height()

    def set_rows(self, rows: Sequence[R]) -> None:
        """Replace the rows; none is expanded.

        The container has the revision of the rows as `data-rows`, and as `data-drawn` once the browser has drawn them:
        the paging bar describes the new rows earlier than AG Grid draws them, and keys must not reach the old ones.
        """
        self._row_revision += 1
        self._container.props['data-rows'] = str(self._row_revision)
        self._expanded.clear()
        self.rows = {row.key: row for row in rows}
        self._labels = label_rows(rows, self._describe_row)
        self._call_grid_api('setRows', [self._row_data(row) for row in rows], self._row_revision)

    def show_sort_order(self, order: Order | None) -> None:
        """Show in the header by which column the list is sorted, if by any."""
        self._sort_order = order
        state = [{'colId': order.column, 'sort': 'desc' if order.descending else 'asc'}] if order else []
        self._call_grid_api('applyColumnState', {'state': state, 'defaultState': {'sort': None}})

    def apply_layout(self, column_layout: ColumnLayout) -> None:
        """Change the column layout."""
        self._call_grid_api('setLayout', column_layout.to_dict())
        self._save_layout(column_layout)

    def is_expanded(self, key: str) -> bool:
        """Return whether the row is expanded."""
        return key in self._expanded

    @property
    def expanded_keys(self) -> tuple[str, ...]:
        """The keys of the expanded rows, from top to bottom."""
        return tuple(filter(self.is_expanded, self.rows))

    def expand(self, key: str, details: Sequence[DetailField]) -> None:
        """Expand a row: insert its details below it."""
        keys = list(self.rows)
        index = keys.index(key)
        expanded_above = sum(other in self._expanded for other in keys[:index])
        self._expanded.add(key)
        self._refresh_row(key)
        details_row = self._details_row(key, details)
        self._call_grid_api('applyTransaction', {'add': [details_row], 'addIndex': index + expanded_above + 1})

    def update_row(self, row: R) -> None:
        """Replace a row in its position."""
        self.rows[row.key] = row
        self._labels = label_rows(self.rows.values(), self._describe_row)
        self._refresh_row(row.key)

    def update_details(self, key: str, details: Sequence[DetailField]) -> None:
        """Replace the details of an expanded row."""
        self._call_grid_api('applyTransaction', {'update': [self._details_row(key, details)]})

    def collapse(self, key: str) -> None:
        """Collapse an expanded row."""
        self._expanded.discard(key)
        self._refresh_row(key)
        self._call_grid_api('applyTransaction', {'remove': [{'key': f'{key}/details'}]})

    def _on_sort_changed(self, order: Order | None) -> None:
        self._sort_order = order
        self._on_sort(order)

    def _on_column_moved(self, e: events.GenericEventArguments) -> None:
        self._save_layout(self.column_layout.with_column_order(e.args))

    def _on_column_resized(self, e: events.GenericEventArguments) -> None:
        widths = e.args if isinstance(e.args, dict) else {}
        # a width as declared is not a user's choice, unless the column would grow
        default_widths = {column.field: column.width for column in self.columns if not column.flex}
        custom_widths = {name: width for name, width in widths.items() if width != default_widths.get(name)}
        self._save_layout(self.column_layout.with_widths(custom_widths))

    def _save_layout(self, column_layout: ColumnLayout) -> None:
        if column_layout == self.column_layout:
            return
        self.column_layout = column_layout
        self._apply_row_height()
        self._layout_store.write(column_layout)
        if self._sort_order and self._sort_order.column in column_layout.hidden:
            # a list is not sorted by a column that is hidden
            self.show_sort_order(None)
            self._on_sort(None)

    def _apply_row_height(self) -> None:
        tall_rows = self.column_layout.tall_rows
        self._container.classes(add='roomy' if tall_rows else None, remove=None if tall_rows else 'roomy')

    def _details_row(self, key: str, details: Sequence[DetailField]) -> dict[str, Any]:
        row = self.rows[key]
        return {
            'key': f'{key}/details',
            'label': self._labels[key],
            'details': [
                (
                    field.title,
                    field.text,
                    field.kind,
                    [(entry.time, entry.text, entry.status_class) for entry in field.timeline],
                    field.is_copied,
                    public_path(field.url),
                )
                for field in details
            ],
            'columns': [
                (column.field, column.title, (column.get_full_text or column.get_text)(row))
                for column in self.columns
                if not column.is_optional
            ],
        }

    def _refresh_row(self, key: str) -> None:
        self._call_grid_api('applyTransaction', {'update': [self._row_data(self.rows[key])]})

    def _call_grid_api(self, method: str, *arguments: Any) -> None:
        """Call a method of AG Grid's API in the browser."""
        if not self._grid.is_deleted:
            run_script(
                self._grid.client, f'runMethod({self._grid.id}, "run_grid_method", {json.dumps((method, *arguments))})'
            )

    def _row_data(self, row: R) -> dict[str, Any]:
        key = row.key
        data: dict[str, Any] = {'key': key, 'open': key in self._expanded, 'label': self._labels[key]}
        for column in self.columns:
            data[column.field] = column.get_text(row)
            if column.get_full_text:
                data[f'{column.field}_full'] = column.get_full_text(row)
            if column.get_status_class:
                data[f'{column.field}_tone'] = column.get_status_class(row)
            if column.get_note:
                data[f'{column.field}_note'] = column.get_note(row)
            if column.get_link:
                link = column.get_link(row)
                data[f'{column.field}_link'] = [public_path(link.url), link.label] if link else []
        return data


@cache
def _script_for_grid(text: str, id: str) -> str:
    """Return a script for a grid by its element id, shared by all pages on which the grid has this id."""
    return text.replace('ID', id)


def _parse_sort_event(e: events.GenericEventArguments) -> Order | None:
    column, direction = e.args
    return Order(column, descending=direction == 'desc') if column else None
