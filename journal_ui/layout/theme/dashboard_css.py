"""The pages that load their data at once: the summary with charts and tables, and the call list."""

CSS = """
.board { position: absolute; inset: 0; overflow: auto; padding: 12px 16px 24px; background: var(--canvas); }
.list.waiting .board, [data-rows] .list .board, [data-disconnected] .list .board { opacity: .6; }
.list > .board ~ .state { inset: 0; }

/* the summary */
.figures-table a, .figures-table td button, .figures-table tbody th button {
  color: inherit; text-decoration: underline; text-decoration-color: var(--edge); text-underline-offset: 3px;
}
.figures-table :is(a, button):hover { color: var(--accent); text-decoration-color: currentColor; }
.figures-table button {
  font: inherit; color: inherit; background: none; border: 0; padding: 0; text-align: inherit; cursor: pointer;
}
.pictures { display: grid; gap: 12px; grid-template-columns: repeat(2, minmax(0, 1fr)); align-items: start; }
.picture {
  padding: 10px 16px 12px; min-width: 0; background: var(--surface); border: 1px solid var(--line); border-radius: 8px;
}
.picture.wide { grid-column: 1 / -1; }
.picture h2 { font: 600 14px/20px var(--text-font); margin-bottom: 6px; }
.picture .aside { color: var(--muted); margin-bottom: 6px; }
.attention:empty { display: none; }
.attention:has(li) { border-color: var(--failed); }
.attention:not(:has(li)) { padding-block: 6px; }
.attention p { color: var(--muted); margin: 0; }
.attention ul { list-style: none; margin: 0; padding: 0; }
.attention a { color: inherit; text-underline-offset: 3px; }
.attention li small { margin-left: 8px; }
.problem { align-self: stretch; }
.problem .scroll { max-height: 216px; }
.problem .figures-table :is(th, td):last-child { text-align: left; }
@media screen and (min-width: 1000px) {
  .clipped { width: 42%; max-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
}
:is(.by-period, .kinds) .chart-and-table {
  display: grid; gap: 8px 24px; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); align-items: start;
}
.chart { width: 100%; min-width: 0; }
.legend { display: flex; flex-wrap: wrap; gap: 0 16px; padding-left: 4px; }
.legend .tone { display: flex; color: var(--text); }
.scroll { overflow: auto; }
/* no higher than the chart next to it */
.by-period .scroll, .kinds .scroll { height: 0; min-height: max(100%, 170px); }
.organizations .scroll { max-height: 480px; }
.figures-table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.figures-table th, .figures-table td {
  padding: 4px 8px; text-align: right; font-weight: 400; border-bottom: 1px solid var(--line); vertical-align: top;
}
.figures-table :is(th, td):first-child { text-align: left; padding-left: 0; overflow-wrap: break-word; }
.figures-table.words :is(th, td) { text-align: left; }
.figures-table.words th:first-child { white-space: nowrap; }
.figures-table thead th {
  position: sticky; top: 0; background: var(--surface); font: 500 12px/16px var(--text-font); color: var(--muted);
}
.figures-table tbody:last-child tr:last-child > *, .figures-table tfoot > * > * { border-bottom: 0; }
.figures-table tfoot > * > * {
  position: sticky; bottom: 0; background: var(--surface); border-top: 1px solid var(--edge); font-weight: 600;
}
.figures-table thead button { width: 100%; }
.figures-table th[aria-sort=ascending] button::after { content: ' ↑' / ''; }
.figures-table th[aria-sort=descending] button::after { content: ' ↓' / ''; }
.figures-table th:is([aria-sort=ascending], [aria-sort=descending]) { color: var(--text); }
.figures-table .note { color: var(--muted); font: 400 12px/16px var(--text-font); }
.compared td, .compared tbody th { width: 13%; }
.compared thead .tone { display: inline-flex; }
.compared tbody tr:first-child td { font: 600 20px/24px var(--text-font); white-space: nowrap; }
.compared tbody tr:first-child th { font-weight: 600; }
.compared .unknown { text-align: left; color: var(--muted); }

/* the call list: a row for each person, who may have several messages */
.views { display: flex; flex-wrap: wrap; gap: 2px; }
.paging .views .q-btn { width: auto; padding: 0 12px; white-space: nowrap; }
.views .q-btn[aria-pressed=true] { background: var(--accent-wash); color: var(--accent) !important; font-weight: 600; }
.q-btn.framed { border: 1px solid var(--edge); background: var(--surface); }
.q-btn.framed:hover { border-color: var(--accent); }
.calls { list-style: none; margin: 0 0 12px; padding: 0; display: grid; gap: 8px; }
.call {
  display: grid; grid-template-columns: 210px minmax(0, 1fr) 170px; gap: 8px 20px; padding: 10px 14px;
  background: var(--surface); border: 1px solid var(--line); border-radius: 8px; align-items: start;
}
.call h2 { font: 600 14px/20px var(--text-font); overflow-wrap: anywhere; }
.dialled { font-variant-numeric: tabular-nums; display: flex; flex-wrap: wrap; align-items: baseline; }
.dialled a, .call h2 a { color: inherit; text-decoration-color: var(--edge); text-underline-offset: 3px; }
.dialled a:hover, .call h2 a:hover { color: var(--accent); text-decoration-color: currentColor; }
.dialled .q-btn.linklike { min-height: 24px; font-size: 12px; font-weight: 400; color: var(--muted) !important; }
.dialled .q-btn.linklike:hover { color: var(--accent-hover) !important; }
.paging .found:has(.undo) { align-items: center; }
.paging .undo:empty { display: none; }
.paging .undo:not(:empty) {
  display: flex; align-items: center; gap: 0 4px; color: var(--muted); overflow-wrap: anywhere;
}
.paging .undo .q-btn { width: auto; }
.call-messages { list-style: none; margin: 0; padding: 0; display: grid; gap: 10px; min-width: 0; }
.call-messages > li, .titles {
  display: grid; gap: 4px 20px; grid-template-columns: minmax(0, 3fr) minmax(0, 4fr) minmax(0, 5fr); min-width: 0;
}
.call-messages .where { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.call-messages .time { font-variant-numeric: tabular-nums; }
.call-messages .where, .call-messages .late, .call .note { color: var(--muted); overflow-wrap: anywhere; }
.call .earlier { color: var(--muted); white-space: pre-line; overflow-wrap: anywhere; }
.call-messages .late { color: var(--waiting); }
.call-messages .text, .completed .outcome { white-space: pre-wrap; overflow-wrap: anywhere; }
.call-messages .tone { display: flex; }
.call-messages .why { overflow-wrap: anywhere; }
.call .act { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.call .holder { color: var(--muted); line-height: 32px; overflow-wrap: anywhere; }
.call .ends { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.call.mine { border-color: var(--accent); box-shadow: inset 3px 0 0 var(--accent); }
.call.mine .act { grid-column: 1 / -1; gap: 6px 16px; align-items: flex-end; }
.call.mine .act > * { flex: none; }
.call.mine .act > .ends { flex: 0 1 auto; }
.call.mine .act > .q-input { flex: 1 1 200px; }
.call.held { background: var(--canvas); }
.call.heads {
  padding-block: 0 4px; background: none; border-color: transparent;
  font: 500 12px/16px var(--text-font); color: var(--muted);
}
@media (max-width: 1099.98px) {
  .call.heads { display: none; }
  .call { grid-template-columns: minmax(0, 1fr); }
  .call .whom { display: flex; flex-wrap: wrap; gap: 0 12px; }
}
@media (max-width: 699.98px) { .call-messages > li { grid-template-columns: minmax(0, 1fr); } }

@media (max-width: 999.98px) {
  .pictures, :is(.by-period, .kinds) .chart-and-table { grid-template-columns: minmax(0, 1fr); }
  .by-period .scroll, .kinds .scroll { height: auto; min-height: 0; max-height: 300px; }
}
@media (max-width: 699.98px) {
  .board { padding: 8px 8px 16px; }
  .picture { padding-inline: 12px; }
  .compared thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .compared tbody, .compared tr, .compared tbody th { display: block; width: auto; }
  .compared td { display: flex; flex-wrap: wrap; gap: 0 8px; border: 0; width: auto; text-align: right; }
  .compared td[data-title]::before {
    content: attr(data-title); color: var(--muted); font: 400 13px/24px var(--text-font); margin-right: auto;
  }
  .compared td .note { flex: 0 0 100%; }
  .figures-table { font-size: 13px; }
  /* the growing errors: what they have hit is a line of its own, so that nothing scrolls sideways or within the page */
  .problem .scroll { max-height: none; }
  .problem .figures-table:not(.words) :is(thead, tbody) { display: block; }
  .problem .figures-table:not(.words) tr {
    display: grid; grid-template-columns: minmax(0, 1fr) 6ch 6ch 8ch; border-bottom: 1px solid var(--line);
  }
  .problem .figures-table:not(.words) tr > * { border-bottom: 0; }
  .problem .figures-table:not(.words) tr > :last-child { grid-column: 1 / -1; padding: 0 0 4px; color: var(--muted); }
  .figures-table :is(th, td) { padding-inline: 4px; }
}
"""
