"""A field of text, a select and a check box that both the user and the server may change."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from journal_ui.components import icons
from journal_ui.components.control import Control

REMOVE_LISTBOX_TAB_STOP_JS: Final = """() => setTimeout(() => document.querySelectorAll('[role=listbox] > [tabindex]')
  .forEach(between => between.removeAttribute('tabindex')))"""
"""Quasar puts a focusable element between a list and its options, and a screen reader reports the list as empty."""


class TextField(Control):
    """A field as drawn on one page; its value is a text, empty if there is none."""

    def __init__(self, value: str, on_edit: Callable[[str], None], label: str | None = None) -> None:
        """Draw the field; `on_edit` receives the text after each letter that the user types, but not other changes."""
        super().__init__('q-input', value, on_edit)
        self.props['for'] = self.html_id
        if label is not None:
            self.props['label'] = label

    def _parse(self, entered: Any) -> str:
        return entered if isinstance(entered, str) else ''  # the button that clears a field sends None


class Select(Control):
    """A field as drawn on one page; its value is one of the options, or None."""

    def __init__(self, label: str, options: Mapping[Any, str], value: Any, on_change: Callable[[Any], None]) -> None:
        """Draw the field; `options` maps values to labels, and `on_change` receives a value that the user selects."""
        self._values = tuple(options)
        super().__init__('q-select', value, on_change)
        self.props.update({'for': self.html_id, 'label': label, 'emit-value': True, 'map-options': True})
        self.props['dropdown-icon'] = icons.CHEVRON_DOWN
        self.props['options'] = _quasar_options(tuple(options.values()))
        self.on('popup-show', js_handler=REMOVE_LISTBOX_TAB_STOP_JS)

    def show(self, options: Mapping[Any, str], value: Any) -> None:
        """Show other options, and one of them as selected."""
        self._values = tuple(options)
        self.props['options'] = _quasar_options(tuple(options.values()))
        self.value = value

    def _format(self, value: Any) -> int | None:
        return None if value is None else self._values.index(value)

    def _parse(self, entered: int | None) -> Any:
        return None if entered is None else self._values[entered]


class Checkbox(Control):
    """A check box as drawn on one page; its value is whether it is checked."""

    def __init__(self, label: str, value: bool, on_change: Callable[[bool], None]) -> None:
        """Draw the box with its label; `on_change` receives whether the user has checked or unchecked it."""
        super().__init__('q-checkbox', value, on_change)
        self.props.update({'label': label, 'dense': True})

    def _parse(self, entered: Any) -> bool:
        return entered is True


@cache
def _quasar_options(options: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
    """Return options in Quasar's format, shared by all pages; NiceGUI would copy and observe a list on each page."""
    return tuple({'value': index, 'label': label} for index, label in enumerate(options))
