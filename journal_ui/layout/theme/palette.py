"""The colours, each by what it is for, in light and in dark; a test holds their contrast to WCAG AA."""

COLOURS: dict[str, tuple[str, str]] = {
    # name: (light, dark)
    'canvas': ('#f3f5f7', '#12161b'),
    'surface': ('#ffffff', '#191e25'),
    'raised': ('#ffffff', '#222932'),
    'hover': ('#eff3f7', '#202730'),
    'line': ('#dde2e8', '#2b333d'),
    'edge': ('#848e9a', '#6c7886'),
    'text': ('#1b2128', '#e5e9ee'),
    'muted': ('#55606d', '#a1acb8'),
    'accent': ('#1d5fa8', '#82b6f2'),
    'accent-hover': ('#174e8b', '#a1c9f7'),
    'accent-wash': ('#e6eff9', '#1d2b3c'),
    'on-accent': ('#ffffff', '#0e1c2c'),
    'sent': ('#2a6f49', '#74c296'),
    'waiting': ('#8a5700', '#e2b053'),
    'failed': ('#b3261e', '#ff9088'),
    'failed-wash': ('#fdf0ee', '#331f20'),
}
"""Every colour of the product. `edge` outlines what can be operated, `line` only parts one thing from another."""

TEXT_ON = {
    'text': ('canvas', 'surface', 'raised', 'hover', 'accent-wash', 'failed-wash'),
    'muted': ('canvas', 'surface', 'raised', 'hover', 'accent-wash', 'failed-wash'),
    'accent': ('canvas', 'surface', 'raised', 'hover', 'accent-wash'),
    'accent-hover': ('canvas', 'surface', 'raised', 'hover'),
    'on-accent': ('accent', 'accent-hover'),
    'sent': ('surface', 'raised', 'hover'),
    'waiting': ('surface', 'raised', 'hover'),
    'failed': ('canvas', 'surface', 'raised', 'hover', 'failed-wash'),
}
"""Which colours are read as text on which: these pairs must have a contrast of 4.5."""

EDGES_ON = {'edge': ('canvas', 'surface', 'raised'), 'accent': ('canvas', 'surface', 'raised')}
"""Which colours outline a control or its focus on which: 3."""

# Roboto comes with NiceGUI: the columns are as wide as what they hold on every machine, whatever fonts it has.
TEXT_FONT = 'Roboto, "Segoe UI", "Noto Sans", "Liberation Sans", Arial, sans-serif'
CODE_FONT = 'ui-monospace, "Cascadia Mono", Consolas, "Liberation Mono", monospace'


def light() -> str:
    """Write the light colours as custom properties."""
    return f'{_properties(0)} color-scheme: light;'


def css() -> str:
    """Write the colours as custom properties of the page."""
    return f"""
body, .light {{ {light()} }}
body.body--dark {{ {_properties(1)} color-scheme: dark; }}
html {{ background: {COLOURS['canvas'][0]}; }}
@media (prefers-color-scheme: dark) {{ html {{ background: {COLOURS['canvas'][1]}; }} }}
body {{
  --q-primary: var(--accent) !important; --q-negative: var(--failed) !important;
  --q-positive: var(--sent) !important; --q-warning: var(--waiting) !important;
  --q-dark: {COLOURS['raised'][1]} !important; --q-dark-page: {COLOURS['canvas'][1]} !important;
  --text-font: {TEXT_FONT}; --code-font: {CODE_FONT};
  background: var(--canvas); color: var(--text);
  font: 14px/20px var(--text-font); font-synthesis: none; -webkit-font-smoothing: antialiased;
}}
"""


def _properties(side: int) -> str:
    return ' '.join(f'--{name}: {pair[side]};' for name, pair in COLOURS.items())
