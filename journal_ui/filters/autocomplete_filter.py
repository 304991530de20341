"""A field that chooses from a long dictionary and finds an entry by any part of its name (spec S8)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from nicegui import events, ui

from journal_ui.components.select import OPTIONS_ALONE
from journal_ui.filters.basic_filters import PICKER, Control, Draft
from services import texts
from services.names import fold

TYPED = {
    'use-input': True,
    'hide-selected': True,
    'fill-input': True,
    'input-debounce': 120,
    'virtual-scroll-slice-size': 30,
}
ASK = '(text, update) => { emit(text); update(() => {}) }'
"""Quasar asks for options with the text typed so far; the server sends them."""


class Entry(Protocol):
    """An entry of a dictionary."""

    @property
    def id(self) -> int:
        """What tells it from every other."""

    @property
    def name(self) -> str:
        """What a person calls it."""


@dataclass(frozen=True)
class LookupFilter:
    """One of hundreds of entries. A page holds none of them but while its list is open."""

    field: str
    label: str
    entries: Callable[[], Awaitable[Sequence[Entry]]]
    basis: str = '1.8 1 240px'

    def draw(self, draft: Draft[Any]) -> Control:
        """See Filter."""
        return Lookup(self, draft)


class Lookup:
    """The field as drawn on one page."""

    def __init__(self, declared: LookupFilter, draft: Draft[Any]) -> None:
        self._declared = declared
        self._draft = draft
        self._entries: dict[int, Entry] = {}
        self._folded: list[tuple[str, Entry]] = []
        self._box = ui.element('q-select')
        self._box.props.update(PICKER | TYPED | {'label': declared.label, 'for': self._box.html_id, 'options': ()})
        self._box.style(f'flex: {declared.basis}')
        self._box.on('filter', self._find, js_handler=ASK)
        self._box.on('update:model-value', self._choose, [None])
        self._box.on('popup-show', js_handler=OPTIONS_ALONE)
        self._box.on('popup-hide', self._forget)
        self._show()

    def reset(self) -> None:
        """See Control."""
        self._show()

    def refuse(self, sentence: str) -> None:
        """See Control."""
        self._box.props['error'] = True
        self._box.props['error-message'] = sentence

    def faulty(self) -> bool:
        """See Control: only an entry can be chosen."""
        self._box.props.pop('error', None)
        return False

    async def _find(self, e: events.GenericEventArguments) -> None:
        if not self._folded:
            entries = await self._declared.entries()
            self._entries = {entry.id: entry for entry in entries}
            self._folded = [(fold(entry.name), entry) for entry in entries]
        words = fold(str(e.args or '')).split()
        found = [entry for name, entry in self._folded if all(word in name for word in words)]
        # a tuple stays as it is: NiceGUI would make watched copies of a list and of every entry in it
        self._box.props['options'] = tuple({'value': entry.id, 'label': entry.name} for entry in found) or (
            {'value': None, 'label': texts.NO_SUCH_ENTRY, 'disable': True},
        )
        if words and found:  # Enter takes the first
            self._box.run_method('setOptionIndex', -1)
            self._box.run_method('moveOptionSelection', 1, True)

    def _choose(self, e: events.GenericEventArguments) -> None:
        chosen = self._entries.get(e.args['value']) if e.args else None
        self._draft.put(self._declared.field, chosen)
        self._show()

    def _show(self) -> None:
        entry: Entry | None = self._draft.get(self._declared.field)
        self._box.props.pop('error', None)
        self._box.props['model-value'] = {'value': entry.id, 'label': entry.name} if entry else None

    def _forget(self) -> None:
        self._entries, self._folded = {}, []
        with self._box.props.suspend_updates():
            self._box.props['options'] = ()
