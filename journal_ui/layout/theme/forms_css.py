"""Pages of forms and short lists, such as the account and the users; dialogs."""

CSS = """
.sheets { width: 100%; max-width: 720px; margin: 0 auto; padding: 24px 16px 40px; display: grid; gap: 16px; }
.sheets.broad { max-width: 1080px; }
.sheets .bar { display: flex; justify-content: flex-end; }
.sheets .bar.heading {
  width: 100%; align-items: center; justify-content: space-between; gap: 8px 16px; flex-wrap: wrap;
}
.sheets .bar.heading .q-field { flex: 0 1 280px; }
.sheets .bar.more { width: 100%; align-items: center; justify-content: space-between; color: var(--muted); }
.sheet .entries { width: 100%; }
.entries .lines { table-layout: fixed; }
.entries .lines th:nth-child(1) { width: 44%; }
.entries .lines th:nth-child(3) { width: 120px; }
.entries .lines th:nth-child(4) { width: 48px; }
.dialog .subject { font-weight: 500; overflow-wrap: anywhere; }
.sheet {
  display: grid; gap: 12px; justify-items: start; padding: 20px 24px; min-width: 0;
  background: var(--surface); border: 1px solid var(--line); border-radius: 10px;
}
.sheet h2, .dialog h2 { font: 600 15px/22px var(--text-font); overflow-wrap: anywhere; }
.sheet > p, .dialog > p { color: var(--muted); max-width: 68ch; text-wrap: pretty; }
.sheet > .entry { width: 100%; max-width: 340px; }
.sheet > p.wrong { color: var(--failed); }
.sheet > .drop-zone {
  display: grid; place-items: center; gap: 8px; width: 100%; padding: 32px 16px; cursor: pointer;
  border: 1px dashed var(--edge); border-radius: 8px; color: var(--text); text-align: center;
}
.drop-zone:hover { background: var(--hover); }
.drop-zone:focus-within { outline: 2px solid var(--accent); outline-offset: 2px; }
.sheet > .bar { gap: 8px; flex-wrap: wrap; }
.sheet > .scroll { width: 100%; overflow-x: auto; }
@media (min-width: 720px) {
  .scroll .lines :is(th, td) { max-width: 220px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .scroll .lines td.wrong { min-width: 220px; white-space: normal; }
}
.scroll .wrong { color: var(--failed); }
.sheet > .hint { margin-top: -8px; font-size: 12px; line-height: 16px; }
.sheet > .q-btn { margin-top: 4px; }
.sheet .inner, .sign-in .inner { display: grid; gap: 14px; justify-items: start; }
.sign-in .inner { justify-items: stretch; }
.sign-in p { color: var(--muted); }
.sheets .notice { padding: 8px 16px; border-radius: 8px; background: var(--accent-wash); color: var(--text); }
.press, .q-btn--outline {
  display: inline-flex; align-items: center; min-height: 32px; padding: 0 12px; border-radius: 6px;
  border: 1px solid var(--edge); color: var(--text) !important; font-weight: 500; text-decoration: none;
}
.q-btn--outline::before { border: 0 !important; }
.press:hover, .q-btn--outline:hover { border-color: var(--muted); background: var(--hover); }

.lines { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.lines th {
  padding: 6px 16px 6px 0; text-align: left; font: 500 12px/16px var(--text-font); color: var(--muted);
  border-bottom: 1px solid var(--line); white-space: nowrap;
}
.lines td { padding: 6px 16px 6px 0; height: 36px; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.lines td:nth-child(2) { overflow-wrap: break-word; }  /* short words, such as a role, stay whole */
.lines tr:last-child td { border-bottom: 0; }
.lines tr.blocked td:not(.act) { color: var(--muted); }
.lines .act { padding: 2px 0; text-align: right; }
.lines .number { text-align: right; white-space: nowrap; }
.lines .spellings { color: var(--muted); }
.lines .aside { color: var(--muted); white-space: nowrap; }

.secret { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: baseline; }
.lettered { font: 15px/22px var(--code-font); color: var(--text); user-select: all; overflow-wrap: anywhere; }
.qr { width: 208px; height: 208px; border-radius: 8px; border: 1px solid var(--line); image-rendering: pixelated; }
.codes {
  list-style: none; margin: 0; padding: 12px 16px; display: grid; grid-template-columns: repeat(2, max-content);
  gap: 6px 32px; border: 1px solid var(--line); border-radius: 8px; max-width: 100%;
}

.dialog {
  display: grid; gap: 14px; width: 480px; max-width: calc(100vw - 32px) !important; padding: 20px 24px 16px;
  background: var(--raised); color: var(--text); border: 1px solid var(--line); border-radius: 10px !important;
  box-shadow: 0 12px 40px rgb(0 0 0 / .25) !important;
}
.dialog .deeds { display: flex; justify-content: flex-end; flex-wrap: wrap; gap: 8px; margin-top: 4px; }
.dialog .lines { font-size: 13px; }
.dialog .description { color: var(--muted); overflow-wrap: anywhere; }
.q-notification.bg-dark { background: var(--text) !important; color: var(--surface) !important; }

@media (max-width: 719.98px) {
  .sheets { padding: 12px 8px 32px; gap: 12px; }
  .sheet { padding: 16px; }
  .lines thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .lines tbody, .lines tr, .lines td { display: block; }
  .lines tr { position: relative; padding: 10px 0; border-bottom: 1px solid var(--line); }
  .lines tr:last-child { border-bottom: 0; }
  .lines td { display: flex; gap: 8px; padding: 2px 0; height: auto; border: 0; }
  .lines td[data-title]::before { content: attr(data-title); color: var(--muted); flex: 0 0 128px; }
  .lines td:first-child { font-weight: 600; padding-right: 56px; }
  .lines td:first-child::before { content: none; }
  .lines .act { position: absolute; top: 6px; right: 0; }
  .lines .number { text-align: left; }
  .lines .spellings:empty { display: none; }
  .codes { grid-template-columns: max-content; }
}
"""
