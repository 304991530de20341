"""How the columns of a list lie on the screen, in the script that AG Grid takes: as declared, or as a person likes.

A phone has the columns as they are declared for it, whatever was arranged on a wide screen.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

IS_NARROW_JS = 'matchMedia("(max-width: 699.98px)").matches'
"""As narrow as a phone: the look has the same bound."""

MAX_DRAWING_FRAMES = 120
"""Frames of the browser after which rows count as drawn in any case."""

MIN_FLEX_WIDTH = 180
"""Pixels of a column that grows, where there is room; on a phone it takes what the others leave."""

ROW_HEIGHT_JS = f'p => p.data.details ? p.data.height ?? 110 : {IS_NARROW_JS} ? 44 : p.api.kept?.roomy ? 40 : 32'
"""A phone has two lines a row. An opened row is as high as its text, once that is known."""


@dataclass(frozen=True)
class ColumnWidths:
    """How wide a column is declared, in pixels."""

    width: int
    flex: int
    phone_width: int
    """On a phone; 0: not shown there."""


def grid_ready_js(column_widths: Mapping[str, ColumnWidths]) -> str:
    """Lay the columns out when the list is drawn; `arrange` of its API is for another arrangement, `fill` for rows.

    Scroll bars are no stops for Tab: the buttons of rows are, and they bring their row into sight. The table
    itself, not what is around it, has the name that a screen reader says.
    """
    columns = {name: (widths.width, widths.flex, widths.phone_width) for name, widths in column_widths.items()}
    return f"""(() => {{
  const columns = {json.dumps(columns)};
  return ({{api}}) => {{
    document.querySelectorAll('.ag-body-vertical-scroll-viewport, .ag-body-horizontal-scroll-viewport')
      .forEach(bar => {{ bar.tabIndex = -1 }});
    document.querySelectorAll('.nicegui-aggrid[aria-label] .ag-root')
      .forEach(table => {{ table.ariaLabel = table.closest('.nicegui-aggrid').ariaLabel }});
    api.kept = api.getGridOption('context') ?? {{}};
    let narrow = false;
    api.lay = () => {{
      if (narrow !== {IS_NARROW_JS}) {{
        narrow = !narrow;
        const minWidth = narrow ? 60 : {MIN_FLEX_WIDTH};
        api.setGridOption('defaultColDef', {{...api.getGridOption('defaultColDef'), minWidth}});
      }}
      const {{order = Object.keys(columns), hidden = [], widths = {{}}}} = narrow ? {{}} : api.kept;
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
    api.fill = (rows, revision) => {{
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
    api.arrange = kept => {{ api.kept = kept; api.lay() }};
    if ({IS_NARROW_JS} || Object.keys(api.kept).length) api.lay();
    api.laid = () => narrow === {IS_NARROW_JS};
  }};
}})()"""


ON_GRID_RESIZED_JS = 'p => { if (p.api.laid && !p.api.laid()) setTimeout(p.api.lay) }'
"""The grid first ends what the change of size began."""

ON_COLUMN_MOVED_JS = f"""(e) => {{
  if (e.source !== 'uiColumnMoved' || !e.finished || {IS_NARROW_JS}) return;
  emit(getElement(ID).api.getAllGridColumns().map(column => column.getColId()).filter(colId => colId !== 'opener'));
}}"""

ON_COLUMN_RESIZED_JS = f"""(e) => {{
  if (!['uiColumnResized', 'autosizeColumns'].includes(e.source) || !e.finished || {IS_NARROW_JS}) return;
  const fixed = getElement(ID).api.getColumnState().filter(column => !column.flex && column.colId !== 'opener');
  emit(Object.fromEntries(fixed.map(column => [column.colId, Math.round(column.width)])));
}}"""
"""Tell the widths of all columns that do not grow."""
