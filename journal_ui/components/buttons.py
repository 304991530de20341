"""Buttons lighter than NiceGUI's own, of which a page of a thousand operators has too many."""

from collections.abc import Callable
from typing import Any

from journal_ui.nicegui_patches.lean_element import LeanElement


class Button(LeanElement):
    """A button as Quasar has it."""

    def __init__(self, on_click: Callable[[], Any] | None, **props: Any) -> None:
        """Draw the button; `action` is what a press does."""
        super().__init__('q-btn')
        self.props.update(props)
        if on_click:
            self.on('click', on_click, ())

    def set_enabled(self, enabled: bool) -> None:
        """Let it be pressed, or not."""
        if self.props.get('disable', False) is enabled:
            self.props['disable'] = not enabled


class IconButton(Button):
    """A button that shows an icon and says its name to a screen reader and on hover."""

    def __init__(self, icon: str, label: str, on_click: Callable[[], Any] | None = None) -> None:
        """See Button."""
        super().__init__(on_click, **{'icon': icon, 'aria-label': label, 'title': label, 'flat': True, 'round': True})


class TextButton(Button):
    """A button that says in words what it does."""

    def __init__(
        self, text: str, on_click: Callable[[], Any] | None = None, *, icon: str | None = None, primary: bool = False
    ) -> None:
        """See Button; `main` for what its part of the page is there for."""
        super().__init__(on_click, **{'unelevated' if primary else 'flat': True})
        self.set_text(text, icon)

    def set_text(self, text: str, icon: str | None = None) -> None:
        """Say something else."""
        self.props.update({'label': text} | ({'icon': icon} if icon else {}))
