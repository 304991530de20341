"""Printing: the content of the page in black on white, without controls.

The grid, whose rows are positioned absolutely on the screen, becomes a table with rows as high as their text.
"""

from journal_ui.layout.theme.palette import PRINT_COLOURS, print_properties

CSS = (
    f"""
@page {{ size: A4 landscape; margin: 10mm; }}
@page summary {{ size: A4 portrait; margin: 8mm; }}
@media print {{
  body, body.body--dark {{ {print_properties()} background: var(--canvas); }}
  html:root {{ background: {PRINT_COLOURS['canvas']} !important; }}
"""
    + """
  body { font-size: 12px; line-height: 16px; }
  body > :not(#app), #q-notify, .nav, .attempts, .scrim, .head > :not(h1), .paging > :not(.found, .views),
  .views [aria-pressed=false], .panel .fields, .summary .change, .call .act .q-btn, .call .act .q-field, .ends,
  .call .act:empty, .board > .q-btn, .ag-header-cell.opener, .ag-cell.opener, .ag-header-cell:has(.unseen),
  .alternatives, .guide nav, .named a, .detail div:has(> dd > a) { display: none !important; }
  .q-layout, .q-page-container, .q-page, .nicegui-content, .journal, .list, .board, .state {
    display: block; position: static !important; height: auto !important; min-height: 0 !important; overflow: visible;
    padding: 0 !important; opacity: 1 !important; container-type: normal; background: none;
  }
  .state[style*="display: none"], .board[style*="display: none"], .hidden { display: none !important; }
  .list::before, .list::after { display: none !important; }
  .head, .foot, .panel, .paging { border: 0; padding: 0 0 4px; min-height: 0; background: none; }
  .head { height: auto; }
  .head h1 { white-space: normal; max-height: none; font-size: 18px; line-height: 24px; }
  .panel .summary { display: block; padding: 0; min-height: 0; }
  .panel .summary .description { white-space: normal; overflow: visible; }
  .paging .found { margin: 0; width: auto; flex-direction: row-reverse; justify-content: flex-end; text-align: left; }
  .paging .found .sum { color: inherit; }
  .paging .views .q-btn { padding: 0; background: none; }
  .paging .views .q-btn, .paging .views .q-btn * { color: inherit !important; }
  .foot { padding-top: 8px; justify-content: flex-start; }
  .foot .queue { display: none; }

  /* the grid: a table instead of absolute positions */
  .list > .nicegui-aggrid, .nicegui-aggrid :is(.ag-root-wrapper, .ag-root-wrapper-body, .ag-body, .ag-body-viewport,
    .ag-center-cols-viewport, .ag-center-cols-container, .ag-header-viewport, .ag-header-container) {
    display: block !important; position: static !important; width: auto !important; height: auto !important;
    min-height: 0 !important; overflow: visible !important; transform: none !important; flex: none; opacity: 1;
  }
  .nicegui-aggrid .ag-root {
    display: table !important; position: static; width: 100% !important; height: auto; table-layout: fixed;
  }
  .nicegui-aggrid .ag-header {
    display: table-header-group !important; break-inside: avoid; height: auto !important; min-height: 0 !important;
    background: none; border: 0;
  }
  .nicegui-aggrid .ag-body { display: table-row-group !important; }
  .nicegui-aggrid :is(.ag-header-row, .ag-row) {
    display: flex !important; position: static !important; transform: none !important; width: auto !important;
    height: auto !important; break-inside: avoid; border: 0; border-bottom: 1px solid var(--print-line);
    overflow: visible;
  }
  .nicegui-aggrid :is(.ag-header-cell, .ag-cell) {
    position: static !important; flex: 1 1 auto; min-width: 0; height: auto !important; padding: 2px 6px 2px 0;
    line-height: 15px; white-space: normal; overflow: visible; border: 0; font-size: 11px; opacity: 1;
  }
  .nicegui-aggrid :is(.ag-header-cell-text, .ag-cell-value, .ag-header-cell-comp-wrapper, .ag-header-cell-label, .noted,
    .note) {
    white-space: normal; overflow: visible; text-overflow: clip; max-height: none; height: auto;
    overflow-wrap: anywhere;
  }
  .nicegui-aggrid :is(.ag-row, .ag-header-cell, .ag-header-row)::before,
  .nicegui-aggrid :is(.ag-row, .ag-header-cell, .ag-header-row)::after { display: none !important; }
  .nicegui-aggrid .named { display: inline; }
  .nicegui-aggrid .named span { overflow: visible; white-space: normal; }
  .nicegui-aggrid .ag-header-cell-text { color: var(--text); font-weight: 600; }
  .nicegui-aggrid .ag-cell.tone::before { margin-right: 5px; }
  .nicegui-aggrid .ag-cell button { color: inherit; font-size: 11px; line-height: 15px; text-align: left; }
  .nicegui-aggrid :is(.ag-floating-top, .ag-floating-bottom, .ag-sticky-top, .ag-sticky-bottom, .ag-overlay,
    .ag-body-vertical-scroll, .ag-body-horizontal-scroll, .ag-header-cell-resize, .ag-tab-guard, .ag-pinned-left-header,
    .ag-pinned-right-header, .ag-pinned-left-cols-container, .ag-pinned-right-cols-container) {
    display: none !important;
  }
  .nicegui-aggrid .detail {
    position: static; width: auto; padding: 4px 0 8px 24px; background: none; grid-template-columns: 1fr 1fr;
    font-size: 12px;
  }
  .tone::before, .timeline li::before { print-color-adjust: exact; }

  /* the summary and the call list */
  html:has(.pictures) { page: summary; }
  .call, .picture { border-color: var(--print-line); background: none; box-shadow: none; }
  .call, .chart, .figures-table tr { break-inside: avoid; }
  .picture h2 { break-after: avoid; }
  .pictures { display: block; }
  .picture { margin-bottom: 8px; padding: 4px 8px; border-radius: 0; }
  .picture.kinds .chart { display: none; }
  .by-period .chart-and-table { display: grid !important; grid-template-columns: 1fr 1fr !important; }
  .picture.kinds .chart-and-table { display: block !important; }
  .figures-table, .figures-table thead th { font-size: 10px; line-height: 13px; }
  .figures-table :is(th, td) { padding: 0 6px; }
  .figures-table .note { font-size: 9px; line-height: 11px; }
  .compared tbody th { width: 24%; }
  .organizations .figures-table th:first-child { width: 48%; }
  .compared tbody tr:first-child td { font-size: 12px; line-height: 15px; }
  .figures-table tfoot > * > * { position: static; }
  .call.mine { border-color: var(--print-line); }
  .call.heads { display: grid; }
  .call { grid-template-columns: 190px minmax(0, 1fr) 130px; padding: 4px 8px; }
  .call-messages .where { display: block; }
  .scroll, .picture .scroll {
    height: auto !important; min-height: 0 !important; max-height: none !important; overflow: visible;
  }
  .figures-table thead th { position: static; }
  .picture .chart, .picture .chart div { width: auto !important; height: auto !important; }
  .picture .chart svg { position: static !important; width: 100%; height: auto; }

  .guide { display: block; padding: 0; }
  .guide img { max-height: 120mm; width: auto; break-inside: avoid; }
  .guide h2 { break-after: avoid; }
}
"""
)

PRINT_SCRIPT = """
(() => {
  const drawn = () => document.querySelectorAll('.picture .chart svg');
  addEventListener('beforeprint', () => drawn().forEach(svg =>
    svg.setAttribute('viewBox', `0 0 ${svg.width.baseVal.value} ${svg.height.baseVal.value}`)));
  addEventListener('afterprint', () => drawn().forEach(svg => svg.removeAttribute('viewBox')));
})();
"""
"""Scales the charts, which are drawn for the width of the screen, to the width of the sheet."""
