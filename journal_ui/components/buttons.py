"""The buttons of all pages; each keeps less memory than `ui.button`, because a server holds a thousand open pages."""

from collections.abc import Callable
from typing import Any

from journal_ui.nicegui_patches.lean_element import LeanElement


class Button(LeanElement):
    """A Quasar button."""

    def __init__(self, on_click: Callable[[], Any] | None, **props: Any) -> None:
        """Draw the button with properties of `q-btn`; `on_click` is called without arguments."""
        super().__init__('q-btn')
        self.props.update(props)
        if on_click:
            self.on('click', on_click, ())

    def set_enabled(self, enabled: bool) -> None:
        """Enable or disable the button; nothing is sent to the browser if it is so already."""
        if self.props.get('disable', False) is enabled:
            self.props['disable'] = not enabled


class IconButton(Button):
    """A button with an icon; its label is the tooltip and the name for screen readers."""

    def __init__(self, icon: str, label: str, on_click: Callable[[], Any] | None = None) -> None:
        """Draw the button; see Button."""
        super().__init__(on_click, **{'icon': icon, 'aria-label': label, 'title': label, 'flat': True, 'round': True})


class TextButton(Button):
    """A button with a text."""

    def __init__(
        self,
        text: str,
        on_click: Callable[[], Any] | None = None,
        *,
        icon: str | None = None,
        primary: bool = False,
        outlined: bool = False,
        submit: bool = False,
    ) -> None:
        """Draw the button; see Button.

        Args:
            text: the text, which may change by `set_text`.
            on_click: called without arguments.
            icon: an icon before the text.
            primary: filled, for the main action of a page or a dialog.
            outlined: with a border; without `primary` and `outlined` the button is flat.
            submit: whether a click submits the HTML form around the button.
        """
        appearance = 'unelevated' if primary else 'outline' if outlined else 'flat'
        super().__init__(on_click, **{appearance: True} | ({'type': 'submit'} if submit else {}))
        self.set_text(text, icon)

    def set_text(self, text: str, icon: str | None = None) -> None:
        """Replace the text, and the icon if one is passed."""
        self.props['label'] = text
        if icon:
            self.props['icon'] = icon
