"""What a person has set up for himself: read once with the page, written as it changes."""

from collections.abc import Mapping
from typing import Any, Protocol

from nicegui import background_tasks

DEFAULTS: Mapping[str, Any] = {'page_size': 20, 'panel_folded': False, 'look': ''}
"""Everything a person can set up, as it is for one who never did; `look` is «light», «dark» or the system's."""


class Store(Protocol):
    """Where preferences are kept: services.accounts."""

    async def preference(self, person_id: int, name: str, default: Any) -> Any:
        """Give a preference of a person."""

    async def set_preference(self, person_id: int, name: str, value: Any) -> None:
        """Keep a preference of a person."""


class Preferences:
    """The preferences of one person, as a page uses them."""

    def __init__(self, store: Store, person_id: int, values: Mapping[str, Any]) -> None:
        self._store = store
        self.person_id = person_id
        self._values = dict(values)

    @classmethod
    async def of(cls, store: Store, person_id: int) -> 'Preferences':
        """Read the preferences of a person."""
        values = {name: await store.preference(person_id, name, default) for name, default in DEFAULTS.items()}
        return cls(store, person_id, values)

    def get(self, name: str) -> Any:
        """Give a preference."""
        return self._values[name]

    def put(self, name: str, value: Any) -> None:
        """Set a preference; it is written while the page goes on."""
        self._values[name] = value
        background_tasks.create(self._store.set_preference(self.person_id, name, value), name='preference')
