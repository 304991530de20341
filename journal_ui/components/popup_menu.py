"""A menu of a button: drawn when it opens and deleted when it closes, because most pages never open it."""

from collections.abc import Awaitable, Callable

from nicegui import ui

DROPDOWN_PROPS = 'anchor="bottom right" self="top right" :offset="[0, 6]" role=dialog'
"""A menu of settings, which opens under the right end of its button."""


class PopupMenu:
    """The menu of one button on one page."""

    def __init__(
        self,
        button: ui.element,
        draw: Callable[[ui.menu], Awaitable[None] | None],
        *,
        name: str,
        props: str,
        css_class: str = '',
        trigger_event: str = 'click',
    ) -> None:
        """Toggle a menu with the accessible name `name` at the event `trigger_event`; `draw` draws its content."""
        self._button = button
        self._draw = draw
        self._name, self._props, self._css_class = name, props, css_class
        self._menu: ui.menu | None = None
        self._is_drawing = False
        button.on(trigger_event, self._toggle, [])

    def close(self) -> None:
        """Close the menu if it is open."""
        if self._menu:
            self._menu.close()

    async def _toggle(self) -> None:
        if self._is_drawing:
            return
        if self._menu and self._menu.value:
            self._menu.close()
            return
        self._delete_menu()
        with self._button, ui.menu().props(f'{self._props} no-parent-event').classes(self._css_class) as menu:
            menu.props['aria-label'] = self._name
        menu.on('hide', self._on_hide, [])
        self._menu = menu
        self._is_drawing = True
        try:
            pending_content = self._draw(menu)
            if pending_content is not None:
                await pending_content
        finally:
            self._is_drawing = False
        menu.open()

    def _on_hide(self) -> None:
        if self._menu and not self._menu.value:  # the user may have opened it again
            self._delete_menu()

    def _delete_menu(self) -> None:
        if self._menu:
            self._menu.delete()
            self._menu = None
