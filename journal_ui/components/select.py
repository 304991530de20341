"""Fields of a few values, to choose one or tick some; NiceGUI's own keep more of each for every page."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from nicegui import events, ui

from journal_ui.nicegui_patches.lean_element import Light

OPTIONS_ALONE = """() => setTimeout(() => document.querySelectorAll('[role=listbox] > [tabindex]')
  .forEach(between => between.removeAttribute('tabindex')))"""
"""Between a list and its options Quasar has a box that can take the focus: to a screen reader the list looks empty."""


class Choice(ui.element):
    """The field as drawn on one page; its value is one of the options, or None."""

    def __init__(self, label: str, options: Mapping[Any, str], value: Any, change: Callable[[Any], None]) -> None:
        """Draw it; `options` has each value in words, `change` hears of another that the person chooses."""
        super().__init__('q-select')
        self._values = tuple(options)
        self._change = change
        written = _written(tuple(options.values()))
        self.props.update(
            {'for': self.html_id, 'label': label, 'options': written, 'emit-value': True, 'map-options': True}
        )
        self.value = value
        self.on('update:model-value', self._choose, [None])
        self.on('popup-show', js_handler=OPTIONS_ALONE)

    @property
    def value(self) -> Any:
        """What is chosen."""
        place = self.props['model-value']
        return None if place is None else self._values[place]

    @value.setter
    def value(self, value: Any) -> None:
        self.props['model-value'] = None if value is None else self._values.index(value)

    @property
    def error(self) -> str | None:
        """What is wrong with it."""
        return self.props.get('error-message')

    @error.setter
    def error(self, sentence: str | None) -> None:
        if sentence != self.error:
            self.props.update({'error': sentence is not None, 'error-message': sentence})

    def _choose(self, e: events.GenericEventArguments) -> None:
        self.value = None if e.args is None else self._values[e.args]
        self._change(self.value)


class Tick(Light):
    """A check box as drawn on one page."""

    def __init__(self, words: str, value: bool, change: Callable[[bool], None]) -> None:
        """Draw it with its words; `change` hears when the person ticks it or takes the tick away."""
        super().__init__('q-checkbox')
        self._change = change
        self.props.update({'label': words, 'model-value': value, 'dense': True})
        self.on('update:model-value', self._tick, [None])

    @property
    def value(self) -> bool:
        """Whether it is ticked."""
        return bool(self.props['model-value'])

    @value.setter
    def value(self, value: bool) -> None:
        if value is not self.value:
            self.props['model-value'] = value

    def _tick(self, e: events.GenericEventArguments) -> None:
        self.props['model-value'] = e.args is True
        self._change(self.value)


@cache
def _written(options: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
    """Write options as Quasar has them, once for all pages; of a list NiceGUI would make a watched copy."""
    return tuple({'value': place, 'label': words} for place, words in enumerate(options))
