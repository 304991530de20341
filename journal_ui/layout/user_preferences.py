"""What a person has set up for himself: read once with the page, written as it changes."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from nicegui import background_tasks

DEFAULTS: Mapping[str, Any] = {'page_size': 20, 'panel_folded': False, 'look': '', 'character_keys': True}
"""What a person can set up, as it is for one who never did; what has another name is a text, and empty.

`look` is «light», «dark» or the system's; without `character_keys` no letter or sign alone does anything.
"""


class Store(Protocol):
    """Where preferences are kept: services.accounts.accounts."""

    async def preferences(self, person_id: int) -> Mapping[str, Any]:
        """Give all that a person has set up, by name."""

    async def set_preference(self, person_id: int, name: str, value: Any) -> None:
        """Keep a preference of a person."""


class Preferences:
    """The preferences of one person, as a page uses them."""

    def __init__(self, store: Store, person_id: int, values: Mapping[str, Any]) -> None:
        self._store = store
        self.person_id = person_id
        self._values = dict(values)
        self._turn = asyncio.Lock()

    @classmethod
    async def of(cls, store: Store, person_id: int) -> 'Preferences':
        """Read the preferences of a person."""
        return cls(store, person_id, await store.preferences(person_id))

    def get(self, name: str) -> Any:
        """Give a preference; the default when nothing of its type was set up."""
        default = DEFAULTS.get(name, '')
        value = self._values.get(name, default)
        return value if type(value) is type(default) else default

    def put(self, name: str, value: Any) -> None:
        """Set a preference; it is written while the page goes on."""
        self._values[name] = value
        background_tasks.create(self._write(name), name='preference')

    async def _write(self, name: str) -> None:
        async with self._turn:  # of two values put one right after the other the second stays
            await self._store.set_preference(self.person_id, name, self._values[name])
