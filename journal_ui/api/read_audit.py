"""Record what a program reads by the API, or links to, before it is returned: without a record, no answer."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import Depends, Request

from journal_ui.api.batch_endpoint import SenderDependency
from journal_ui.security.client_ip import client_ip
from models import AuditEvent
from services import texts
from services.access_scope.scope_words import MAX_NAMED
from services.audit.audit_log import AuditLog
from services.audit.condition_rows import PERSONAL_KINDS
from services.audit.hash_chain import Actor
from services.composition import Services
from services.ingest.message_ingest import Sender
from services.lists.query_protocol import Query
from services.messages.message_query import MessageQuery


@dataclass(frozen=True)
class AuditedReader:
    """The sender of a request that reads messages or documents."""

    sender: Sender
    services: Services
    """The services within the scope of the sender."""
    _actor: Actor
    _audit_log: AuditLog

    async def record_row(self, section: str, key: UUID) -> None:
        """Record that a row of the journal `section`, read by its id, is about to be returned.

        Raises:
            DatabaseError, UnrecordableEventError: the row was not recorded and must not be returned.
        """
        what = texts.ACCESS_READ_BY_CODE.format(code=key)
        await self._audit_log.record(
            AuditEvent.API_READ, self._actor, section=section, what=what, found=1, shown=(key,)
        )

    async def record_rows(self, section: str, query: MessageQuery, keys: Sequence[UUID]) -> None:
        """Record that rows found by a query are about to be returned; raises as `record_row` does.

        An answer without rows is about nobody unless a person was searched for: it is not recorded, because programs
        poll.
        """
        if keys or any(condition.kind in PERSONAL_KINDS for condition in query.conditions()):
            applied = await self.with_own_organizations(query)
            if len(applied.organizations) > MAX_NAMED:
                applied = query
            await self._audit_log.record(
                AuditEvent.API_READ, self._actor, section=section, query=applied, found=len(keys), shown=keys
            )

    async def with_own_organizations(self, query: MessageQuery) -> MessageQuery:
        """Return a query with the organisations of the token, unless it names some or a code."""
        if self.sender.scope is None or query.organizations or query.code:
            return query
        return replace(query, organizations=frozenset(await self.services.organizations.all()))

    async def record_changes(self, section: str, keys: Sequence[UUID]) -> None:
        """Record that rows that have changed are about to be returned; raises as `record_row` does."""
        if keys:
            await self._audit_log.record(
                AuditEvent.API_READ,
                self._actor,
                section=section,
                what=texts.API_CHANGES_READ,
                found=len(keys),
                shown=keys,
            )

    async def record_link(self, section: str, query: Query) -> None:
        """Record that a link to the search of a query is about to be returned; raises as `record_row` does."""
        await self._audit_log.record(AuditEvent.LINK_CREATED, self._actor, section=section, query=query)


ReaderDependency: TypeAlias = Callable[..., Awaitable[AuditedReader]]


def reader_dependency(services: Services, authenticate: SenderDependency) -> ReaderDependency:
    """Build the dependency of endpoints that return messages or documents; `authenticate` returns the sender."""

    async def find_reader(request: Request, sender: Annotated[Sender, Depends(authenticate)]) -> AuditedReader:
        actor = Actor(None, texts.ACCESS_TOKEN.format(name=sender.name), client_ip(request))
        return AuditedReader(sender, services.within(sender.scope), actor, services.audit_log)

    return find_reader
