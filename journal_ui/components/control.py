"""A control of Quasar in which neither the user nor the server overwrites what is newer.

The server may change a value while the user enters another one: it restores a draft, clears the conditions or corrects
a date. NiceGUI's controls then show the value of the server, although the server receives that of the user a moment
later and searches by it. This control counts what the user enters. The server returns the number that it has received
with each value, and the browser ignores a value that is older than what it shows. When the connection breaks, the
browser sends the last value again, because it may have been lost.
"""

from collections.abc import Callable
from typing import Any

from nicegui import events, ui


class Control(ui.element, component='control.js'):
    """A control as drawn on one page; it responds before the server answers."""

    def __init__(self, tag: str, value: Any, on_edit: Callable[[Any], None]) -> None:
        """Draw the control.

        Args:
            tag: the tag of Quasar's component.
            value: the first value.
            on_edit: receives each value that the user enters, but not the values that the server sets.
        """
        super().__init__()
        self._on_edit = on_edit
        self.props.update({'control': tag, 'value': self._format(value), 'received-edits': 0})
        self.on('edit', self._handle_edit)

    @property
    def value(self) -> Any:
        """The value, which is the last one that the user entered or the server set."""
        return self._parse(self.props['value'])

    @value.setter
    def value(self, value: Any) -> None:
        formatted = self._format(value)
        if formatted != self.props['value']:
            self.props['value'] = formatted

    @property
    def error(self) -> str | None:
        """The error message at the control."""
        return self.props.get('error-message')

    @error.setter
    def error(self, message: str | None) -> None:
        if message != self.error:
            self.props.update({'error': message is not None, 'error-message': message})

    def set_enabled(self, enabled: bool) -> None:
        """Enable or disable the control; nothing is sent to the browser if it is so already."""
        if self.props.get('disable', False) is enabled:
            self.props['disable'] = not enabled

    def _handle_edit(self, e: events.GenericEventArguments) -> None:
        entered, edit_number = e.args
        if edit_number <= self.props['received-edits']:
            return  # sent again after a broken connection, which had not lost it
        with self.props.suspend_updates():  # the browser shows it already, and may show a newer value by now
            self.props['value'] = entered
            self.props['received-edits'] = edit_number
        self._on_edit(self.value)

    def _format(self, value: Any) -> Any:
        """Return a value as Quasar's component has it."""
        return value

    def _parse(self, entered: Any) -> Any:
        """Return the value that Quasar's component has."""
        return entered
