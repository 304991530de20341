"""What a person has set up for himself: read once with the page, written as it changes."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from nicegui import background_tasks

DEFAULT_PREFERENCES: Mapping[str, Any] = {'page_size': 20, 'panel_folded': False, 'look': '', 'character_keys': True}
"""What a person can set up, as it is for one who never did; what has another name is a text, and empty.

`look` is «light», «dark» or the system's; without `character_keys` no letter or sign alone does anything.
"""


class PreferenceStore(Protocol):
    """Where preferences are kept: services.accounts.accounts."""

    async def preferences(self, account_id: int) -> Mapping[str, Any]:
        """Give all that a person has set up, by name."""

    async def set_preference(self, account_id: int, name: str, value: Any) -> None:
        """Keep a preference of a person."""


class UserPreferences:
    """The preferences of one person, as a page uses them."""

    def __init__(self, store: PreferenceStore, account_id: int, values: Mapping[str, Any]) -> None:
        self._store = store
        self.account_id = account_id
        self._values = dict(values)
        self._write_lock = asyncio.Lock()

    @classmethod
    async def load(cls, store: PreferenceStore, account_id: int) -> 'UserPreferences':
        """Read the preferences of a person."""
        return cls(store, account_id, await store.preferences(account_id))

    def get_value(self, name: str) -> Any:
        """Give a preference; the default when nothing of its type was set up."""
        default = DEFAULT_PREFERENCES.get(name, '')
        value = self._values.get(name, default)
        return value if type(value) is type(default) else default

    def set_value(self, name: str, value: Any) -> None:
        """Set a preference; it is written while the page goes on."""
        self._values[name] = value
        background_tasks.create(self._write(name), name='preference')

    async def _write(self, name: str) -> None:
        async with self._write_lock:  # of two values put one right after the other the second stays
            await self._store.set_preference(self.account_id, name, self._values[name])
