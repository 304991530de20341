"""The columns that a page declares, and their AG Grid options.

Rows are stored in Python and the grid is a view: the database sorts and pages. The content of a row reaches the page
as text, never as HTML.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from journal_ui.list_page.grid import grid_cell_scripts as scripts
from journal_ui.list_page.grid import grid_layout_scripts as layout
from services import texts
from services.lists.query_protocol import ListRow

R = TypeVar('R', bound=ListRow)


class ColumnKind(StrEnum):
    """The display format of a column."""

    TEXT = ''
    TABULAR = 'figures'
    """Tabular figures, for times."""
    MONEY = 'right figures'
    UUID = 'code'
    """A UUID: the first characters, all of it on hover, copied by a click."""
    PHONE = 'figures phone'
    """A phone number, copied by a click as it is dialled."""
    STATUS = 'tone'
    """A word with a coloured marker."""


ALWAYS_SEEN_KINDS = frozenset({ColumnKind.STATUS, ColumnKind.MONEY})
"""The formats of columns that must not be scrolled out of sight in a narrow window."""
COPY_RENDERERS = {ColumnKind.UUID: scripts.COPY_UUID_JS, ColumnKind.PHONE: scripts.COPY_PHONE_JS}
"""The renderers of the formats that a click copies."""


class RowLink(NamedTuple):
    """A link in a cell."""

    url: str
    label: str
    """The accessible name, and the tooltip."""


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column of a list, as a page declares it."""

    field: str
    """The name by which a query is sorted."""
    title: str
    get_text: Callable[[R], str]
    width: int
    """Width in pixels; the minimum if the column grows."""
    flex: int = 0
    """The share of the remaining width."""
    kind: ColumnKind = ColumnKind.TEXT
    get_full_text: Callable[[R], str] | None = None
    """The text on hover and in the details, where `get_text` writes it for little space."""
    get_status_class: Callable[[R], str] | None = None
    """The CSS class of a status: `sent`, `waiting` or `failed`."""
    get_note: Callable[[R], str] | None = None
    """A second, smaller line below the text; empty for a row without one."""
    get_link: Callable[[R], RowLink | None] | None = None
    """A page about what the cell names, to which a small link at its end leads; None for a row without one."""
    phone_width: int = 0
    """Width in pixels on a phone; with 0 the column is part of the details there."""
    is_optional: bool = False
    """Whether the column is hidden until the user adds it; it is not part of the details."""
    sortable: bool = True
    """Whether the list can be sorted by it."""


@cache
def grid_options(columns: tuple[Column[Any], ...], expand_labels: tuple[str, str]) -> dict[str, Any]:
    """Return the AG Grid options of a table, shared by all pages.

    Nested options are written as one script, because NiceGUI would copy and observe every dictionary for each page.
    """
    return {
        ':columnDefs': _to_javascript([scripts.expand_column(*expand_labels), *map(_column_definition, columns)]),
        ':defaultColDef': _to_javascript(
            {
                'resizable': True,
                'minWidth': layout.MIN_FLEX_WIDTH,
                ':comparator': '() => 0',  # the database sorts
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
        # Tab stops at the buttons of rows, not at the rows
        ':processRowPostCreate': 'p => p.eRow.removeAttribute("tabindex")',
        ':onGridReady': layout.grid_ready_js(
            {
                column.field: layout.ColumnWidths(
                    column.width,
                    column.flex,
                    column.phone_width,
                    column.is_optional,
                    is_always_seen=column.kind in ALWAYS_SEEN_KINDS,
                )
                for column in columns
            }
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
        'alwaysShowVerticalScroll': True,  # columns keep their widths on every page
        'enableCellTextSelection': True,
        'enableBrowserTooltips': True,
    }


def _column_definition(column: Column[Any]) -> dict[str, Any]:
    """Return the AG Grid definition of a column."""
    definition: dict[str, Any] = {
        'field': column.field,
        'headerName': column.title,
        'width': column.width,
        'cellClass': column.kind.value.split(),
        'headerClass': column.kind.value.split()[:1],
        'tooltipField': column.field,
    }
    if column.is_optional:
        definition['hide'] = True
    if not column.sortable:
        definition['sortable'] = False
    if column.flex:
        # It grows once the grid knows its own width: a wider one would make the new grid scroll sideways for a moment.
        definition |= {'flex': column.flex, 'width': layout.MIN_FLEX_WIDTH}
    else:
        definition['minWidth'] = 40
    if column.kind in COPY_RENDERERS:
        definition[':cellRenderer'] = COPY_RENDERERS[column.kind]
        definition['tooltipField'] = None
    if column.get_note or column.get_link:
        definition[':cellRenderer'] = scripts.annotated_text_js(column.field)
    if column.get_note:
        definition[':equals'] = '() => false'  # the note may change while the text stays
        definition['tooltipField'] = None
        definition[':tooltipValueGetter'] = scripts.tooltip_with_note_js(column.field)
    if column.get_full_text:
        definition['tooltipField'] = None
        definition[':tooltipValueGetter'] = scripts.full_text_tooltip_js(column.field)
    if column.get_link:
        definition['cellClass'] = [*definition['cellClass'], 'linked']
    if column.get_status_class:
        definition['cellClassRules'] = {
            f':{tone}': f'p => p.data?.["{column.field}_tone"] === "{tone}"' for tone in ('sent', 'waiting', 'failed')
        }
    return definition


def _to_javascript(value: Any) -> str:
    """Serialize a value to JavaScript; the value of a key with a leading colon is JavaScript already."""
    if isinstance(value, dict):
        parts = (
            f'{json.dumps(key[1:])}: ({each})' if key.startswith(':') else f'{json.dumps(key)}: {_to_javascript(each)}'
            for key, each in value.items()
        )
        return f'{{{", ".join(parts)}}}'
    if isinstance(value, list):
        return f'[{", ".join(map(_to_javascript, value))}]'
    return json.dumps(value, ensure_ascii=False)
