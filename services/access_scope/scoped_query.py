"""The query of a user or a token that is bound to organisations: no other organisation fits it."""

from dataclasses import replace
from typing import Final, Protocol

from services.access_scope.organization_scope import OrganizationScope
from services.lists.organizations import OrganizationName
from services.messages.message_query import MessageQuery

NO_ORGANIZATION: Final = OrganizationName(-1, '')
"""An organisation that no message has; the totals of all organisations have the id 0."""


class OrganizationGroups(Protocol):
    """The rows of the dictionary that stand for the same organisation."""

    def organization_ids(self, id: int) -> tuple[int, ...]:
        """Return the ids of the rows of an organisation, in ascending order."""


def limit_to_scope(query: MessageQuery, scope: OrganizationScope | None, groups: OrganizationGroups) -> MessageQuery:
    """Return a query with a condition on the organisations of a scope: those that it has chosen, or else all of them.

    If it has chosen others only, or the scope is empty, no message fits. A query that is limited already stays the
    same.
    """
    if scope is None:
        return query
    allowed = {groups.organization_ids(id) for id in scope.ids}
    chosen = query.organizations or {OrganizationName(ids[0], '') for ids in allowed}
    fitting = frozenset(each for each in chosen if groups.organization_ids(each.id) in allowed)
    return replace(query, organizations=fitting or frozenset({NO_ORGANIZATION}))
