"""The menu «Столбцы»: visibility and order of a list's columns, and the row height."""

from functools import partial
from typing import Any

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton, TextButton
from journal_ui.components.popup_menu import DROPDOWN_PROPS, PopupMenu
from journal_ui.list_page.grid.data_grid import DataGrid
from services import texts


class ColumnsMenu:
    """The menu of a button; it offers by keyboard what the header of the list offers by mouse."""

    def __init__(self, grid: DataGrid[Any]) -> None:
        """Draw the button; the menu is drawn when it opens."""
        self._grid = grid
        self._titles = {column.field: column.title for column in grid.columns}
        button = IconButton(icons.COLUMNS, texts.COLUMNS).props('aria-haspopup=dialog').classes('columns')
        PopupMenu(button, self._draw, name=texts.COLUMNS, props=DROPDOWN_PROPS, css_class='columns-menu')

    def _draw(self, menu: ui.menu) -> None:
        """Draw the current layout, which the header may have changed since."""
        column_layout = self._grid.column_layout
        menu.clear()
        self._menu = menu
        self._checkboxes: dict[str, ui.checkbox] = {}
        self._move_buttons: dict[str, tuple[IconButton, IconButton]] = {}
        with menu:
            ui.label(texts.COLUMNS).classes('what').props('aria-hidden=true')
            with ui.element('div').props(f'role=group aria-label="{texts.COLUMNS}"'):
                for name in column_layout.order:
                    self._draw_column(name, name in column_layout.visible_columns)
            ui.label(texts.ROWS).classes('what').props('aria-hidden=true')
            rows = ui.radio(
                {False: texts.ROWS_COMPACT, True: texts.ROWS_COMFORTABLE},
                value=column_layout.tall_rows,
                on_change=lambda e: self._set_row_height(tall_rows=e.value),
            )
            rows.props(f'inline dense aria-label="{texts.ROWS}"')
            self._reset_button = TextButton(texts.RESET_COLUMNS, self._reset_layout)
            self._reset_button.classes('linklike')
            self._position_status = ui.label().classes('unseen').props('role=status')
        self._update_controls()

    def _draw_column(self, name: str, visible: bool) -> None:
        title = self._titles[name]
        with ui.element('div').classes('line'):
            self._checkboxes[name] = ui.checkbox(
                title, value=visible, on_change=lambda e: self._set_visible(name, e.value)
            )
            self._checkboxes[name].props('dense')
            self._move_buttons[name] = (
                IconButton(
                    icons.CHEVRON_UP, texts.COLUMN_EARLIER.format(column=title), partial(self._move_column, name, -1)
                ),
                IconButton(
                    icons.CHEVRON_DOWN, texts.COLUMN_LATER.format(column=title), partial(self._move_column, name, 1)
                ),
            )

    def _set_visible(self, name: str, visible: bool) -> None:
        self._grid.apply_layout(self._grid.column_layout.with_visibility(name, visible))
        self._update_controls()

    def _move_column(self, name: str, offset: int) -> None:
        self._grid.apply_layout(self._grid.column_layout.with_column_moved(name, offset))
        order = self._grid.column_layout.order
        index = order.index(name)
        slot = self._checkboxes[name].parent_slot
        assert slot
        slot.parent.move(target_index=index)
        self._position_status.text = texts.COLUMN_POSITION.format(
            column=self._titles[name], position=index + 1, count=len(order)
        )
        self._update_controls()
        _focus(self._move_buttons[name][offset > 0])

    def _set_row_height(self, *, tall_rows: bool) -> None:
        self._grid.apply_layout(self._grid.column_layout.with_tall_rows(tall_rows))

    def _reset_layout(self) -> None:
        """Restore the declared layout."""
        self._grid.apply_layout(self._grid.default_layout)
        self._draw(self._menu)
        _focus(self._reset_button)

    def _update_controls(self) -> None:
        """Disable hiding the last column, and mark buttons at either end as disabled without losing their focus."""
        column_layout = self._grid.column_layout
        for name, checkbox in self._checkboxes.items():
            checkbox.set_enabled(list(column_layout.visible_columns) != [name])
        for name, (earlier, later) in self._move_buttons.items():
            for button, edge_column in ((earlier, column_layout.order[0]), (later, column_layout.order[-1])):
                button.props['aria-disabled'] = 'true' if name == edge_column else 'false'


def _focus(button: ui.element) -> None:
    """Focus a button after its move has been drawn."""
    ui.run_javascript(f'requestAnimationFrame(() => getHtmlElement({button.id})?.focus())')
