"""How a person has arranged the columns of a journal: their order, which are hidden, their widths, how high rows are.

Kept as a text among his preferences, and read with no trust in it: columns come and go with versions of the program,
and what a browser tells of them may be anything.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from journal_ui.layout.user_preferences import UserPreferences

MIN_COLUMN_WIDTH, MAX_COLUMN_WIDTH = 40, 2000
"""Pixels of a column."""


@dataclass(frozen=True)
class ColumnLayout:
    """The columns of a journal, by their fields, as one person likes them on a wide screen."""

    order: tuple[str, ...]
    """All of them, the hidden too."""
    hidden: frozenset[str] = frozenset()
    """Never all."""
    widths: Mapping[str, int] = field(default_factory=dict)
    """Pixels of those that the person has widened or narrowed; they grow no more."""
    tall_rows: bool = False
    """Whether rows are high."""

    @classmethod
    def from_json(cls, text: str, column_names: Sequence[str]) -> 'ColumnLayout':
        """Read what was kept; of what cannot be understood, or is no column now, nothing."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        return cls.from_dict(value, column_names)

    @classmethod
    def from_dict(cls, value: Any, column_names: Sequence[str]) -> 'ColumnLayout':
        """Take from any value of JSON what makes sense of it for the declared columns."""
        parts = value if isinstance(value, dict) else {}
        order, hidden, widths = (parts.get(name) for name in ('order', 'hidden', 'widths'))
        known = set(column_names)
        hidden_names = {one for one in hidden if isinstance(one, str)} & known if isinstance(hidden, list) else set()
        return cls(
            _complete_order(order if isinstance(order, list) else [], column_names),
            frozenset() if hidden_names == known else frozenset(hidden_names),
            {
                name: min(max(width, MIN_COLUMN_WIDTH), MAX_COLUMN_WIDTH)
                for name, width in (widths.items() if isinstance(widths, dict) else ())
                if name in known and type(width) is int
            },
            parts.get('roomy') is True,
        )

    def to_dict(self) -> dict[str, Any]:
        """Give it as a value of JSON."""
        return {
            'order': list(self.order),
            'hidden': [name for name in self.order if name in self.hidden],
            'widths': dict(self.widths),
            'roomy': self.tall_rows,
        }

    def to_json(self) -> str:
        """Write it as it is kept."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(',', ':'))

    @property
    def visible_columns(self) -> Sequence[str]:
        """The columns in sight, from left to right."""
        return [name for name in self.order if name not in self.hidden]

    def with_visibility(self, name: str, visible: bool) -> 'ColumnLayout':
        """Show or hide a column; the last one in sight stays."""
        hidden = self.hidden - {name} if visible else self.hidden | {name}
        return self if len(hidden) == len(self.order) else replace(self, hidden=hidden)

    def with_column_moved(self, name: str, offset: int) -> 'ColumnLayout':
        """Move a column so many places on, or back; at an end it stays."""
        order = [other for other in self.order if other != name]
        order.insert(max(0, self.order.index(name) + offset), name)
        return replace(self, order=tuple(order))

    def with_tall_rows(self, tall_rows: bool) -> 'ColumnLayout':
        """Make the rows high, or low."""
        return replace(self, tall_rows=tall_rows)

    def with_column_order(self, order: Any) -> 'ColumnLayout':
        """Put the columns in an order that the browser tells."""
        return ColumnLayout.from_dict({**self.to_dict(), 'order': order}, self.order)

    def with_widths(self, widths: Any) -> 'ColumnLayout':
        """Give the columns widths that the browser tells; those without are as they were declared."""
        return ColumnLayout.from_dict({**self.to_dict(), 'widths': widths}, self.order)


class ColumnLayoutStore:
    """Where the arrangement of one journal is kept for one person, on whatever machine he sits down."""

    def __init__(self, preferences: UserPreferences, list_name: str) -> None:
        """Keep it under the name of the journal."""
        self._preferences = preferences
        self._preference_name = f'columns of {list_name}'

    def read(self, column_names: Sequence[str]) -> ColumnLayout:
        """Give how the person likes the columns that are declared."""
        return ColumnLayout.from_json(self._preferences.get_value(self._preference_name), column_names)

    def write(self, column_layout: ColumnLayout) -> None:
        """Keep it for the next time."""
        self._preferences.set_value(self._preference_name, column_layout.to_json())


def _complete_order(saved_order: Collection[Any], column_names: Sequence[str]) -> tuple[str, ...]:
    """Put the declared columns in the order told of; one that is new stands after the one it was declared after."""
    order = list(dict.fromkeys(name for name in saved_order if isinstance(name, str) and name in column_names))
    for index, name in enumerate(column_names):
        if name not in order:
            order.insert(order.index(column_names[index - 1]) + 1 if index else 0, name)
    return tuple(order)
