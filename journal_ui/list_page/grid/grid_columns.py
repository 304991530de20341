"""The columns that a page declares, and how AG Grid has them written.

Rows live in Python and the grid is a view: it neither sorts nor pages, the database does. Whatever a row holds
reaches the page as text, never as HTML.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Generic, TypeVar

from journal_ui.list_page.grid import grid_cell_scripts as scripts
from journal_ui.list_page.grid import grid_layout_scripts as layout
from services import texts
from services.lists.query_protocol import ListRow

R = TypeVar('R', bound=ListRow)


class ColumnKind(StrEnum):
    """How a column is shown."""

    TEXT = ''
    TABULAR = 'figures'
    """Tabular figures: times."""
    MONEY = 'right figures'
    UUID = 'code'
    """A UUID: its first characters, the whole on hover, copied by a click."""
    PHONE = 'figures phone'
    """Copied by a click, as it is dialled."""
    STATUS = 'tone'
    """A word beside a mark."""


COPY_RENDERERS = {ColumnKind.UUID: scripts.COPY_UUID_JS, ColumnKind.PHONE: scripts.COPY_PHONE_JS}
"""What is drawn as a button that copies."""


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column of a journal, as a page declares it."""

    field: str
    """The name by which the query sorts."""
    title: str
    get_text: Callable[[R], str]
    width: int
    """Pixels; the least where the column grows."""
    flex: int = 0
    """Its share of the room left over."""
    kind: ColumnKind = ColumnKind.TEXT
    get_status_class: Callable[[R], str] | None = None
    """For a status: «sent», «waiting» or «failed»."""
    phone_width: int = 0
    """Pixels on a phone; 0: the opened row tells it there."""


@cache
def grid_options(columns: tuple[Column[Any], ...], expand_labels: tuple[str, str]) -> dict[str, Any]:
    """Write the options of a list; `words` name the opener of a shut and of an open row.

    All that nests is one piece of script, written once for all pages: NiceGUI would watch every dictionary in it anew
    for each page.
    """
    return {
        ':columnDefs': _to_javascript([scripts.expand_column(*expand_labels), *map(_column_definition, columns)]),
        ':defaultColDef': _to_javascript(
            {
                'resizable': True,
                'minWidth': layout.MIN_FLEX_WIDTH,
                ':comparator': '() => 0',  # the database has sorted
                ':suppressKeyboardEvent': scripts.SUPPRESS_CELL_KEYS_JS,
                ':suppressHeaderKeyboardEvent': scripts.SUPPRESS_HEADER_KEYS_JS,
            }
        ),
        ':localeText': _to_javascript(texts.GRID),
        ':rowData': '[]',
        ':getRowId': 'p => p.data.key',
        ':getRowHeight': layout.ROW_HEIGHT_JS,
        ':isFullWidthRow': 'p => !!p.rowNode.data?.details',
        ':fullWidthCellRenderer': scripts.DETAILS_ROW_JS,
        # Tab goes to the buttons of rows; the rows themselves are no stops on its way
        ':processRowPostCreate': 'p => p.eRow.removeAttribute("tabindex")',
        ':onGridReady': layout.grid_ready_js(
            {column.field: layout.ColumnWidths(column.width, column.flex, column.phone_width) for column in columns}
        ),
        ':onGridSizeChanged': layout.ON_GRID_RESIZED_JS,
        ':tabToNextHeader': '() => false',
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
    }


def _column_definition(column: Column[Any]) -> dict[str, Any]:
    """Write a column as AG Grid has it."""
    definition: dict[str, Any] = {
        'field': column.field,
        'headerName': column.title,
        'width': column.width,
        'cellClass': column.kind.value.split(),
        'headerClass': column.kind.value.split()[:1],
        'tooltipField': column.field,
    }
    if column.flex:
        definition['flex'] = column.flex
    else:
        definition['minWidth'] = 40
    if column.kind in COPY_RENDERERS:
        definition[':cellRenderer'] = COPY_RENDERERS[column.kind]
        definition['tooltipField'] = None
    if column.get_status_class:
        definition['cellClassRules'] = {
            f':{tone}': f'p => p.data?.["{column.field}_tone"] === "{tone}"' for tone in ('sent', 'waiting', 'failed')
        }
    return definition


def _to_javascript(value: Any) -> str:
    """Write a value as script; what a key beginning with a colon holds is script already."""
    if isinstance(value, dict):
        parts = (
            f'{json.dumps(key[1:])}: ({each})' if key.startswith(':') else f'{json.dumps(key)}: {_to_javascript(each)}'
            for key, each in value.items()
        )
        return f'{{{", ".join(parts)}}}'
    if isinstance(value, list):
        return f'[{", ".join(map(_to_javascript, value))}]'
    return json.dumps(value, ensure_ascii=False)
