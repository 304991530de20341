"""A table of figures whose entries lead somewhere: what a picture shows, for those who cannot see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement


@dataclass(frozen=True)
class Cell:
    """What stands in a table."""

    text: str
    address: str = ''
    """Where it leads; nothing: nowhere."""
    name: str = ''
    """What the link is called where its text alone would not say enough."""


class Tag(TextElement):
    """An element of HTML with a text of its own."""

    def __init__(self, tag: str, text: str = '') -> None:
        """Write it."""
        super().__init__(tag=tag, text=text)


def table(name: str, titles: Sequence[str], rows: Sequence[Sequence[Cell]], *, of_words: bool = False) -> None:
    """Draw a table called `name`; the first cell of a row says what the row is of, the others are figures or words."""
    looks = 'figures-table words' if of_words else 'figures-table'
    with ui.element('div').classes('scroll'), ui.element('table').classes(looks):
        Tag('caption', name).classes('unseen')
        with ui.element('thead'), ui.element('tr'):
            for title in titles:
                Tag('th', title).props('scope=col')
        with ui.element('tbody'):
            for row in rows:
                with ui.element('tr'):
                    for number, cell in enumerate(row):
                        _draw(cell, is_head=number == 0)


def _draw(cell: Cell, *, is_head: bool) -> None:
    tag = 'th' if is_head else 'td'
    if cell.address:
        with ui.element(tag) as drawn:
            link = ui.link(cell.text, cell.address)
            if cell.name:
                link.props['aria-label'] = link.props['title'] = cell.name
    else:
        drawn = Tag(tag, cell.text)
    if is_head:
        drawn.props('scope=row')
