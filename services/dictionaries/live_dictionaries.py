"""The dictionaries as they are displayed: a copy in memory that follows the database, whichever process changes it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeVar

from services.access_scope.organization_scope import OrganizationScope
from services.database.engine import Database
from services.dictionaries.dictionary_snapshot import DictionarySnapshot
from services.listeners import notify_page
from services.lists.message_kinds import MANUAL_KINDS
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
        self._snapshot = NEW_JOURNAL

    @property
    def snapshot(self) -> DictionarySnapshot:
        """The dictionaries, at most some seconds old."""
        return self._snapshot

    def within(self, scope: OrganizationScope) -> 'ScopedDictionaries':
        """Return these dictionaries with the organisations of a scope alone."""
        return ScopedDictionaries(self, scope)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` in the event loop after every change; return a function that unsubscribes."""
        self._subscribers.add(listener)
        return lambda: self._subscribers.discard(listener)

    async def poll(self) -> None:
        """Read the dictionaries; raises DatabaseError."""
        old, new = self._snapshot, await self._database.read(DictionarySnapshot.read)
        if new == old:
            return
        self._snapshot = new
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


class ScopedDictionaries(LiveDictionaries):
    """The dictionaries of a process with the organisations of a scope alone."""

    def __init__(self, dictionaries: LiveDictionaries, scope: OrganizationScope) -> None:
        """Follow `dictionaries`."""
        self._dictionaries = dictionaries
        self._scope = scope

    @property
    def snapshot(self) -> DictionarySnapshot:
        """See LiveDictionaries."""
        return self._dictionaries.snapshot.within(self._scope)

    def within(self, scope: OrganizationScope) -> 'ScopedDictionaries':
        """See LiveDictionaries."""
        return self._dictionaries.within(scope)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """See LiveDictionaries."""
        return self._dictionaries.subscribe(listener)

    async def poll(self) -> None:
        """See LiveDictionaries."""
        await self._dictionaries.poll()


def _has_renamed_entries(old: DictionarySnapshot, new: DictionarySnapshot) -> bool:
    """Check whether a row that existed before has another current entry now."""
    return any(new.organizations.get(id) != entry for id, entry in old.organizations.items()) or any(
        new.kinds.get(id) != entry for id, entry in old.kinds.items()
    )
