"""Pages without scripts: what Quasar's own style sheet does for the others."""

from journal_ui.layout.theme import palette

CSS = f"""
body {{ margin: 0; min-height: 100dvh; display: grid; padding: 16px; }}
@media (prefers-color-scheme: dark) {{ body {{ {palette.dark_properties()} }} }}
.q-btn {{
  display: inline-flex; align-items: center; justify-content: center; border: 0; background: none; cursor: pointer;
}}
.sign-in .linklike {{ justify-self: start; }}
.sign-in a.q-btn {{ text-decoration: none; }}
.sign-in h2 {{ font: 500 14px/20px var(--text-font); margin-top: 12px; color: var(--muted); }}
.sign-in summary {{ cursor: pointer; padding: 4px 0; color: var(--muted); }}
.sign-in summary:hover {{ color: var(--text); }}
"""
