"""A select and a check box that use less memory than those of NiceGUI, and respond before the server answers."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from nicegui import events, ui

from journal_ui.components import icons
from journal_ui.nicegui_patches.lean_element import LeanElement

REMOVE_LISTBOX_TAB_STOP_JS: Final = """() => setTimeout(() => document.querySelectorAll('[role=listbox] > [tabindex]')
  .forEach(between => between.removeAttribute('tabindex')))"""
"""Quasar puts a focusable element between a list and its options, and a screen reader reports the list as empty."""

SHOW_AND_EMIT_JS: Final = "(value) => { element.props['model-value'] = value; emit(value); }"
"""Shows the new value in the browser without waiting for the server, which may not be connected yet.

`element` and `emit` are names of NiceGUI's `renderRecursively`, in which the handler is evaluated.
"""


class Select(ui.element):
    """A field as drawn on one page; its value is one of the options, or None."""

    def __init__(self, label: str, options: Mapping[Any, str], value: Any, on_change: Callable[[Any], None]) -> None:
        """Draw the field; `options` maps values to labels, and `on_change` receives a value that the user selects."""
        super().__init__('q-select')
        self._on_change = on_change
        self.props.update({'for': self.html_id, 'label': label, 'emit-value': True, 'map-options': True})
        self.props['dropdown-icon'] = icons.CHEVRON_DOWN
        self.show(options, value)
        self.on('update:model-value', self._handle_update, [None], js_handler=SHOW_AND_EMIT_JS)
        self.on('popup-show', js_handler=REMOVE_LISTBOX_TAB_STOP_JS)

    def show(self, options: Mapping[Any, str], value: Any) -> None:
        """Show other options, and one of them as selected."""
        self._values = tuple(options)
        self.props['options'] = _quasar_options(tuple(options.values()))
        self.value = value

    @property
    def value(self) -> Any:
        """The selected value."""
        index = self.props['model-value']
        return None if index is None else self._values[index]

    @value.setter
    def value(self, value: Any) -> None:
        self.props['model-value'] = None if value is None else self._values.index(value)

    @property
    def error(self) -> str | None:
        """The error message at the field."""
        return self.props.get('error-message')

    @error.setter
    def error(self, message: str | None) -> None:
        if message != self.error:
            self.props.update({'error': message is not None, 'error-message': message})

    def _handle_update(self, e: events.GenericEventArguments) -> None:
        with self.props.suspend_updates():  # the browser shows it already, and may show a newer value by now
            self.value = None if e.args is None else self._values[e.args]
        self._on_change(self.value)


class Checkbox(LeanElement):
    """A check box as drawn on one page."""

    def __init__(self, label: str, value: bool, on_change: Callable[[bool], None]) -> None:
        """Draw the box with its label; `on_change` receives whether the user has checked or unchecked it."""
        super().__init__('q-checkbox')
        self._on_change = on_change
        self.props.update({'label': label, 'model-value': value, 'dense': True})
        self.on('update:model-value', self._handle_update, [None], js_handler=SHOW_AND_EMIT_JS)

    @property
    def value(self) -> bool:
        """Whether the box is checked."""
        return bool(self.props['model-value'])

    @value.setter
    def value(self, value: bool) -> None:
        if value is not self.value:
            self.props['model-value'] = value

    def _handle_update(self, e: events.GenericEventArguments) -> None:
        with self.props.suspend_updates():  # the browser shows it already, and may show a newer value by now
            self.props['model-value'] = e.args is True
        self._on_change(self.value)


@cache
def _quasar_options(options: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
    """Return options in Quasar's format, shared by all pages; NiceGUI would copy and observe a list on each page."""
    return tuple({'value': index, 'label': label} for index, label in enumerate(options))
