"""Buttons lighter than NiceGUI's own, of which a page of a thousand operators has too many."""

from collections.abc import Callable
from typing import Any

from journal_ui.nicegui_patches.lean_element import Light


class Button(Light):
    """A button as Quasar has it."""

    def __init__(self, action: Callable[[], Any] | None, **props: Any) -> None:
        """Draw the button; `action` is what a press does."""
        super().__init__('q-btn')
        self.props.update(props)
        if action:
            self.on('click', action, ())

    def enable(self, enabled: bool) -> None:
        """Let it be pressed, or not."""
        if self.props.get('disable', False) is enabled:
            self.props['disable'] = not enabled


class IconButton(Button):
    """A button that shows an icon and says its name to a screen reader and on hover."""

    def __init__(self, icon: str, name: str, action: Callable[[], Any] | None = None) -> None:
        """See Button."""
        super().__init__(action, **{'icon': icon, 'aria-label': name, 'title': name, 'flat': True, 'round': True})


class WordButton(Button):
    """A button that says in words what it does."""

    def __init__(
        self, words: str, action: Callable[[], Any] | None = None, *, icon: str | None = None, main: bool = False
    ) -> None:
        """See Button; `main` for what its part of the page is there for."""
        super().__init__(action, **{'unelevated' if main else 'flat': True})
        self.say(words, icon)

    def say(self, words: str, icon: str | None = None) -> None:
        """Say something else."""
        self.props.update({'label': words} | ({'icon': icon} if icon else {}))
