"""What opens at a button: drawn when it is asked for and gone when it shuts, for most pages never open it."""

from collections.abc import Awaitable, Callable

from nicegui import ui

UNDER = 'anchor="bottom right" self="top right" :offset="[0, 6]" role=dialog'
"""A menu of things to be set, which opens under the right end of its button."""


class Menu:
    """The menu of one button on one page."""

    def __init__(
        self,
        button: ui.element,
        draw: Callable[[ui.menu], Awaitable[None] | None],
        *,
        name: str,
        props: str,
        look: str = '',
        click: str = 'click',
    ) -> None:
        """Open a menu called `name` at the event `click` of the button, and shut it at the next; `draw` fills it."""
        self._button = button
        self._draw = draw
        self._name, self._props, self._look = name, props, look
        self._menu: ui.menu | None = None
        self._drawing = False
        button.on(click, self._turn, [])

    def close(self) -> None:
        """Shut it, if it is open."""
        if self._menu:
            self._menu.close()

    async def _turn(self) -> None:
        if self._drawing:
            return
        if self._menu and self._menu.value:
            self._menu.close()
            return
        self._forget()
        with self._button, ui.menu().props(f'{self._props} no-parent-event').classes(self._look) as menu:
            menu.props['aria-label'] = self._name
        menu.on('hide', self._hidden, [])
        self._menu = menu
        self._drawing = True
        try:
            drawn = self._draw(menu)
            if drawn is not None:
                await drawn
        finally:
            self._drawing = False
        menu.open()

    def _hidden(self) -> None:
        if self._menu and not self._menu.value:  # it may have been opened again meanwhile
            self._forget()

    def _forget(self) -> None:
        if self._menu:
            self._menu.delete()
            self._menu = None
