"""A table of records with actions: on a narrow screen each cell has the title of its column."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton
from journal_ui.components.html_element import TextTag


@contextmanager
def record_table(
    titles: Sequence[str], *, number_titles: Collection[str] = (), actions_title: str = ''
) -> Iterator[None]:
    """Draw a table with its header; the rows are drawn inside the `with` block.

    Args:
        titles: the titles of the columns.
        number_titles: those of the titles whose columns contain numbers.
        actions_title: the accessible title of a last column with actions; empty if there is none.
    """
    with ui.element('table').classes('lines'):
        with ui.element('thead'), ui.element('tr'):
            for title in titles:
                TextTag('th', title).classes('number' if title in number_titles else '').props('scope=col')
            if actions_title:
                with ui.element('th').props('scope=col'):
                    ui.label(actions_title).classes('unseen')
        with ui.element('tbody'):
            yield


def draw_cells(titles: Sequence[str], values: Sequence[str]) -> None:
    """Draw the cells of a row, one for each title."""
    for title, value in zip(titles, values, strict=True):
        TextTag('td', value).props(f'data-title="{title}"')


def draw_actions_menu(label: str, actions: Sequence[tuple[str, Callable[[], Awaitable[None] | None]]]) -> None:
    """Draw the button of a row, with the accessible name `label`, and its menu of actions with their titles."""
    with IconButton(icons.MORE_ACTIONS, label).props('aria-haspopup=menu'), ui.menu().props('auto-close role=menu'):
        for title, action in actions:
            ui.menu_item(title, action).props('role=menuitem')
