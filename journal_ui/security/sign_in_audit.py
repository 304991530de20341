"""Records who is refused and who leaves; whoever comes in is recorded with his session. See services.audit.audit_log."""

import logging

from fastapi import Request

from journal_ui.layout.viewer import Viewer
from models import AuditEvent
from services import texts
from services.accounts.accounts import Accounts, Identity
from services.audit.audit_log import AuditLog
from services.audit.hash_chain import Actor
from services.errors import DatabaseError

log = logging.getLogger(__name__)


def client_ip(request: Request) -> str:
    """Give the address of the computer that a request comes from; behind a proxy the server has put it right."""
    return request.client.host if request.client else ''


class SignInAudit:
    """Stands at the door of the program. All but `left` raise Unavailable or Busy when there is no record."""

    def __init__(self, audit_log: AuditLog, accounts: Accounts) -> None:
        """Record with `access`."""
        self._audit_log = audit_log
        self._accounts = accounts

    async def record_failed_sign_in(self, request: Request, typed_name: str) -> None:
        """Record a refused sign-in. A name that nobody has is kept nowhere: passwords are often typed in its place."""
        name = await self._accounts.find_name(typed_name) or texts.ACCESS_UNKNOWN_NAME
        await self._audit_log.record(AuditEvent.SIGN_IN_FAILED, Actor(None, name, client_ip(request)))

    async def record_sign_out(self, request: Request, person: Identity | None) -> None:
        """Record that somebody has signed out, which nothing may prevent."""
        if person is None:
            return
        try:
            await self._audit_log.record(AuditEvent.SIGNED_OUT, Actor(person.id, person.name, client_ip(request)))
        except DatabaseError:
            log.warning('the database does not answer; a sign-out is on no record')

    async def record_forbidden_page(self, viewer: Viewer, path: str) -> None:
        """Record that somebody asked for a page that is not for his role."""
        await self._audit_log.record(AuditEvent.PAGE_FORBIDDEN, viewer.actor, section=path)
