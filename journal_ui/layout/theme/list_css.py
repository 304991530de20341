"""A list page: filter panel, paging bar, grid and the details of a row."""

CSS = """
.journal { display: flex; flex-direction: column; height: 100%; min-height: 0; }

/* filter panel: each field is as wide as its content needs, and fields wrap on narrow screens */
.panel { background: var(--surface); border-bottom: 1px solid var(--line); padding: 6px 16px 8px; flex: none; }
/* aligned at the top, because the error message of a field must not move the others, nor the list */
@media (min-width: 700px) {
  .panel .q-field--error .q-field__bottom { position: absolute; z-index: 5; top: 100%; left: 0; }
}
.fields { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 6px 12px; }
.flags, .actions, .flags-and-actions { align-self: flex-end; }
.flags-and-actions { display: flex; flex: 1 1 auto; flex-wrap: wrap; gap: 6px 12px; }
.fields .q-select, .fields .q-input { max-width: 100%; }
.flags { display: flex; flex-wrap: wrap; align-items: center; gap: 0 14px; min-height: 32px; }
.actions { display: flex; align-items: center; gap: 8px; margin-left: auto; min-height: 32px; }
.actions .find { min-width: 118px; }
.period { display: flex; position: relative; padding-top: 18px; }
.period::before {
  content: attr(aria-label); position: absolute; top: -1px; left: 1px;
  font: 500 12px/16px var(--text-font); color: var(--muted);
}
.period .q-field { flex: 1 1 0; padding-top: 0; }
.period .q-field:first-of-type .q-field__control { border-radius: 6px 0 0 6px; }
.period .q-field:last-of-type .q-field__control { border-radius: 0 6px 6px 0; }
.period .q-field:last-of-type { margin-left: -1px; }
.period .q-field:hover, .period .q-field--focused { z-index: 1; }
.period .q-field__prefix { color: var(--muted); padding: 0 6px 0 0; opacity: 1; line-height: 30px; align-self: center; }
.period .q-field__native, .digits .q-field__native { font-variant-numeric: tabular-nums; }
.digits.blank:not(.q-field--focused) .q-field__focusable-action { display: none; }
.digits input::placeholder { color: inherit; opacity: 1; }
.summary {
  display: none; width: 100%; min-height: 28px; align-items: center; gap: 8px; border-radius: 6px; padding: 0 4px;
  background: none; border: 0; color: var(--text); font: inherit; text-align: left; cursor: pointer;
}
.summary .description { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; flex: 1; }
.summary .change { color: var(--accent); text-decoration: underline; text-underline-offset: 3px; flex: none; }
.quick-periods { display: grid; grid-template-columns: repeat(3, auto); padding: 8px 4px 0; max-width: 290px; }
.quick-periods .q-btn { min-height: 28px; padding: 0 4px; font-size: 13px; font-weight: 400; white-space: nowrap; }
.understood { padding: 6px 0 0; color: var(--muted); overflow-wrap: anywhere; }
.understood:empty { display: none; }
.panel.folded { padding: 3px 12px; }
.panel.folded .fields { display: none; }
.panel.folded .summary { display: flex; }

/* paging bar: space is reserved, so that nothing moves when the totals arrive */
.paging {
  display: flex; flex-wrap: wrap; align-items: center; gap: 2px 4px; padding: 2px 16px; min-height: 36px; flex: none;
  background: var(--surface); border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums;
}
.paging .size { display: flex; align-items: center; gap: 6px; margin-right: 12px; white-space: nowrap; }
/* screen readers read this text with the field next to it */
.paging .size::before { content: attr(data-label); content: attr(data-label) / ''; }
.paging .size .q-field { width: 62px; }
.paging .size .q-field__label { position: absolute; clip-path: inset(50%); }
.paging .turn { display: flex; align-items: center; gap: 2px; }
.paging .q-field { padding: 0; }
.paging .q-btn { min-height: 28px; height: 28px; width: 28px; min-width: 28px; }
.paging .q-field--dense .q-field__control, .paging .q-field--dense .q-field__marginal {
  height: 28px; min-height: 28px;
}
.paging .q-field .q-field__native { min-height: 26px; }
.paging .number { width: 68px; }
.paging .number input { text-align: center; }
.paging .of { color: var(--muted); min-width: 7ch; padding: 0 4px; white-space: nowrap; }
.paging .chip.q-btn {
  width: auto; padding: 0 12px; margin-left: 12px; border-radius: 14px; background: var(--accent-wash);
  color: var(--accent);
}
.paging .found {
  margin-left: auto; display: flex; flex-wrap: wrap; gap: 0 16px; justify-content: flex-end; text-align: right;
}
.paging .found span { white-space: nowrap; }
.paging .found .sum { color: var(--muted); }

/* the grid fills the remaining height */
.list { position: relative; container-type: inline-size; flex: 1 1 0; min-height: 220px; background: var(--surface); }
.list > .nicegui-aggrid { position: absolute; inset: 0; height: 100%; width: 100%; }
.list::before {
  content: ''; position: absolute; z-index: 4; inset: 0 auto auto 0; height: 2px; width: 30%; opacity: 0;
  background: var(--accent); pointer-events: none;
}
.list.waiting::before { opacity: 1; animation: wait 1.1s ease-in-out infinite alternate; }
/* drawn by the browser itself: see journal_ui/layout/connection_marks.py */
[data-rows=awaited] .list::before {
  animation: appear 0s .15s forwards, wait 1.1s .15s ease-in-out infinite alternate;
}
@keyframes appear { to { opacity: 1 } }
@keyframes wait { from { left: 0 } to { left: 70% } }
.list.waiting .ag-body, [data-rows] .list .ag-body, [data-disconnected] .list .ag-body { opacity: .6; }
.connection-note {
  position: absolute; z-index: 5; inset: 6px auto auto 50%; translate: -50% 0; padding: 5px 14px; max-width: 94%;
  background: var(--raised); border: 1px solid var(--waiting); border-radius: 6px; color: var(--waiting);
  font-weight: 500;
}
.connection-note:empty { display: none; }
.state {
  position: absolute; z-index: 3; inset: 41px 0 0; display: flex; flex-direction: column; align-items: center;
  justify-content: center; gap: 4px; padding: 16px 24px; text-align: center; background: var(--surface);
}
.state .what { font: 600 16px/24px var(--text-font); }
.state .next { color: var(--muted); max-width: 62ch; text-wrap: balance; overflow-wrap: anywhere; }
.alternatives { display: flex; flex-direction: column; gap: 4px; margin-top: 8px; }
.suggestions { display: flex; flex-wrap: wrap; align-items: center; justify-content: center; gap: 8px; }
.suggestions > span { color: var(--muted); }
.state.failed .what { color: var(--failed); }

.nicegui-aggrid {
  --ag-font-family: var(--text-font); --ag-font-size: 14px;
  --ag-background-color: var(--surface); --ag-foreground-color: var(--text); --ag-text-color: var(--text);
  --ag-data-color: var(--text); --ag-cell-text-color: var(--text); --ag-browser-color-scheme: inherit;
  --ag-header-background-color: var(--canvas); --ag-header-text-color: var(--muted);
  --ag-header-font-weight: 500; --ag-header-font-size: 12px; --ag-header-font-family: var(--text-font);
  --ag-header-cell-hover-background-color: var(--hover); --ag-row-hover-color: var(--hover);
  --ag-odd-row-background-color: var(--surface); --ag-border-color: var(--line);
  --ag-row-border: 1px solid var(--line); --ag-header-row-border: 1px solid var(--line);
  --ag-wrapper-border: none; --ag-wrapper-border-radius: 0; --ag-cell-horizontal-padding: 8px;
  --ag-accent-color: var(--accent); --ag-range-selection-border-color: var(--accent);
  --ag-focus-shadow: none; --ag-header-column-resize-handle-color: transparent; --ag-icon-color: var(--muted);
  --ag-selected-row-background-color: var(--hover); --ag-icon-size: 14px; --ag-cell-widget-spacing: 4px;
}
/* a new grid has a scroll bar for some frames, until its columns are laid out: it must not flash */
.ag-body-horizontal-scroll { animation: settle 0s .3s backwards; }
@keyframes settle { from { visibility: hidden } }
.ag-sticky-top-viewport, .ag-sticky-bottom-viewport { overflow: hidden !important; }
.ag-header-cell-text { white-space: normal; line-height: 15px; text-wrap: balance; }
.ag-header-cell:focus-visible, .ag-cell:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.ag-header-cell.right .ag-header-cell-label { flex-direction: row-reverse; }
.ag-cell { line-height: 31px; }
/* the row of the keyboard cursor */
.ag-row:has(:focus-visible):not(.ag-full-width-row) { background: var(--accent-wash); }
.ag-cell.ag-cell-focus:focus-within:not(:focus-visible) { border-color: transparent !important; }
.figures, .right { font-variant-numeric: tabular-nums; }
.ag-cell.right { text-align: right; padding-right: 16px; }
.ag-header-cell.right { padding-right: 16px; text-align: right; }
.opener { padding: 0 !important; text-align: center; }
.opener button, .code button, .ag-cell.phone button {
  border: 0; background: none; color: var(--muted); font: inherit; padding: 0; cursor: pointer; border-radius: 4px;
}
.opener button { width: 28px; height: 28px; margin: 1px auto; display: grid; place-items: center; }
.opener button:hover { background: var(--accent-wash); color: var(--accent); }
.opener button:focus-visible, .code button:focus-visible, .ag-cell.phone button:focus-visible {
  outline: 2px solid var(--accent); outline-offset: -1px;
}
.opener svg { width: 18px; height: 18px; fill: none; stroke: currentColor; stroke-width: 2; transition: rotate .1s; }
.opener button[aria-expanded=true] svg { rotate: 180deg; }
.code button { font: 13px/24px var(--code-font); color: var(--text); }
.ag-cell.phone button { color: var(--text); font-variant-numeric: inherit; }
.code button:hover, .ag-cell.phone button:hover { color: var(--accent); }
.list:focus-visible { outline: none; border-radius: 0; }
.list:focus-visible::after {
  content: ''; position: absolute; z-index: 5; inset: 0; border: 2px solid var(--accent); pointer-events: none;
}
@media (min-width: 700px) {
  .roomy .ag-cell { line-height: 39px; }
  .roomy .opener button { margin-top: 5px; }
  .roomy .ag-cell:has(.note) { line-height: 17px; padding-top: 4px; }
}

/* a status is a word with a mark, whose shape differs by status */
.ag-cell.tone { display: flex; align-items: flex-start; }
.tone::before { content: ''; flex: none; align-self: center; width: 9px; height: 9px; margin-right: 7px; }
.ag-cell.tone::before { align-self: flex-start; margin-top: calc((1lh - 9px) / 2); }
.ag-cell.tone:not(.sent, .waiting, .failed)::before { display: none; }
.tone.sent::before { border-radius: 50%; background: var(--sent); }
.tone.waiting::before { border-radius: 50%; border: 2px solid var(--waiting); }
.tone.failed::before { background: var(--failed); rotate: 45deg; scale: .86; border-radius: 1px; }
.tone.failed { color: var(--failed); }
/* a note below the text: both lines fit into the height of a row; a phone has no space for it below a status */
.ag-cell .note { font-size: 11px; line-height: 13px; color: var(--muted); }
/* a long error must not make the list scroll sideways */
.ag-cell.tone > .ag-cell-wrapper { flex: 1; min-width: 0; }
.ag-cell .noted, .ag-cell .note { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
@media (min-width: 700px) {
  .ag-cell:has(.note) { line-height: 16px; padding-top: 1px; }
}

/* the details of a row: the text as in a message, the error next to it */
.ag-full-width-row { background: var(--canvas); }
.detail {
  position: sticky; left: 0; width: 100cqw; display: grid; gap: 10px 32px; padding: 10px 24px 14px 44px;
  background: var(--canvas); user-select: text; cursor: auto;
  grid-template-columns: minmax(0, 72ch) minmax(180px, 1fr); align-items: start; white-space: normal;
}
.detail dl { display: grid; gap: 10px; }
.detail dl:empty, .copies:empty { display: none; }
.detail:has(> .texts:not(:empty)) { grid-template-rows: auto 1fr; }
.detail .texts:not(:empty) ~ .facts { grid-column: 2; grid-row: 1 / span 2; }
.copies { grid-column: 1; grid-row: 2; display: flex; flex-wrap: wrap; gap: 8px; }
.copies .press { justify-content: center; background: none; font-size: 13px; cursor: pointer; }
.detail .rest { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 10px 32px; }
.detail dt { font: 500 12px/16px var(--text-font); color: var(--muted); }
.detail dd { line-height: 20px; white-space: pre-wrap; overflow-wrap: anywhere; }
.detail .message dd {
  margin-top: 3px; padding: 8px 12px; background: var(--surface); border: 1px solid var(--line);
  border-radius: 4px 12px 12px 12px; width: fit-content; max-width: 100%;
}
.detail .wrong dd { color: var(--failed); }
.detail .none dd, .detail .note dd { color: var(--muted); }
.timeline { list-style: none; margin: 0; padding: 0; white-space: normal; }
.timeline li { position: relative; padding: 0 0 4px 18px; }
.timeline .when { color: var(--muted); font-variant-numeric: tabular-nums; margin-right: 4px; }
.timeline li::before {
  content: ''; position: absolute; left: 1px; top: 6px; width: 9px; height: 9px; border-radius: 50%; z-index: 1;
  background: var(--muted);
}
.timeline .sent::before { background: var(--sent); }
.timeline .waiting::before { background: var(--canvas); border: 2px solid var(--waiting); }
.timeline .failed::before { background: var(--failed); border-radius: 1px; rotate: 45deg; scale: .86; }
.timeline li:not(:last-child)::after {
  content: ''; position: absolute; left: 5px; top: 12px; bottom: -6px; width: 1px; background: var(--line);
}

@media (max-width: 699.98px) {
  .nicegui-content { overflow: auto; }
  .panel { padding: 6px 12px 10px; }
  .panel :is(.fields, .flags-and-actions) > * { flex-basis: 100% !important; }
  .panel .actions { margin-left: 0; }
  .panel .actions .find { flex: 1; }
  .panel.searched .fields { display: none; }
  .panel.searched .summary { display: flex; }
  .panel.searched { padding: 3px 12px; }
  .paging { padding: 2px 12px; }
  /* two lines: pages and tools, then the totals */
  .paging .size { margin: 0; }
  .paging .size::before { display: none; }
  .paging .turn { gap: 0; }
  .paging .number { width: 46px; }
  .paging .of { min-width: 0; }
  .paging .found {
    order: 1; margin: 0; width: 100%; min-height: 20px; justify-content: space-between; text-align: left;
  }
  .list { min-height: 300px; }
  .ag-cell { font-size: 13px; line-height: 18px; padding-top: 4px; white-space: normal !important; }
  .ag-cell .ag-cell-value { text-overflow: clip; white-space: normal; max-height: 36px; overflow: hidden; }
  .ag-cell.tone .noted { display: inline; white-space: normal; }
  .ag-cell.tone .note { display: none; }
  .opener button { width: 36px; height: 34px; }
  .ag-header-cell-text { font-size: 11px; line-height: 13px; }
  .detail .rest { display: grid; }
  .paging .columns { display: none; }
  .detail { grid-template-columns: minmax(0, 1fr); padding: 8px 12px 12px; }
  .detail .texts:not(:empty) ~ .facts, .copies { grid-area: auto; }
}
@media (max-height: 520px) { .list { min-height: 260px; } }
"""
