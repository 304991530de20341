"""The palette: contrasts as WCAG 2.2 AA requires in both schemes, and no colour in any other module."""

import re
from pathlib import Path

import pytest

import journal_ui
from journal_ui.layout.theme import palette
from journal_ui.layout.theme.palette import COLOURS, EDGES_ON, TEXT_ON

HEX_COLOUR = re.compile(r'#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b')
COLOUR_PAIRS = [
    (name, ground, side, least)
    for pairs, least in ((TEXT_ON, 4.5), (EDGES_ON, 3.0))
    for name, grounds in pairs.items()
    for ground in grounds
    for side in (0, 1)
]


@pytest.mark.parametrize(('name', 'ground', 'side', 'least'), COLOUR_PAIRS)
def test_a_colour_contrasts_with_its_background(name: str, ground: str, side: int, least: float) -> None:
    lighter, darker = sorted((luminance(COLOURS[name][side]), luminance(COLOURS[ground][side])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= least


def test_no_module_but_the_palette_names_a_hex_colour() -> None:
    found = {
        str(path): colours
        for path in Path(journal_ui.__path__[0]).rglob('*.py')
        if path != Path(palette.__file__) and (colours := HEX_COLOUR.findall(path.read_text(encoding='utf-8')))
    }
    assert not found


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, as WCAG defines it."""
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
