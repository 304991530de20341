"""The JavaScript that lays out AG Grid's columns, as declared or as the user has arranged them.

A phone has the layout that is declared for it, whatever the user has arranged on a wide screen.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

IS_NARROW_JS = 'matchMedia("(max-width: 699.98px)").matches'
"""Whether the window is as narrow as a phone; the stylesheet has the same limit."""

IS_TIGHT_JS = 'matchMedia("(min-width: 700px) and (max-width: 1279.98px)").matches'
"""Whether the window has no space for all columns, as at 1 024 pixels or zoomed: the table then scrolls sideways."""

LEADING_COLUMNS = 3
"""In such a window, the columns that must be seen come after so many others, unless the user has an order."""

MAX_DRAWING_FRAMES = 120
"""Frames of the browser after which rows count as drawn in any case."""

MIN_FLEX_WIDTH = 164
"""Minimum pixels of a growing column on a wide screen: all columns then fit into 1 280 pixels."""

ROW_HEIGHT_JS = f'p => p.data.details ? p.data.height ?? 110 : {IS_NARROW_JS} ? 44 : p.api.userLayout?.roomy ? 40 : 32'
"""A row has two lines on a phone. Details are as high as their text, once it is measured."""


@dataclass(frozen=True)
class ColumnWidths:
    """The declared widths of a column, in pixels."""

    width: int
    flex: int
    phone_width: int
    """Width on a phone; 0 if it is not displayed there."""
    is_optional: bool = False
    """Whether the column is hidden unless the user has added it."""
    is_always_seen: bool = False
    """Whether the column must not be scrolled out of sight."""


def grid_ready_js(column_widths: Mapping[str, ColumnWidths]) -> str:
    """Return the handler that lays out a new grid and adds to its API `setLayout` and `setRows`.

    Tab does not stop at scroll bars but at the buttons of rows, which scroll their row into view. The accessible name
    belongs to the table element, not to its container; AG Grid would count hidden columns for a screen reader, too.
    """
    columns = {
        name: (widths.width, widths.flex, widths.phone_width, widths.is_optional, widths.is_always_seen)
        for name, widths in column_widths.items()
    }
    return f"""(() => {{
  const columns = {json.dumps(columns)};
  return ({{api}}) => {{
    document.querySelectorAll('.ag-body-vertical-scroll-viewport, .ag-body-horizontal-scroll-viewport')
      .forEach(bar => {{ bar.tabIndex = -1 }});
    document.querySelectorAll('.nicegui-aggrid[aria-label] .ag-root')
      .forEach(table => {{ table.ariaLabel = table.closest('.nicegui-aggrid').ariaLabel }});
    const countColumns = () => document.querySelectorAll('.nicegui-aggrid[aria-label] .ag-root')
      .forEach(table => {{ table.ariaColCount = api.getAllDisplayedColumns().length }});
    api.addEventListener('displayedColumnsChanged', countColumns);
    countColumns();
    api.userLayout = api.getGridOption('context') ?? {{}};
    let narrow = false, tight = false;
    const names = Object.keys(columns), seen = names.filter(name => columns[name][4]);
    const others = names.filter(name => !seen.includes(name));
    const tightOrder = [...others.slice(0, {LEADING_COLUMNS}), ...seen, ...others.slice({LEADING_COLUMNS})];
    api.layOutColumns = () => {{
      if (narrow !== {IS_NARROW_JS}) {{
        narrow = !narrow;
        const minWidth = narrow ? 60 : {MIN_FLEX_WIDTH};
        api.setGridOption('defaultColDef', {{...api.getGridOption('defaultColDef'), minWidth}});
      }}
      tight = {IS_TIGHT_JS};
      const optional = names.filter(name => columns[name][3]);
      const {{order: chosen = names, hidden = optional, widths = {{}}}} = narrow ? {{}} : api.userLayout;
      const order = tight && String(chosen) === String(names) ? tightOrder : chosen;
      const state = order.map(colId => {{
        const [wide, grow, slim] = columns[colId], own = widths[colId];
        return {{
          colId,
          hide: narrow ? !slim : hidden.includes(colId),
          width: narrow && slim || own || wide,
          flex: own ? null : grow || null,
        }};
      }});
      api.applyColumnState({{state: [{{colId: 'opener'}}, ...state], applyOrder: true}});
      api.resetRowHeights();
    }};
    let hadFocus = false;
    api.setRows = (rows, revision) => {{
      const list = document.querySelector('.list'), openers = () => [...list.querySelectorAll('.opener button')];
      const drawnKeys = () => openers().map(button => button.closest('[row-id]').getAttribute('row-id'));
      const isDrawn = keys => keys.length === rows.length && rows.every(row => keys.includes(row.key));
      let frames = {MAX_DRAWING_FRAMES};
      const finish = () => {{
        if (Number(list.dataset.rows) > revision) return;
        if (!isDrawn(drawnKeys()) && frames--) {{
          requestAnimationFrame(finish);
          return;
        }}
        list.dataset.drawn = revision;
        if (hadFocus && !list.contains(document.activeElement)) {{
          list.tabIndex = -1;
          (openers()[0] ?? list).focus({{preventScroll: true}});
        }}
        hadFocus = false;
        document.dispatchEvent(new CustomEvent('drawn'));
      }};
      hadFocus ||= list.contains(document.activeElement);
      api.setGridOption('rowData', rows);
      if (rows.length) api.ensureIndexVisible(0);
      finish();
    }};
    api.setLayout = layout => {{ api.userLayout = layout; api.layOutColumns() }};
    if ({IS_NARROW_JS} || {IS_TIGHT_JS} || Object.keys(api.userLayout).length) api.layOutColumns();
    api.isLaidOut = () => narrow === {IS_NARROW_JS} && tight === {IS_TIGHT_JS};
  }};
}})()"""


ON_GRID_RESIZED_JS = 'p => { if (p.api.isLaidOut && !p.api.isLaidOut()) setTimeout(p.api.layOutColumns) }'
"""Lays out the columns after the grid has finished its own resizing."""

ON_COLUMN_MOVED_JS = f"""(e) => {{
  if (e.source !== 'uiColumnMoved' || !e.finished || {IS_NARROW_JS}) return;
  emit(getElement(ID).api.getAllGridColumns().map(column => column.getColId()).filter(colId => colId !== 'opener'));
}}"""

ON_COLUMN_RESIZED_JS = f"""(e) => {{
  if (!['uiColumnResized', 'autosizeColumns'].includes(e.source) || !e.finished || {IS_NARROW_JS}) return;
  const fixed = getElement(ID).api.getColumnState().filter(column => !column.flex && column.colId !== 'opener');
  emit(Object.fromEntries(fixed.map(column => [column.colId, Math.round(column.width)])));
}}"""
"""Sends the widths of all columns that do not grow."""
