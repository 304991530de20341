"""Small buttons of an icon each: lighter than NiceGUI's own, of which a page of a thousand operators has too many."""

from collections.abc import Callable
from typing import Any

from nicegui import ui


class IconButton(ui.element):
    """A button that shows an icon and says its name to a screen reader and on hover."""

    def __init__(self, icon: str, name: str, action: Callable[[], Any] | None = None) -> None:
        """Draw the button; `action` is what a press does."""
        super().__init__('q-btn')
        self.props.update({'icon': icon, 'aria-label': name, 'title': name, 'flat': True, 'round': True})
        if action:
            self.on('click', lambda: action(), [])

    def enable(self, enabled: bool) -> None:
        """Let it be pressed, or not."""
        if self.props.get('disable', False) is enabled:
            self.props['disable'] = not enabled
