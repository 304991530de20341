"""Every colour that is read as text is readable: WCAG 2.2 AA, in light and in dark."""

import pytest

from journal_ui.layout.theme.palette import COLOURS, EDGES_ON, TEXT_ON

PAIRS = [
    (name, ground, side, least)
    for pairs, least in ((TEXT_ON, 4.5), (EDGES_ON, 3.0))
    for name, grounds in pairs.items()
    for ground in grounds
    for side in (0, 1)
]


@pytest.mark.parametrize(('name', 'ground', 'side', 'least'), PAIRS)
def test_a_colour_stands_out_from_its_ground(name: str, ground: str, side: int, least: float) -> None:
    lighter, darker = sorted((luminance(COLOURS[name][side]), luminance(COLOURS[ground][side])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= least


def luminance(colour: str) -> float:
    """Give the relative luminance of `#rrggbb`, as WCAG defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
