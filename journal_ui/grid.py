"""The list of a journal: AG Grid with the columns a page declares, and rows that open (spec S13, S15).

Rows live in Python and the grid is a view: it neither sorts nor pages, the database does. Whatever a row holds
reaches the page as text, never as HTML.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from nicegui import events, ui

from journal_ui import grid_scripts as scripts
from services import texts
from services.query import Order, Row

R = TypeVar('R', bound=Row)


class Kind(StrEnum):
    """How a column is shown."""

    TEXT = ''
    FIGURES = 'figures'
    """Tabular figures: times, phones."""
    MONEY = 'right figures'
    CODE = 'code'
    """A UUID: its first characters, the whole on hover, copied by a click."""
    STATUS = 'tone'
    """A word beside a mark."""


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column of a journal, as a page declares it."""

    field: str
    """The name by which the query sorts."""
    title: str
    value: Callable[[R], str]
    width: int
    """Pixels; the least where the column grows."""
    grow: int = 0
    """Its share of the room left over."""
    kind: Kind = Kind.TEXT
    tone: Callable[[R], str] | None = None
    """For a status: «sent», «waiting» or «failed»."""
    narrow: int = 0
    """Pixels on a phone; 0: the opened row tells it there."""


@dataclass(frozen=True)
class Detail:
    """A line of an opened row."""

    title: str
    text: str
    kind: str = ''
    """«message»: as a message stands; «wrong»: what went wrong; «none»: there is nothing to tell."""


class Grid(Generic[R]):
    """The list as drawn on one page."""

    def __init__(
        self,
        columns: Sequence[Column[R]],
        *,
        name: str,
        words: tuple[str, str],
        sort: Callable[[Order | None], None],
        toggle: Callable[[str], Any],
    ) -> None:
        """Draw the list; `words` name the opener of a shut and of an open row, `toggle` gets the row's key."""
        self._columns = columns
        self._rows: dict[str, dict[str, Any]] = {}
        self._open: set[str] = set()
        self._grid = ui.aggrid(
            {
                'columnDefs': [scripts.opener(*words), *map(_definition, columns)],
                'defaultColDef': {
                    'resizable': True,
                    'suppressMovable': True,
                    'minWidth': scripts.LEAST,
                    ':comparator': '() => 0',  # the database has sorted
                    ':suppressKeyboardEvent': scripts.KEYS,
                    ':suppressHeaderKeyboardEvent': scripts.HEADER_KEYS,
                },
                'rowData': [],
                ':getRowHeight': scripts.ROW_HEIGHT,
                'headerHeight': 40,
                'ensureDomOrder': True,
                'embedFullWidthRows': True,
                'suppressColumnVirtualisation': True,
                'suppressRowVirtualisation': True,
                'suppressMultiSort': True,
                'suppressNoRowsOverlay': True,
                'suppressDragLeaveHidesColumns': True,
                'animateRows': False,
                'alwaysShowVerticalScroll': True,  # the columns keep their widths from page to page
                'enableCellTextSelection': True,
                'enableBrowserTooltips': True,
                'localeText': texts.GRID,
                ':getRowId': 'p => p.data.key',
                ':isFullWidthRow': 'p => !!p.rowNode.data?.details',
                # Tab goes to the buttons of rows; the rows themselves are no stops on its way
                ':processRowPostCreate': 'p => p.eRow.removeAttribute("tabindex")',
                ':fullWidthCellRenderer': scripts.DETAILS,
                ':onGridReady': scripts.READY,
                ':onGridSizeChanged': scripts.narrow(
                    {column.field: (column.width, column.narrow) for column in columns}
                ),
                ':tabToNextHeader': '() => false',
            },
        )
        self._grid.props['aria-label'] = name
        self._grid.on(
            'sortChanged', lambda e: sort(_order(e)), js_handler=scripts.SORTED.replace('ID', str(self._grid.id))
        )
        self._grid.on('cellClicked', lambda e: toggle(e.args), js_handler=scripts.OPENED)

    def show(self, rows: Sequence[R]) -> None:
        """Show these rows in place of the old; none is open."""
        self._open.clear()
        self._rows = {row.key: self._line(row) for row in rows}
        self._grid.run_grid_method('setGridOption', 'rowData', list(self._rows.values()))
        if rows:
            self._grid.run_grid_method('ensureIndexVisible', 0)

    def unsort(self) -> None:
        """Show that no column is sorted by."""
        self._grid.run_grid_method('applyColumnState', {'defaultState': {'sort': None}})

    def has(self, key: str) -> bool:
        """Say whether the row is in the list."""
        return key in self._rows

    def is_open(self, key: str) -> bool:
        """Say whether the row is open."""
        return key in self._open

    def open(self, key: str, details: Sequence[Detail]) -> None:
        """Open a row: tell the details under it."""
        keys = list(self._rows)
        index = keys.index(key)
        above = sum(other in self._open for other in keys[:index])
        self._open.add(key)
        under = {
            'key': f'{key}/details',
            'details': [(detail.title, detail.text, detail.kind) for detail in details],
            'rest': [(column.title, self._rows[key][column.field]) for column in self._columns if not column.narrow],
        }
        self._mark(key)
        self._grid.run_grid_method('applyTransaction', {'add': [under], 'addIndex': index + above + 1})

    def shut(self, key: str) -> None:
        """Shut an open row."""
        self._open.discard(key)
        self._mark(key)
        self._grid.run_grid_method('applyTransaction', {'remove': [{'key': f'{key}/details'}]})

    def _mark(self, key: str) -> None:
        self._rows[key]['open'] = key in self._open
        self._grid.run_grid_method('applyTransaction', {'update': [self._rows[key]]})

    def _line(self, row: R) -> dict[str, Any]:
        line: dict[str, Any] = {'key': row.key, 'open': False}
        for column in self._columns:
            line[column.field] = column.value(row)
            if column.tone:
                line[f'{column.field}_tone'] = column.tone(row)
        return line


def _definition(column: Column[Any]) -> dict[str, Any]:
    """Write a column as AG Grid has it."""
    definition: dict[str, Any] = {
        'field': column.field,
        'headerName': column.title,
        'width': column.width,
        'cellClass': column.kind.value.split(),
        'headerClass': column.kind.value.split()[:1],
        'tooltipField': column.field,
    }
    if column.grow:
        definition['flex'] = column.grow
    else:
        definition['minWidth'] = 40
    if column.kind is Kind.CODE:
        definition[':cellRenderer'] = scripts.CODE
        definition['tooltipField'] = None
    if column.tone:
        definition['cellClassRules'] = {
            f':{tone}': f'p => p.data?.["{column.field}_tone"] === "{tone}"' for tone in ('sent', 'waiting', 'failed')
        }
    return definition


def _order(e: events.GenericEventArguments) -> Order | None:
    column, direction = e.args
    return Order(column, descending=direction == 'desc') if column else None
