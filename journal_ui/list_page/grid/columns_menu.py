"""The menu «Столбцы»: which columns of a list are in sight, in what order, and how high its rows are."""

from functools import partial
from typing import Any

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton
from journal_ui.components.popup_menu import UNDER, Menu
from journal_ui.list_page.grid.column_layout import Arrangement
from journal_ui.list_page.grid.data_grid import Grid
from services import texts


class ColumnsMenu:
    """The menu behind its button; by keyboard it does all that the mouse does on the list's header."""

    def __init__(self, grid: Grid[Any]) -> None:
        """Draw the button alone."""
        self._grid = grid
        self._titles = {column.field: column.title for column in grid.columns}
        button = IconButton(icons.COLUMNS, texts.COLUMNS).props('aria-haspopup=dialog').classes('columns')
        Menu(button, self._draw, name=texts.COLUMNS, props=UNDER, look='arrange')

    def _draw(self, menu: ui.menu) -> None:
        """Show what has been done meanwhile, on the header or by this menu."""
        arrangement = self._grid.arrangement
        menu.clear()
        self._menu = menu
        self._boxes: dict[str, ui.checkbox] = {}
        self._movers: dict[str, tuple[IconButton, IconButton]] = {}
        with menu:
            ui.label(texts.COLUMNS).classes('what').props('aria-hidden=true')
            with ui.element('div').props(f'role=group aria-label="{texts.COLUMNS}"'):
                for name in arrangement.order:
                    self._line(name, name in arrangement.shown)
            ui.label(texts.ROWS).classes('what').props('aria-hidden=true')
            rows = ui.radio(
                {False: texts.DENSE, True: texts.ROOMY},
                value=arrangement.roomy,
                on_change=lambda e: self._change(roomy=e.value),
            )
            rows.props(f'inline dense aria-label="{texts.ROWS}"')
            self._reset = ui.button(texts.AS_DECLARED, on_click=self._forget, color=None).props('flat')
            self._reset.classes('linklike')
            self._place = ui.label().classes('unseen').props('role=status')
        self._mark()

    def _line(self, name: str, shown: bool) -> None:
        title = self._titles[name]
        with ui.element('div').classes('line'):
            self._boxes[name] = ui.checkbox(title, value=shown, on_change=lambda e: self._show(name, e.value))
            self._boxes[name].props('dense')
            self._movers[name] = (
                IconButton(icons.UP, texts.COLUMN_EARLIER.format(column=title), partial(self._move, name, -1)),
                IconButton(icons.DOWN, texts.COLUMN_LATER.format(column=title), partial(self._move, name, 1)),
            )

    def _show(self, name: str, shown: bool) -> None:
        self._grid.arrange(self._grid.arrangement.showing(name, shown))
        self._mark()

    def _move(self, name: str, by: int) -> None:
        self._grid.arrange(self._grid.arrangement.moved(name, by))
        order = self._grid.arrangement.order
        place = order.index(name)
        line = self._boxes[name].parent_slot
        assert line
        line.parent.move(target_index=place)
        self._place.text = texts.COLUMN_PLACE.format(column=self._titles[name], place=place + 1, count=len(order))
        self._mark()
        _focus(self._movers[name][by > 0])

    def _change(self, *, roomy: bool) -> None:
        self._grid.arrange(self._grid.arrangement.spaced(roomy))

    def _forget(self) -> None:
        """Lay everything out as it was declared."""
        self._grid.arrange(Arrangement.of(None, list(self._titles)))
        self._draw(self._menu)
        _focus(self._reset)

    def _mark(self) -> None:
        """Keep the last column in sight, and tell which cannot be moved on; their buttons keep the focus."""
        arrangement = self._grid.arrangement
        for name, box in self._boxes.items():
            box.set_enabled(list(arrangement.shown) != [name])
        for name, (earlier, later) in self._movers.items():
            for mover, end in ((earlier, arrangement.order[0]), (later, arrangement.order[-1])):
                mover.props['aria-disabled'] = 'true' if name == end else 'false'


def _focus(button: ui.element) -> None:
    """Give a button the focus once it stands where it belongs."""
    ui.run_javascript(f'requestAnimationFrame(() => getHtmlElement({button.id})?.focus())')
