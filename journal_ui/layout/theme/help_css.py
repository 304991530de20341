"""The operator's guide."""

CSS = """
.guide {
  display: grid; grid-template-columns: minmax(160px, 232px) minmax(0, 880px); gap: 0 48px; justify-content: center;
  padding: 24px 24px 64px; align-items: start;
}
.guide nav { position: sticky; top: 24px; }
.guide ol { margin: 0; padding: 0; }
.guide nav ol { list-style: none; display: grid; gap: 2px; }
.guide nav a { display: block; padding: 4px 8px; border-radius: 6px; color: var(--text); text-decoration: none; }
.guide nav a:hover { background: var(--hover); color: var(--accent); }
.guide article { display: grid; gap: 32px; font: 15px/24px var(--text-font); min-width: 0; }
.guide section { scroll-margin-top: 16px; }
.guide h2 { font: 600 18px/26px var(--text-font); margin-bottom: 8px; }
.guide .nicegui-markdown { display: grid; gap: 12px; }
.guide .nicegui-markdown :is(ul, ol) { margin: 0; padding-left: 22px; display: grid; gap: 6px; }
.guide :is(p, li):not(:has(> img)) { max-width: 76ch; }
.guide strong { font-weight: 600; }
.guide code { font: 13px/20px var(--code-font); padding: 1px 5px; border-radius: 4px; background: var(--accent-wash); }
.guide img {
  display: block; max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 8px;
}
@media (max-width: 899.98px) {
  .guide { grid-template-columns: minmax(0, 1fr); gap: 24px; padding: 16px 16px 48px; }
  .guide nav { position: static; }
  .guide nav a { padding-inline: 0; }
}
"""
