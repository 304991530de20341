"""How the fields of a panel follow the dictionaries, whose entries administrators change (docs/manual.md S6)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.lists.query_protocol import Query

Q = TypeVar('Q', bound=Query)


@dataclass(frozen=True)
class DictionaryUpdates(Generic[Q]):
    """How the panel of a page follows the dictionaries from which its fields select."""

    subscribe: Callable[[Callable[[], None]], Callable[[], None]]
    """Calls a function after every change of a dictionary; the result cancels it."""
    renew_query: Callable[[Q], Q]
    """Returns a query with the current entries instead of those that were renamed or merged."""
