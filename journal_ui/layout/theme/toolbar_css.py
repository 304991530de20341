"""The tools of a list page: the export button and the saved searches."""

CSS = """
.paging .tools { display: flex; align-items: center; gap: 2px; min-height: 28px; margin-left: 4px; }
.paging .tools .q-btn:not(.q-btn--round) { width: auto; min-width: 0; padding: 0 10px; }
.paging .tools .q-btn.linklike { padding: 0 6px; }
.paging .tools.end { margin-left: auto; }
.exporting { display: flex; align-items: center; gap: 4px; white-space: nowrap; color: var(--muted); }

.chip.q-btn {
  min-height: 28px; padding: 0 12px; border-radius: 14px; background: var(--accent-wash);
  color: var(--accent) !important;
}
.chip .on-right { margin-left: 4px; font-size: 16px; }
.flags + .chip { margin: 2px 0; }

.searches { min-width: 240px; max-width: min(420px, 92vw); padding: 4px 0; }
.searches .q-separator { margin: 4px 0; background: var(--line); }
.searches .group { padding: 4px 12px 2px; font: 500 12px/16px var(--text-font); color: var(--muted); }
.searches .own { display: flex; align-items: center; padding-right: 6px; }
.searches .own .q-item { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.searches .own .q-btn { color: var(--muted) !important; }

.actions .q-btn__content { flex-wrap: nowrap; }
/* at 1 280 pixels, 1 920 at 150 %, the buttons stay in the second line of the fields */
@media (min-width: 600px) and (max-width: 1365.98px) {
  .actions { gap: 4px; }
  .actions .find { min-width: 110px; }
  .actions .named .q-icon { display: none; }
  .actions .named.q-btn { padding: 0 6px; }
}
@media (max-width: 599.98px) {
  .paging .tools { margin-left: auto; }
  .paging .tools > .q-btn .on-left { margin: 0; }
  .paging .tools > .q-btn:not(.linklike) .block {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  }
  .actions .named .q-icon { display: none; }
  .actions .named.q-btn { padding: 0 6px; }
}
"""
