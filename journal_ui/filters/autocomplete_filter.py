"""A field that selects an entry of a long dictionary by any part of its name (docs/manual.md S8)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Protocol

from nicegui import events

from journal_ui.filters.basic_filters import FilterControl, QueryDraft
from journal_ui.filters.option_list import OptionListControl, find_matches, searchable_text


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


class AutocompleteControl(OptionListControl):
    """A field as drawn on one page."""

    def __init__(self, definition: AutocompleteFilter, draft: QueryDraft[Any]) -> None:
        super().__init__(definition.field, definition.label, definition.css_flex, draft)
        self._definition = definition
        self._entries: dict[int, AutocompleteEntry] = {}
        self._searchable_entries: list[tuple[str, AutocompleteEntry]] = []
        self._select.on('update:model-value', self._on_select, [None])
        self._select.on('popup-hide', self._release_entries)
        self._show_value()

    def reset(self) -> None:
        """See FilterControl."""
        self._show_value()

    async def _filter_options(self, e: events.GenericEventArguments) -> None:
        if not self._searchable_entries:
            entries = await self._definition.load_entries()
            self._entries = {entry.id: entry for entry in entries}
            self._searchable_entries = [(searchable_text(entry.name), entry) for entry in entries]
        typed = self._read_typed_text(e)
        matches = find_matches(typed, self._searchable_entries, itemgetter(0))
        options = [{'value': entry.id, 'label': entry.name} for _, entry in matches]
        self._show_options(options, selects_first=bool(typed.split()))

    def _on_select(self, e: events.GenericEventArguments) -> None:
        selected = self._entries.get(e.args['value']) if e.args else None
        self._draft.set_value(self._field, selected)
        self._show_value()

    def _show_value(self) -> None:
        entry: AutocompleteEntry | None = self._draft.get_value(self._field)
        self._select.props.pop('error', None)
        self._select.props['model-value'] = {'value': entry.id, 'label': entry.name} if entry else None

    def _release_entries(self) -> None:
        self._entries, self._searchable_entries = {}, []
        with self._select.props.suspend_updates():
            self._select.props['options'] = ()
