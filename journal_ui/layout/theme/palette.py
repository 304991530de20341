"""All colours by purpose, for the light and the dark scheme; a test checks their contrast against WCAG AA."""

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
"""The colours of the screen. `edge` outlines controls, `line` only separates areas."""

PRINT_COLOURS = {'canvas': '#fff', 'text': '#000', 'muted': '#333', 'print-line': '#bbb'}
"""The colours of a printed page that differ from the light scheme, which is printed in either scheme."""

QR_CODE_BACKGROUND = '#fff'
"""White in the dark scheme too, because scanners expect dark modules on a light background."""

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
"""The backgrounds of each text colour: a contrast of at least 4.5."""

EDGES_ON = {'edge': ('canvas', 'surface', 'raised'), 'accent': ('canvas', 'surface', 'raised')}
"""The backgrounds of each outline colour: a contrast of at least 3."""

# NiceGUI serves Roboto, so that the widths of the columns fit their content on every machine.
TEXT_FONT = 'Roboto, "Segoe UI", "Noto Sans", "Liberation Sans", Arial, sans-serif'
CODE_FONT = 'ui-monospace, "Cascadia Mono", Consolas, "Liberation Mono", monospace'


def light_properties() -> str:
    """Return the light colours as CSS custom properties."""
    return f'{_properties(0)} color-scheme: light;'


def dark_properties() -> str:
    """Return the dark colours as CSS custom properties."""
    return f'{_properties(1)} color-scheme: dark;'


def print_properties() -> str:
    """Return the colours of a printed page as CSS custom properties."""
    return ' '.join((light_properties(), *(f'--{name}: {colour};' for name, colour in PRINT_COLOURS.items())))


def css() -> str:
    """Return the rules that define the colours and fonts of the page."""
    return f"""
body, .light {{ {light_properties()} }}
body.body--dark {{ {dark_properties()} }}
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


def _properties(index: int) -> str:
    return ' '.join(f'--{name}: {pair[index]};' for name, pair in COLOURS.items())
