"""The dictionaries as they are displayed: a copy in memory that follows the database, whichever process changes it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeVar

from services.database.engine import Database
from services.dictionaries.dictionary_snapshot import DictionarySnapshot
from services.lists.message_kinds import MANUAL_KINDS
from services.live_updates import notify_page
from services.messages.message_query import MessageQuery

M = TypeVar('M', bound=MessageQuery)

NEW_JOURNAL: Final = DictionarySnapshot(
    {}, {int(kind): name for kind, name in MANUAL_KINDS.items()}, tuple(MANUAL_KINDS.values())
)
"""The dictionaries of a new journal."""


class LiveDictionaries:
    """The dictionaries of a process; services.live_updates calls `poll` after every change of the database."""

    def __init__(self, database: Database, on_renamed: Callable[[], Awaitable[None]]) -> None:
        """Follow the dictionaries in `database`.

        Args:
            database: a migrated database.
            on_renamed: refreshes what is displayed of messages, after entries were renamed, merged or separated.
        """
        self._database = database
        self._on_renamed = on_renamed
        self._subscribers: set[Callable[[], None]] = set()
        self.snapshot = NEW_JOURNAL
        """The dictionaries, at most some seconds old."""

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` in the event loop after every change; return a function that unsubscribes."""
        self._subscribers.add(listener)
        return lambda: self._subscribers.discard(listener)

    async def poll(self) -> None:
        """Read the dictionaries; raises DatabaseError."""
        old, new = self.snapshot, await self._database.read(DictionarySnapshot.read)
        if new == old:
            return
        self.snapshot = new
        for listener in tuple(self._subscribers):
            notify_page(listener)
        if _has_renamed_entries(old, new):
            await self._on_renamed()

    def renew_query(self, query: M) -> M:
        """Return the query with the current entries of its organisations and its kinds."""
        kinds, organizations = self.snapshot.kinds, self.snapshot.organizations
        return replace(
            query,
            kinds=frozenset(kinds.get(each.id, each) for each in query.kinds),
            organizations=frozenset(organizations.get(each.id, each) for each in query.organizations),
        )


def _has_renamed_entries(old: DictionarySnapshot, new: DictionarySnapshot) -> bool:
    """Check whether a row that existed before has another current entry now."""
    return any(new.organizations.get(id) != entry for id, entry in old.organizations.items()) or any(
        new.kinds.get(id) != entry for id, entry in old.kinds.items()
    )
