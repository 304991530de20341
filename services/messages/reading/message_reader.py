"""The service by which programs read messages, within the scope of their token."""

from collections.abc import Collection
from dataclasses import replace
from typing import Self

from services.access_scope.organization_scope import OrganizationScope, ScopedService
from services.database.engine import QUERY_TIMEOUT_SECONDS, Database
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.messages.reading import change_page, named_conditions
from services.messages.reading.change_page import ChangePage
from services.messages.reading.keyset_page import KeysetPage, read_keyset_page


class MessageReader(ScopedService):
    """Reads pages of messages, and the messages that change."""

    def __init__(self, database: Database, messages: MessageService) -> None:
        """Read `database`; `messages` plans the searches, as it does those of the pages."""
        self._database = database
        self._messages = messages

    def within(self, scope: OrganizationScope) -> Self:
        """Return the service that reads only the messages of the organisations of a scope."""
        scoped = super().within(scope)
        scoped._messages = self._messages.within(scope)
        return scoped

    async def name_entries(
        self, query: MessageQuery, *, organizations: Collection[str], kinds: Collection[str]
    ) -> MessageQuery:
        """Return a query with organisations and kinds by their names.

        Raises:
            InvalidQueryError: a dictionary has no such name, or the organisation is outside the scope.
            DatabaseError: see services.errors.
        """
        return await self._database.read(
            lambda session: replace(
                query,
                organizations=named_conditions.find_organizations(session, organizations, self._scope),
                kinds=named_conditions.find_kinds(session, kinds),
            )
        )

    async def page(self, query: MessageQuery, *, before: int | None, size: int) -> KeysetPage:
        """Read up to `size` messages of a query, the newest first; see read_keyset_page.

        Raises:
            InvalidQueryError: the query contradicts itself.
            DatabaseError: see services.errors; QueryTimeoutError after QUERY_TIMEOUT_SECONDS.
        """
        return await self._messages.read_bound(
            query, QUERY_TIMEOUT_SECONDS, lambda bound_query: read_keyset_page(bound_query, before=before, size=size)
        )

    async def changes(self, *, after: int | None, size: int) -> ChangePage:
        """Read the messages that changed after a change; without one, return where the changes from now on begin.

        Raises:
            ChangesNotKeptError: some of the changes are not kept any more.
            DatabaseError: see services.errors; QueryTimeoutError after QUERY_TIMEOUT_SECONDS.
        """
        if after is None:
            return await self._database.read(change_page.read_newest_change)
        return await self._database.read_with_timeout(
            QUERY_TIMEOUT_SECONDS,
            lambda session: change_page.read_change_page(session, after=after, size=size, scope=self._scope),
        )
