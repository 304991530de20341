"""Audit records of failed sign-ins, sign-outs and forbidden pages.

A successful sign-in is recorded with its session. See services.audit.audit_log.
"""

import logging

from fastapi import Request

from journal_ui.layout.viewer import Viewer
from journal_ui.security.client_ip import client_ip
from models import AuditEvent
from services import texts
from services.accounts.accounts import Accounts, Identity
from services.audit.audit_log import AuditLog
from services.audit.hash_chain import Actor
from services.errors import DatabaseError

log = logging.getLogger(__name__)


class SignInAudit:
    """Records sign-in events in the audit log.

    Every method except `record_sign_out` raises DatabaseError if the event cannot be recorded.
    """

    def __init__(self, audit_log: AuditLog, accounts: Accounts) -> None:
        self._audit_log = audit_log
        self._accounts = accounts

    async def record_failed_sign_in(self, request: Request, typed_name: str) -> None:
        """Record a failed sign-in. An unknown name is not stored, because users often type a password instead of it."""
        name = await self._accounts.find_name(typed_name) or texts.ACCESS_UNKNOWN_NAME
        await self._audit_log.record(AuditEvent.SIGN_IN_FAILED, Actor(None, name, client_ip(request)))

    async def record_sign_out(self, request: Request, person: Identity | None) -> None:
        """Record a sign-out; log a warning if that fails, because a sign-out must always succeed."""
        if person is None:
            return
        try:
            await self._audit_log.record(AuditEvent.SIGNED_OUT, Actor(person.id, person.name, client_ip(request)))
        except DatabaseError:
            log.warning('the database does not answer; a sign-out was not recorded')

    async def record_forbidden_page(self, viewer: Viewer, path: str) -> None:
        """Record that a user requested a page that their role may not open."""
        await self._audit_log.record(AuditEvent.PAGE_FORBIDDEN, viewer.actor, section=path)
