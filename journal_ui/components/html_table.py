"""A table of figures with links: the accessible form of a chart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nicegui import ui

from journal_ui.components.html_element import TextTag


@dataclass(frozen=True)
class TableCell:
    """The content of a table cell."""

    text: str
    url: str = ''
    """The link of the text; empty for plain text."""
    link_label: str = ''
    """The accessible name of the link, if its text alone is ambiguous."""
    on_click: Callable[[], object] | None = None
    """Called without arguments when the text is clicked, where it has no URL."""
    is_clipped: bool = False
    """Whether a wide screen shows the text in one line, and the whole of it on hover."""
    full_text: str = ''
    """The text on hover, where `text` is written for little space."""


def draw_table(
    caption: str, titles: Sequence[str], rows: Sequence[Sequence[TableCell]], *, text_columns: bool = False
) -> None:
    """Draw a table; the first cell of a row is its header, the others are figures, or words with `text_columns`."""
    css_classes = 'figures-table words' if text_columns else 'figures-table'
    with ui.element('div').classes('scroll'), ui.element('table').classes(css_classes):
        TextTag('caption', caption).classes('unseen')
        with ui.element('thead'), ui.element('tr'):
            for title in titles:
                TextTag('th', title).props('scope=col')
        with ui.element('tbody'):
            for row in rows:
                with ui.element('tr'):
                    for number, cell in enumerate(row):
                        _draw_cell(cell, is_head=number == 0)


def _draw_cell(cell: TableCell, *, is_head: bool) -> None:
    tag = 'th' if is_head else 'td'
    if cell.url or cell.on_click:
        cell_element = ui.element(tag)
        with cell_element:
            link: ui.element = ui.link(cell.text, cell.url) if cell.url else TextTag('button', cell.text)
            if cell.on_click:
                link.props('type=button').on('click', cell.on_click, [])
            if cell.link_label:
                link.props['aria-label'] = link.props['title'] = cell.link_label
    else:
        cell_element = TextTag(tag, cell.text)
    if cell.is_clipped:
        cell_element.classes('clipped')
    if cell.is_clipped or cell.full_text:
        cell_element.props['title'] = cell.full_text or cell.text
    if is_head:
        cell_element.props('scope=row')
