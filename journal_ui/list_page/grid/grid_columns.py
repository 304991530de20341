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
from services.lists.query_protocol import Row

R = TypeVar('R', bound=Row)


class Kind(StrEnum):
    """How a column is shown."""

    TEXT = ''
    FIGURES = 'figures'
    """Tabular figures: times."""
    MONEY = 'right figures'
    CODE = 'code'
    """A UUID: its first characters, the whole on hover, copied by a click."""
    PHONE = 'figures phone'
    """Copied by a click, as it is dialled."""
    STATUS = 'tone'
    """A word beside a mark."""


COPIED = {Kind.CODE: scripts.CODE, Kind.PHONE: scripts.PHONE}
"""What is drawn as a button that copies."""


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


@cache
def grid_options(columns: tuple[Column[Any], ...], words: tuple[str, str]) -> dict[str, Any]:
    """Write the options of a list; `words` name the opener of a shut and of an open row.

    All that nests is one piece of script, written once for all pages: NiceGUI would watch every dictionary in it anew
    for each page.
    """
    return {
        ':columnDefs': _script([scripts.opener(*words), *map(_definition, columns)]),
        ':defaultColDef': _script(
            {
                'resizable': True,
                'minWidth': layout.LEAST,
                ':comparator': '() => 0',  # the database has sorted
                ':suppressKeyboardEvent': scripts.KEYS,
                ':suppressHeaderKeyboardEvent': scripts.HEADER_KEYS,
            }
        ),
        ':localeText': _script(texts.GRID),
        ':rowData': '[]',
        ':getRowId': 'p => p.data.key',
        ':getRowHeight': layout.ROW_HEIGHT,
        ':isFullWidthRow': 'p => !!p.rowNode.data?.details',
        ':fullWidthCellRenderer': scripts.DETAILS,
        # Tab goes to the buttons of rows; the rows themselves are no stops on its way
        ':processRowPostCreate': 'p => p.eRow.removeAttribute("tabindex")',
        ':onGridReady': layout.ready(
            {column.field: layout.Widths(column.width, column.grow, column.narrow) for column in columns}
        ),
        ':onGridSizeChanged': layout.RESIZED,
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
    if column.kind in COPIED:
        definition[':cellRenderer'] = COPIED[column.kind]
        definition['tooltipField'] = None
    if column.tone:
        definition['cellClassRules'] = {
            f':{tone}': f'p => p.data?.["{column.field}_tone"] === "{tone}"' for tone in ('sent', 'waiting', 'failed')
        }
    return definition


def _script(value: Any) -> str:
    """Write a value as script; what a key beginning with a colon holds is script already."""
    if isinstance(value, dict):
        parts = (
            f'{json.dumps(key[1:])}: ({each})' if key.startswith(':') else f'{json.dumps(key)}: {_script(each)}'
            for key, each in value.items()
        )
        return f'{{{", ".join(parts)}}}'
    if isinstance(value, list):
        return f'[{", ".join(map(_script, value))}]'
    return json.dumps(value, ensure_ascii=False)
