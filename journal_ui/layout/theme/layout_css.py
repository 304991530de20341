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
  grid-template: 'head head' 48px 'nav attempts' auto 'nav main' minmax(0, 1fr) 'nav notices' auto 'nav away' auto
    'nav foot' auto / auto minmax(0, 1fr);
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
.head .scope {
  color: var(--muted); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; max-width: 28ch;
}
.nav .scope { display: none; }
.leave { display: flex; }
.alerts details { position: relative; }
.alerts summary {
  display: flex; align-items: center; gap: 8px; min-height: 32px; padding: 0 10px; border-radius: 6px; cursor: pointer;
  color: var(--failed); font-weight: 600; white-space: nowrap; list-style: none;
}
.alerts summary::-webkit-details-marker { display: none; }
.alerts summary:hover { background: var(--hover); }
.alerts .count {
  min-width: 20px; padding: 0 5px; border: 1px solid currentColor; border-radius: 10px; text-align: center;
  font: 600 12px/18px var(--text-font);
}
/* the whole text is in the list; a name of an organisation may be long */
.alerts .words { max-width: 46ch; overflow: hidden; text-overflow: ellipsis; }
.alerts .ended summary { color: var(--muted); font-weight: 400; }
.alerts ul {
  position: absolute; right: 0; top: 36px; z-index: 40; width: max-content; max-width: min(420px, 80vw); margin: 0;
  padding: 6px; list-style: none; background: var(--raised); border: 1px solid var(--line); border-radius: 8px;
}
.alerts li a { display: block; padding: 6px 10px; border-radius: 6px; color: var(--text); text-decoration: none; }
.alerts li small, .attention li small { display: inline-block; color: var(--muted); font-size: 12px; }
.alerts li small { width: 100%; }
.alerts li.ended a { color: var(--muted); }
.alerts li a:hover { background: var(--hover); }
.alerts details:not([open]) ul { display: none; }
@media (max-width: 999.98px) {
  .alerts .words { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
}
@media (max-width: 599.98px) {
  .alerts summary { padding: 0 4px; }
  .alerts ul { position: fixed; inset: 48px 8px auto; width: auto; max-width: none; }
}
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

.attempts {
  grid-area: attempts; padding: 6px 16px; background: var(--accent-wash); border-bottom: 1px solid var(--line);
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
.foot .low, .figure.low .value { color: var(--failed); }
.foot .low { font-weight: 600; }
.foot .late, .figure.late .value { color: var(--waiting); }
.foot .late { font-weight: 500; }
.foot .queue a { color: inherit; text-decoration-color: var(--edge); text-underline-offset: 3px; }
.foot .queue a:hover { text-decoration-color: currentColor; }
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
.sign-in .product { font: 500 13px/18px var(--text-font); color: var(--muted); }
.sign-in .product + h1 { margin-top: -10px; }
.sign-in .q-btn { height: 36px; margin-top: 4px; }

.entry { display: grid; gap: 2px; font: 500 12px/16px var(--text-font); color: var(--muted); }
.entry input {
  height: 36px; padding: 0 10px; font: 14px/20px var(--text-font); color: var(--text); background: var(--surface);
  border: 1px solid var(--edge); border-radius: 6px;
}
.entry input:focus { outline: 2px solid var(--accent); outline-offset: -1px; }
.refusal { color: var(--failed); }
.refusal:empty { display: none; }

/* the main page: the numbers, larger on a wall-board, which is this page in full screen, and the sections */
.numbers {
  width: 100%; max-width: 1440px; margin: 0 auto; padding: 24px 24px 0; display: grid; gap: 12px; list-style: none;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 184px), 1fr)); align-content: start;
}
.figure {
  display: grid; grid-template-rows: auto auto 1fr; gap: 2px; height: 100%; padding: 12px 16px;
  color: var(--text); text-decoration: none; background: var(--surface); border: 1px solid var(--line);
  border-radius: 10px; transition: border-color .1s;
}
.figure:hover { border-color: var(--accent); }
.figure .title { font: 500 13px/18px var(--text-font); color: var(--muted); }
.figure .value { font: 600 22px/30px var(--text-font); font-variant-numeric: tabular-nums; }
.figure .note { font: 400 13px/18px var(--text-font); color: var(--muted); text-wrap: pretty; }
@media (max-width: 599.98px) {
  .numbers { padding: 12px 12px 0; gap: 8px; grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .numbers li:last-child:nth-child(odd) { grid-column: 1 / -1; }
  .figure { padding: 10px 12px; }
  .figure .value { font-size: 18px; line-height: 26px; }
}
@media (display-mode: fullscreen) and (min-width: 1000px) {
  .numbers { max-width: none; padding: 4vh 3vw 0; gap: 1.4vw; grid-template-columns: repeat(6, minmax(0, 1fr)); }
  .numbers li { grid-column: span 2; }
  .numbers li:nth-child(n + 4) { grid-column: span 3; }
  .figure { padding: 2.4vh 1.6vw; }
  .figure .title { font-size: 1.5vw; line-height: 1.4; }
  .figure .value { font-size: 3vw; line-height: 1.25; }
  .figure .note { font-size: 1.2vw; line-height: 1.4; }
}

/* the questions of the demonstration */
.questions {
  width: 100%; max-width: 1440px; margin: 0 auto; padding: 16px 24px 0; display: flex; flex-wrap: wrap; gap: 4px 20px;
}
.questions span { color: var(--muted); }
@media (max-width: 599.98px) { .questions { padding: 12px 12px 0; } }
@media (display-mode: fullscreen) and (min-width: 1000px) { .questions { display: none; } }

.tiles {
  width: 100%; max-width: 1440px; margin: 0 auto; padding: 24px; display: grid; gap: 16px; list-style: none;
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
  .head .scope { display: none; }
  .nav .scope { display: block; padding: 8px 16px; color: var(--muted); }
  .head a.who > div, .head .leave .block {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  }
  .tiles { padding: 16px 12px; gap: 8px; }
  .away:not(:empty) { padding: 4px 12px; }
  .foot { padding: 4px 12px; font-size: 13px; line-height: 18px; }
}
"""
