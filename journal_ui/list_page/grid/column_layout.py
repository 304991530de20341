"""The column layout of a list for one user: order, hidden columns, widths and row height.

It is stored as JSON among the preferences and validated when it is read: a version of the program may have other
columns, and a browser may send anything.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from journal_ui.layout.user_preferences import UserPreferences

MIN_COLUMN_WIDTH, MAX_COLUMN_WIDTH = 40, 2000
"""The limits of a column's width in pixels."""


@dataclass(frozen=True)
class ColumnLayout:
    """The columns of a list by their fields, as a user has arranged them on a wide screen."""

    order: tuple[str, ...]
    """All columns, including hidden ones."""
    hidden: frozenset[str] = frozenset()
    """Hidden columns; never all."""
    widths: Mapping[str, int] = field(default_factory=dict)
    """Widths in pixels of the columns that the user has resized; they no longer grow."""
    tall_rows: bool = False
    """Whether rows are tall."""

    @classmethod
    def from_json(
        cls, text: str, column_names: Sequence[str], optional: Collection[str] = frozenset()
    ) -> 'ColumnLayout':
        """Parse a stored layout; ignore what is invalid and what is not a column."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        return cls.from_dict(value, column_names, optional)

    @classmethod
    def from_dict(
        cls, value: Any, column_names: Sequence[str], optional: Collection[str] = frozenset()
    ) -> 'ColumnLayout':
        """Build a layout of the declared columns from the valid parts of any JSON value.

        Optional columns are hidden if the value does not know them: the user has not added them.
        """
        parts = value if isinstance(value, dict) else {}
        order, hidden, widths = (parts.get(name) for name in ('order', 'hidden', 'widths'))
        known, saved_order = set(column_names), order if isinstance(order, list) else []
        hidden_names = {name for name in hidden if isinstance(name, str)} & known if isinstance(hidden, list) else set()
        hidden_names |= set(optional).difference(name for name in saved_order if isinstance(name, str))
        return cls(
            _complete_order(saved_order, column_names),
            frozenset(optional) if hidden_names == known else frozenset(hidden_names),
            {
                name: min(max(width, MIN_COLUMN_WIDTH), MAX_COLUMN_WIDTH)
                for name, width in (widths.items() if isinstance(widths, dict) else ())
                if name in known and type(width) is int
            },
            parts.get('roomy') is True,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the layout as a JSON value."""
        return {
            'order': list(self.order),
            'hidden': [name for name in self.order if name in self.hidden],
            'widths': dict(self.widths),
            'roomy': self.tall_rows,
        }

    def to_json(self) -> str:
        """Serialize the layout for storage."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(',', ':'))

    @property
    def visible_columns(self) -> Sequence[str]:
        """The visible columns, from left to right."""
        return [name for name in self.order if name not in self.hidden]

    def with_visibility(self, name: str, visible: bool) -> 'ColumnLayout':
        """Show or hide a column; the last visible one cannot be hidden."""
        hidden = self.hidden - {name} if visible else self.hidden | {name}
        return self if len(hidden) == len(self.order) else replace(self, hidden=hidden)

    def with_column_moved(self, name: str, offset: int) -> 'ColumnLayout':
        """Move a column by an offset; it stops at either end."""
        order = [other for other in self.order if other != name]
        order.insert(max(0, self.order.index(name) + offset), name)
        return replace(self, order=tuple(order))

    def with_tall_rows(self, tall_rows: bool) -> 'ColumnLayout':
        """Set whether rows are tall."""
        return replace(self, tall_rows=tall_rows)

    def with_column_order(self, order: Any) -> 'ColumnLayout':
        """Set an order that the browser sends."""
        return ColumnLayout.from_dict({**self.to_dict(), 'order': order}, self.order)

    def with_widths(self, widths: Any) -> 'ColumnLayout':
        """Set widths that the browser sends; other columns have their declared width."""
        return ColumnLayout.from_dict({**self.to_dict(), 'widths': widths}, self.order)


class ColumnLayoutStore:
    """Stores the column layout of one list for one user, among their preferences."""

    def __init__(self, preferences: UserPreferences, list_name: str) -> None:
        """Use the preference of the list with this name."""
        self._preferences = preferences
        self._preference_name = f'columns of {list_name}'

    def read(self, column_names: Sequence[str], optional: Collection[str] = frozenset()) -> ColumnLayout:
        """Return the user's layout of the declared columns; `optional` are hidden until the user adds them."""
        return ColumnLayout.from_json(self._preferences.get_value(self._preference_name), column_names, optional)

    def write(self, column_layout: ColumnLayout) -> None:
        """Save the layout."""
        self._preferences.set_value(self._preference_name, column_layout.to_json())


def _complete_order(saved_order: Collection[Any], column_names: Sequence[str]) -> tuple[str, ...]:
    """Order columns as saved; a column added since goes after its predecessor in the definition."""
    order = list(dict.fromkeys(name for name in saved_order if isinstance(name, str) and name in column_names))
    for index, name in enumerate(column_names):
        if name not in order:
            order.insert(order.index(column_names[index - 1]) + 1 if index else 0, name)
    return tuple(order)
