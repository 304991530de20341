"""A field that selects several values from a list, by any part of their names (docs/manual.md S6, S8)."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any, Final

from nicegui import events, ui

from journal_ui.filters.basic_filters import FilterControl, QueryDraft
from journal_ui.filters.option_list import OptionListControl, find_matches, message_options, searchable_text
from services import texts
from services.errors import DatabaseError
from services.formats import integer

SELECT_TEXT_JS: Final = '(e) => setTimeout(() => e.target.select?.())'
"""What is typed replaces the description of what is selected already."""
SELECT_ON_LEAVING_JS: Final = """(e) => {
  const select = getElement(ID), index = select.getOptionIndex();
  const typed = select.$el.querySelector('input')?.value.trim();
  const isLeft = ['mousedown', 'touchstart', 'focusin'].includes(e?.type);
  if (isLeft && index >= 0 && typed && typed !== select.modelValue?.label) emit(select.options[index]);
}"""
"""A click beside the list selects the option that is marked because of the typed text."""
EMIT_JS: Final = '(value) => emit(value)'
SHOW_AND_EMIT_JS: Final = "(value) => { element.props['model-value'] = value; emit(value); }"
"""Shows the new value in the browser without waiting for the server, which may not be connected yet.

`element` and `emit` are names of NiceGUI's `renderRecursively`, in which the handler is evaluated.
"""
SUMMARY_KEY, REMEMBERED_KEY, REMEMBER_KEY = '', '\0remembered', '\0remember'
"""The keys of what is not a value of the list; no value has them."""


@dataclass(frozen=True)
class FilterOption:
    """A value that can be selected."""

    key: str
    """Identifies the value; not empty."""
    value: Any
    label: str
    """What the list shows, and what is searched."""

    @cached_property
    def searchable(self) -> str:
        """The label as it is searched; folding it takes time, so it waits until something is typed."""
        return searchable_text(self.label)


@dataclass(frozen=True)
class MultipleFilter:
    """Any set of values; the query receives a frozenset. A page holds the list only while it is open."""

    field: str
    label: str
    load_options: Callable[[Any], Awaitable[Sequence[FilterOption]]]
    """Returns the list for the query in the panel."""
    format_value: Callable[[Any], str]
    """Returns what the field shows of a selected value."""
    css_flex: str = '1.8 1 240px'
    get_first_options: Callable[[], Sequence[FilterOption]] = tuple
    """Returns a short list that the page has before it is connected."""
    remembered_as: str = ''
    """The preference in which a user stores a selection, to select it again at once; empty if they cannot."""

    def draw(self, draft: QueryDraft[Any]) -> FilterControl:
        """See `Filter.draw`."""
        return MultipleControl(self, draft)


class MultipleControl(OptionListControl):
    """A field as drawn on one page.

    For Quasar it selects one value, whose label describes the whole selection: so the field stays one line, and its
    text is what a screen reader reports. Each option that the user selects is added, or removed if it is selected.
    """

    def __init__(self, definition: MultipleFilter, draft: QueryDraft[Any]) -> None:
        has_options = bool(definition.get_first_options())
        super().__init__(definition.field, definition.label, definition.css_flex, draft, has_first_options=has_options)
        self._definition = definition
        self._options: dict[str, FilterOption] = {}
        self._is_loaded = False
        self._select.on(
            'update:model-value', self._on_select, [None], js_handler=SHOW_AND_EMIT_JS if has_options else EMIT_JS
        )
        self._select.on('focus', js_handler=SELECT_TEXT_JS)
        self._select.on(
            'popup-hide', self._on_leaving, js_handler=SELECT_ON_LEAVING_JS.replace('ID', str(self._select.id))
        )
        self._select.on('popup-hide', self._release_options)
        self._show_first_options()
        self._show_selection()

    def reset(self) -> None:
        """See FilterControl."""
        self._show_selection()

    @property
    def _selected(self) -> frozenset[Any]:
        selected: frozenset[Any] = self._draft.get_value(self._field)
        return selected

    async def _filter_options(self, e: events.GenericEventArguments) -> None:
        if not await self._load():
            self._select.props['options'] = message_options(texts.OPTIONS_UNAVAILABLE)
            return
        typed = self._read_typed_text(e)
        matching = self._matching_options(typed)
        if typed.split():
            self._show_options(matching, selects_first=True)
        else:
            self._show_options([*self._commands(), *matching], selects_first=False)

    async def _load(self) -> bool:
        """Load the options unless the page has them; return whether it has them now."""
        if not self._is_loaded:
            try:
                options = await self._definition.load_options(self._draft.query)
            except DatabaseError:
                return False
            self._options, self._is_loaded = {option.key: option for option in options}, True
        return True

    def _matching_options(self, typed: str) -> list[dict[str, Any]]:
        """Return the options with a text, in Quasar's format, those that are selected first if the list is long."""
        matching = find_matches(typed, self._options.values(), attrgetter('searchable'))
        selected = self._selected
        if not self._definition.get_first_options():
            matching.sort(key=lambda option: option.value not in selected)
        templates = {True: texts.SELECTED_OPTION, False: '{option}'}
        return [
            {'value': option.key, 'label': templates[option.value in selected].format(option=option.label)}
            for option in matching
        ]

    def _commands(self) -> list[dict[str, Any]]:
        """Return what selects the remembered values, and what remembers the selected ones."""
        remembered, commands = self._remembered, []
        if not self._definition.remembered_as:
            return []
        if remembered and remembered != self._selected:
            label = texts.REMEMBERED_VALUES.format(count=integer(len(remembered)))
            commands.append({'value': REMEMBERED_KEY, 'label': label})
        if self._selected and remembered != self._selected:
            label = texts.REMEMBER_VALUES.format(count=integer(len(self._selected)))
            commands.append({'value': REMEMBER_KEY, 'label': label})
        return commands

    @property
    def _remembered(self) -> frozenset[Any]:
        """The remembered values that still exist."""
        preferences = self._draft.preferences
        stored = preferences.get_value(self._definition.remembered_as) if preferences else ''
        try:
            keys = json.loads(stored or '[]')
        except ValueError:
            keys = []
        known = {str(key) for key in keys} if isinstance(keys, list) else set()
        return frozenset(option.value for key, option in self._options.items() if key in known)

    async def _on_select(self, e: events.GenericEventArguments) -> None:
        key = e.args.get('value') if isinstance(e.args, dict) else None
        if e.args is not None and key not in self._options:
            await self._load()  # a list that closes late has released the options of the one that was opened after it
        selected = self._selected
        if e.args is None:
            selected = frozenset()
        elif key == REMEMBERED_KEY:
            selected = self._remembered
        elif key == REMEMBER_KEY:
            self._remember()
        elif key in self._options:
            selected = selected ^ {self._options[key].value}
        self._draft.set_value(self._field, selected)
        self._show_selection()

    def _on_leaving(self, e: events.GenericEventArguments) -> None:
        """Add the option that is marked; at once, because a click on «Найти» may follow."""
        key = e.args.get('value') if isinstance(e.args, dict) else None
        if key in self._options:
            self._draft.set_value(self._field, self._selected | {self._options[key].value})
            self._show_selection()

    def _remember(self) -> None:
        keys = sorted(key for key, option in self._options.items() if option.value in self._selected)
        if self._draft.preferences:
            self._draft.preferences.set_value(self._definition.remembered_as, json.dumps(keys))
            ui.notify(texts.VALUES_REMEMBERED)

    def _show_selection(self) -> None:
        names = sorted(map(self._definition.format_value, self._selected))
        self._select.props.pop('error', None)
        # The number comes first, because a narrow field cuts the names; all of them are shown on hover.
        text = ', '.join(names)
        if len(names) > 1:
            text = texts.SEVERAL_VALUES.format(count=integer(len(names)), names=text)
        self._select.props['title'] = text if names else None
        # A new object each time, because the browser shows the option that was selected until it gets another one.
        self._select.props['model-value'] = {'value': SUMMARY_KEY, 'label': text} if names else None
        self._select.update()

    def _release_options(self) -> None:
        self._is_loaded = False
        with self._select.props.suspend_updates():
            self._show_first_options()

    def _show_first_options(self) -> None:
        self._options = {option.key: option for option in self._definition.get_first_options()}
        self._select.props['options'] = tuple(self._matching_options(''))
