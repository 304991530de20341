"""A field that selects an entry of a short dictionary, whose entries administrators change (docs/manual.md S6)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from journal_ui.components.select import Select
from journal_ui.filters.basic_filters import SELECT_PROPS, FilterControl, QueryDraft
from services.lists.query_protocol import Query

Q = TypeVar('Q', bound=Query)


@dataclass(frozen=True)
class DictionaryUpdates(Generic[Q]):
    """How the panel of a page follows the dictionaries from which its fields select."""

    subscribe: Callable[[Callable[[], None]], Callable[[], None]]
    """Calls a function after every change of a dictionary; the result cancels it."""
    renew_query: Callable[[Q], Q]
    """Returns a query with the current entries instead of those that were renamed or merged."""


@dataclass(frozen=True)
class DictionaryFilter:
    """One of a few entries."""

    field: str
    label: str
    get_options: Callable[[Any], Mapping[Any, str]]
    """Returns the names by entry; receives the selected entry, which is always one of them."""
    css_flex: str = '0.6 1 180px'

    def draw(self, draft: QueryDraft[Any]) -> FilterControl:
        """See `Filter.draw`."""
        return DictionaryControl(self, draft)


class DictionaryControl:
    """A field as drawn on one page."""

    def __init__(self, definition: DictionaryFilter, draft: QueryDraft[Any]) -> None:
        self._definition = definition
        self._draft = draft
        entry = self._entry
        self._select = Select(
            definition.label, definition.get_options(entry), entry, partial(draft.set_value, definition.field)
        )
        self._select.props.update(SELECT_PROPS)
        self._select.style(f'flex: {definition.css_flex}')

    @property
    def _entry(self) -> Any:
        return self._draft.get_value(self._definition.field)

    def reset(self) -> None:
        """See FilterControl; the dictionary may have changed, too."""
        self._select.error = None
        self._select.show(self._definition.get_options(self._entry), self._entry)

    def show_error(self, message: str) -> None:
        """See FilterControl."""
        self._select.error = message

    def has_invalid_input(self) -> bool:
        """Remove the error message; any entry is valid."""
        self._select.error = None
        return False
