"""How a person has arranged the columns of a journal: their order, which are hidden, their widths, how high rows are.

Kept as a text among his preferences, and read with no trust in it: columns come and go with versions of the program,
and what a browser tells of them may be anything.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from journal_ui.layout.user_preferences import Preferences

NARROWEST, WIDEST = 40, 2000
"""Pixels of a column."""


@dataclass(frozen=True)
class Arrangement:
    """The columns of a journal, by their fields, as one person likes them on a wide screen."""

    order: tuple[str, ...]
    """All of them, the hidden too."""
    hidden: frozenset[str] = frozenset()
    """Never all."""
    widths: Mapping[str, int] = field(default_factory=dict)
    """Pixels of those that the person has widened or narrowed; they grow no more."""
    roomy: bool = False
    """Whether rows are high."""

    @classmethod
    def read(cls, kept: str, declared: Sequence[str]) -> 'Arrangement':
        """Read what was kept; of what cannot be understood, or is no column now, nothing."""
        try:
            told = json.loads(kept)
        except (ValueError, RecursionError):
            told = None
        return cls.of(told, declared)

    @classmethod
    def of(cls, told: Any, declared: Sequence[str]) -> 'Arrangement':
        """Take from any value of JSON what makes sense of it for the declared columns."""
        parts = told if isinstance(told, dict) else {}
        order, hidden, widths = (parts.get(name) for name in ('order', 'hidden', 'widths'))
        known = set(declared)
        away = {one for one in hidden if isinstance(one, str)} & known if isinstance(hidden, list) else set()
        return cls(
            _order(order if isinstance(order, list) else [], declared),
            frozenset() if away == known else frozenset(away),
            {
                name: min(max(width, NARROWEST), WIDEST)
                for name, width in (widths.items() if isinstance(widths, dict) else ())
                if name in known and type(width) is int
            },
            parts.get('roomy') is True,
        )

    def told(self) -> dict[str, Any]:
        """Give it as a value of JSON."""
        return {
            'order': list(self.order),
            'hidden': [name for name in self.order if name in self.hidden],
            'widths': dict(self.widths),
            'roomy': self.roomy,
        }

    def written(self) -> str:
        """Write it as it is kept."""
        return json.dumps(self.told(), ensure_ascii=False, separators=(',', ':'))

    @property
    def shown(self) -> Sequence[str]:
        """The columns in sight, from left to right."""
        return [name for name in self.order if name not in self.hidden]

    def showing(self, name: str, shown: bool) -> 'Arrangement':
        """Show or hide a column; the last one in sight stays."""
        hidden = self.hidden - {name} if shown else self.hidden | {name}
        return self if len(hidden) == len(self.order) else replace(self, hidden=hidden)

    def moved(self, name: str, by: int) -> 'Arrangement':
        """Move a column so many places on, or back; at an end it stays."""
        order = [other for other in self.order if other != name]
        order.insert(max(0, self.order.index(name) + by), name)
        return replace(self, order=tuple(order))

    def spaced(self, roomy: bool) -> 'Arrangement':
        """Make the rows high, or low."""
        return replace(self, roomy=roomy)

    def ordered(self, told: Any) -> 'Arrangement':
        """Put the columns in an order that the browser tells."""
        return Arrangement.of({**self.told(), 'order': told}, self.order)

    def widened(self, told: Any) -> 'Arrangement':
        """Give the columns widths that the browser tells; those without are as they were declared."""
        return Arrangement.of({**self.told(), 'widths': told}, self.order)


class Kept:
    """Where the arrangement of one journal is kept for one person, on whatever machine he sits down."""

    def __init__(self, preferences: Preferences, journal: str) -> None:
        """Keep it under the name of the journal."""
        self._preferences = preferences
        self._name = f'columns of {journal}'

    def read(self, declared: Sequence[str]) -> Arrangement:
        """Give how the person likes the columns that are declared."""
        return Arrangement.read(self._preferences.get(self._name), declared)

    def write(self, arrangement: Arrangement) -> None:
        """Keep it for the next time."""
        self._preferences.put(self._name, arrangement.written())


def _order(told: Collection[Any], declared: Sequence[str]) -> tuple[str, ...]:
    """Put the declared columns in the order told of; one that is new stands after the one it was declared after."""
    order = list(dict.fromkeys(name for name in told if isinstance(name, str) and name in declared))
    for place, name in enumerate(declared):
        if name not in order:
            order.insert(order.index(declared[place - 1]) + 1 if place else 0, name)
    return tuple(order)
