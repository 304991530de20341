"""The frame of a page (header, drawer, content, outage notice, footer), the sign-in page, error pages, main page."""

CSS = """
*, *::before, *::after { box-sizing: border-box; scrollbar-width: thin; scrollbar-color: var(--edge) transparent; }
h1, h2, p, dl, dd, figure, pre { margin: 0; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.q-loading-bar { display: none; }
.unseen {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { transition-duration: 0s !important; animation-duration: 0s !important; }
}

/* the header above the drawer and the content, which fills the remaining height above the footer */
.q-layout {
  display: grid; height: 100dvh; min-height: 0 !important; overflow: hidden;
  grid-template: 'head head' 48px 'nav main' minmax(0, 1fr) 'nav away' auto 'nav foot' auto
    / auto minmax(0, 1fr);
}
.q-page-container { grid-area: main; min-height: 0; min-width: 0; padding: 0 !important; }
.q-page { height: 100%; min-height: 0 !important; }
.nicegui-content { height: 100%; padding: 0; gap: 0; align-items: stretch; overflow: auto; }

.head {
  grid-area: head; display: flex; align-items: center; gap: 8px; padding: 0 12px 0 6px; min-width: 0;
  background: var(--surface); border-bottom: 1px solid var(--line);
}
.head h1 {
  font: 600 16px/24px var(--text-font); letter-spacing: -.005em; margin-right: auto;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
}
.head .who {
  display: flex; align-items: center; gap: 6px; min-height: 32px; padding: 0 8px; border-radius: 6px;
  color: var(--muted); text-decoration: none; white-space: nowrap; overflow: hidden; max-width: 24ch;
}
.head a.who:hover { background: var(--hover); color: var(--text); }
.head .who .q-icon { font-size: 18px; flex: none; }
.head .who > div { overflow: hidden; text-overflow: ellipsis; }
.leave { display: flex; }
.body--light .to-light, .body--dark .to-dark { display: none; }

.nav {
  grid-area: nav; width: 296px; padding: 8px; background: var(--surface); border-right: 1px solid var(--line);
  display: flex; flex-direction: column; gap: 2px; overflow: auto; z-index: 30;
}
.nav a {
  display: flex; align-items: center; min-height: 36px; padding: 4px 12px; border-radius: 6px;
  color: var(--text); text-decoration: none;
}
.nav a:hover { background: var(--hover); }
.nav a[aria-current] { background: var(--accent-wash); color: var(--accent); font-weight: 600; }
.nav a:focus-visible { outline-offset: -2px; }
@media (min-width: 1600px) { .nav.turned, .scrim { display: none; } }
@media (max-width: 1599.98px) {
  .nav { position: fixed; inset: 48px auto 0 0; max-width: 85vw; transition: translate .12s ease-out, visibility .12s; }
  .nav:not(.turned) { visibility: hidden; translate: -100% 0; }
  .scrim { position: fixed; inset: 48px 0 0; z-index: 29; background: rgb(0 0 0 / .25); }
}

.away { grid-area: away; }
.away:not(:empty) {
  padding: 5px 16px; background: var(--surface); border-top: 1px solid var(--line); color: var(--waiting);
  font-weight: 500;
}
.foot {
  grid-area: foot; display: flex; align-items: center; justify-content: space-between; flex-wrap: wrap;
  gap: 0 24px; min-height: 32px; padding: 4px 16px; background: var(--surface); border-top: 1px solid var(--line);
  font-variant-numeric: tabular-nums;
}
.foot .low { color: var(--failed); font-weight: 600; }
.foot .aside { color: var(--muted); }

/* a box in the middle of the page: sign-in, errors */
.plain {
  margin: clamp(24px, 16vh, 180px) auto auto; padding: 32px 24px; width: 100%; max-width: 480px;
  display: grid; gap: 16px;
}
.plain h1, .plain h2 { font: 600 20px/28px var(--text-font); }
.plain p { color: var(--muted); text-wrap: pretty; }
.plain .ref { font-variant-numeric: tabular-nums; }
.sign-in {
  margin: auto; width: 100%; max-width: 360px; padding: 32px 28px 28px; display: grid; gap: 14px;
  background: var(--surface); border: 1px solid var(--line); border-radius: 10px;
}
.sign-in h1 { font: 600 18px/26px var(--text-font); margin-bottom: 4px; text-wrap: balance; }
.sign-in .q-btn { height: 36px; margin-top: 4px; }

.entry { display: grid; gap: 2px; font: 500 12px/16px var(--text-font); color: var(--muted); }
.entry input {
  height: 36px; padding: 0 10px; font: 14px/20px var(--text-font); color: var(--text); background: var(--surface);
  border: 1px solid var(--edge); border-radius: 6px;
}
.entry input:focus { outline: 2px solid var(--accent); outline-offset: -1px; }
.refusal { color: var(--failed); }
.refusal:empty { display: none; }

.tiles {
  width: 100%; max-width: 960px; margin: 0 auto; padding: 40px 24px; display: grid; gap: 16px; list-style: none;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 360px), 1fr)); align-content: start;
}
.tile {
  display: grid; grid-template-columns: auto 1fr; gap: 4px 14px; padding: 20px; height: 100%; align-content: start;
  color: var(--text); text-decoration: none; background: var(--surface);
  border: 1px solid var(--line); border-radius: 10px; transition: border-color .1s;
}
.tile:hover { border-color: var(--accent); }
.tile .q-icon { grid-row: 1 / 3; font-size: 26px; color: var(--accent); }
.tile h2 { font: 600 15px/22px var(--text-font); }
.tile p { color: var(--muted); }

@media (max-width: 599.98px) {
  .head { gap: 2px; padding-right: 6px; }
  .head h1 { font-size: 15px; line-height: 18px; white-space: normal; max-height: 36px; }
  .head div.who { display: none; }
  .head a.who > div, .head .leave .block {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  }
  .away:not(:empty) { padding: 4px 12px; }
  .foot { padding: 4px 12px; font-size: 13px; line-height: 18px; }
}
"""
