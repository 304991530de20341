"""The preferences of a user: read once for each page, and written when they change."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from nicegui import background_tasks

DEFAULT_PREFERENCES: Mapping[str, Any] = {'page_size': 20, 'panel_folded': False, 'look': '', 'character_keys': True}
"""The defaults, by name; a preference that is missing here is a string, empty by default.

`look` is `light`, `dark` or empty for the color scheme of the operating system. Without `character_keys` no shortcut is
a single character, as WCAG 2.1.4 requires.
"""


class PreferenceStore(Protocol):
    """Stores preferences; see services.accounts.accounts.Accounts."""

    async def preferences(self, account_id: int) -> Mapping[str, Any]:
        """Return the preferences that a user has set, by name."""

    async def set_preference(self, account_id: int, name: str, value: Any) -> None:
        """Store a preference of a user."""


class UserPreferences:
    """The preferences of one user on one page."""

    def __init__(self, store: PreferenceStore, account_id: int, values: Mapping[str, Any]) -> None:
        self._store = store
        self.account_id = account_id
        self._values = dict(values)
        self._write_lock = asyncio.Lock()

    @classmethod
    async def load(cls, store: PreferenceStore, account_id: int) -> 'UserPreferences':
        """Read the preferences of a user."""
        return cls(store, account_id, await store.preferences(account_id))

    def get_value(self, name: str) -> Any:
        """Return a preference, or its default if none of the same type is stored."""
        default = DEFAULT_PREFERENCES.get(name, '')
        value = self._values.get(name, default)
        return value if type(value) is type(default) else default

    def set_value(self, name: str, value: Any) -> None:
        """Set a preference; it is written to the database in the background."""
        self._values[name] = value
        background_tasks.create(self._write(name), name='preference')

    async def _write(self, name: str) -> None:
        async with self._write_lock:  # in order, so that the last of several values is the one stored
            await self._store.set_preference(self.account_id, name, self._values[name])
