"""A field that selects an entry of a long dictionary by any part of its name (docs/manual.md S8)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from nicegui import events, ui

from journal_ui.components.select import REMOVE_LISTBOX_TAB_STOP_JS
from journal_ui.filters.basic_filters import SELECT_PROPS, FilterControl, QueryDraft
from services import texts
from services.dictionaries.name_folding import fold_entry_name
from services.names import fold

AUTOCOMPLETE_PROPS = {
    'use-input': True,
    'hide-selected': True,
    'fill-input': True,
    'input-debounce': 120,
    'virtual-scroll-slice-size': 30,
}
EMIT_TYPED_TEXT_JS = '(text, update) => { emit(text); update(() => {}) }'
"""Quasar requests options for the text typed so far; the server sends them."""


class AutocompleteEntry(Protocol):
    """An entry of a dictionary."""

    @property
    def id(self) -> int:
        """The identifier of the entry."""

    @property
    def name(self) -> str:
        """The name that is displayed and searched."""


@dataclass(frozen=True)
class AutocompleteFilter:
    """One of hundreds of entries. A page holds them only while the list of the field is open."""

    field: str
    label: str
    load_entries: Callable[[], Awaitable[Sequence[AutocompleteEntry]]]
    css_flex: str = '1.8 1 240px'

    def draw(self, draft: QueryDraft[Any]) -> FilterControl:
        """See `Filter.draw`."""
        return AutocompleteControl(self, draft)


class AutocompleteControl:
    """A field as drawn on one page."""

    def __init__(self, definition: AutocompleteFilter, draft: QueryDraft[Any]) -> None:
        self._definition = definition
        self._draft = draft
        self._entries: dict[int, AutocompleteEntry] = {}
        self._searchable_entries: list[tuple[str, AutocompleteEntry]] = []
        self._select = ui.element('q-select')
        self._select.props.update(
            SELECT_PROPS | AUTOCOMPLETE_PROPS | {'label': definition.label, 'for': self._select.html_id, 'options': ()}
        )
        self._select.style(f'flex: {definition.css_flex}')
        self._select.on('filter', self._filter_options, js_handler=EMIT_TYPED_TEXT_JS)
        self._select.on('update:model-value', self._on_select, [None])
        self._select.on('popup-show', js_handler=REMOVE_LISTBOX_TAB_STOP_JS)
        self._select.on('popup-hide', self._release_entries)
        self._show_value()

    def reset(self) -> None:
        """See FilterControl."""
        self._show_value()

    def show_error(self, message: str) -> None:
        """See FilterControl."""
        self._select.props['error'] = True
        self._select.props['error-message'] = message

    def has_invalid_input(self) -> bool:
        """Remove the error message; only entries can be selected."""
        self._select.props.pop('error', None)
        return False

    async def _filter_options(self, e: events.GenericEventArguments) -> None:
        if not self._searchable_entries:
            entries = await self._definition.load_entries()
            self._entries = {entry.id: entry for entry in entries}
            self._searchable_entries = [(_searchable_text(entry.name), entry) for entry in entries]
        typed = str(e.args or '')
        words = typed.split()
        if words:
            self._draft.edited_fields.add(self._definition.field)
        # Folded in two ways, because the first letters of a word do not tell whether look-alike letters are Latin.
        variants = [fold_entry_name(typed).split(), fold(typed).split()]
        matches = [
            entry
            for name, entry in self._searchable_entries
            if any(all(word in name for word in variant) for variant in variants)
        ]
        # a tuple, because NiceGUI would copy and observe a list and every entry in it
        self._select.props['options'] = tuple({'value': entry.id, 'label': entry.name} for entry in matches) or (
            {'value': None, 'label': texts.NO_MATCHES, 'disable': True},
        )
        if words and matches:  # Enter selects the first match
            self._select.run_method('setOptionIndex', -1)
            self._select.run_method('moveOptionSelection', 1, True)

    def _on_select(self, e: events.GenericEventArguments) -> None:
        selected = self._entries.get(e.args['value']) if e.args else None
        self._draft.set_value(self._definition.field, selected)
        self._show_value()

    def _show_value(self) -> None:
        entry: AutocompleteEntry | None = self._draft.get_value(self._definition.field)
        self._select.props.pop('error', None)
        self._select.props['model-value'] = {'value': entry.id, 'label': entry.name} if entry else None

    def _release_entries(self) -> None:
        self._entries, self._searchable_entries = {}, []
        with self._select.props.suspend_updates():
            self._select.props['options'] = ()


def _searchable_text(name: str) -> str:
    return f'{fold_entry_name(name)}\n{fold(name)}'
