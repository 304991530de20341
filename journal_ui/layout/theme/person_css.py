"""The page of a person: their messages and calls on one timeline."""

CSS = """
.person { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 16px; margin: 0 0 8px; }
.person h2 { font: 600 16px/24px var(--text-font); overflow-wrap: anywhere; }
.story { list-style: none; margin: 0 0 12px; padding: 0; display: grid; gap: 6px; max-width: 1200px; }
.story li {
  display: grid; grid-template-columns: 128px minmax(0, 1fr) auto; gap: 4px 16px; padding: 8px 14px;
  background: var(--surface); border: 1px solid var(--line); border-radius: 8px; align-items: start;
}
.story .phoned { background: none; border-style: dashed; border-color: var(--edge); }
.story .when { color: var(--muted); font-variant-numeric: tabular-nums; }
.story .tone { display: flex; }
.story .facts { color: var(--muted); overflow-wrap: anywhere; }
.story .text { white-space: pre-wrap; overflow-wrap: anywhere; }
.story .call-title { font-weight: 600; }
.story a { font: 13px/20px var(--code-font); color: var(--muted); text-underline-offset: 3px; }
.story a:hover { color: var(--accent); }
.ag-cell .named { display: flex; align-items: center; gap: 4px; }
.named span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.named a {
  flex: none; display: grid; place-items: center; width: 24px; height: 24px; margin-left: auto; border-radius: 4px;
  color: var(--muted);
}
@media (hover: hover) {
  .ag-row:not(.ag-row-hover) .ag-cell:not(:focus-within) .named a:not(:hover) { opacity: 0; }
}
.named a:hover { background: var(--accent-wash); color: var(--accent); }
.named svg { width: 16px; height: 16px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; }
@media (max-width: 699.98px) {
  .named a { display: none; }  /* the details of the row have the same link */
  .story li { grid-template-columns: minmax(0, 1fr) auto; }
  .story .what { grid-row: 2; grid-column: 1 / -1; }
}
"""
