"""The current entries of both dictionaries at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from sqlalchemy import Select, Subquery, select
from sqlmodel import Session

from services.access_scope.organization_scope import OrganizationScope
from services.dictionaries.dictionary_tables import CURRENT_KIND, CURRENT_ORGANIZATION
from services.lists.message_kinds import KindName, MessageKinds
from services.lists.organizations import OrganizationName


@dataclass(frozen=True)
class DictionarySnapshot:
    """The current entries, by which conditions of searches are displayed and stored searches are read."""

    organizations: Mapping[int, OrganizationName]
    """The current entry of the id of each row."""
    kinds: Mapping[int, KindName]
    """The current entry of the id of each row."""
    kind_list: tuple[KindName, ...]
    """The current entries of kinds, in the order of the dictionary."""

    @classmethod
    def read(cls, session: Session) -> Self:
        """Read the dictionaries in a session."""
        organizations = session.execute(_entries(CURRENT_ORGANIZATION))
        kinds = session.execute(_entries(CURRENT_KIND))
        return cls(
            {id: OrganizationName(entry_id, name) for id, entry_id, name in organizations},
            {id: KindName(entry_id, name) for id, entry_id, name in kinds},
            tuple(MessageKinds.read(session)),
        )

    def within(self, scope: OrganizationScope) -> Self:
        """Return the snapshot with the organisations of a scope alone."""
        own = self.current_entries(scope)
        return replace(self, organizations={id: each for id, each in self.organizations.items() if each.id in own})

    def current_entries(self, scope: OrganizationScope) -> Mapping[int, OrganizationName]:
        """Return the current entries of the organisations of a scope by their ids."""
        entries = (self.organizations[id] for id in scope.ids if id in self.organizations)
        return {entry.id: entry for entry in entries}


def _entries(current: Subquery) -> Select[Any]:
    return select(current.c.id, current.c.entry_id, current.c.name)
