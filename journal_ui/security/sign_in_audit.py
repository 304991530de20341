"""Audit records of failed sign-ins, sign-outs and forbidden pages.

A successful sign-in is recorded with its session. See services.audit.audit_log.
"""

import logging

from fastapi import Request

from journal_ui.layout.viewer import Viewer
from journal_ui.security.client_ip import client_ip
from models import AuditEvent
from services.accounts.accounts import AccountError, Identity, SignInThrottledError
from services.accounts.failed_sign_ins import FailedSignIns
from services.audit.audit_log import AuditLog
from services.audit.hash_chain import Actor
from services.errors import DatabaseError

log = logging.getLogger(__name__)


class SignInAudit:
    """Records sign-in events in the audit log."""

    def __init__(self, audit_log: AuditLog, failed_sign_ins: FailedSignIns) -> None:
        self._audit_log = audit_log
        self._failed_sign_ins = failed_sign_ins

    async def record_failed_sign_in(self, request: Request, typed_name: str, error: AccountError) -> None:
        """Record a failed sign-in; one that the login throttle refused is only counted.

        Raises:
            DatabaseError: the event cannot be recorded.
        """
        if isinstance(error, SignInThrottledError):
            self._failed_sign_ins.count_refused(typed_name, client_ip(request))
        else:
            await self._failed_sign_ins.record(typed_name, client_ip(request))

    async def record_sign_out(self, request: Request, person: Identity | None) -> None:
        """Record a sign-out; log a warning if that fails, because a sign-out must always succeed."""
        if person is None:
            return
        try:
            await self._audit_log.record(AuditEvent.SIGNED_OUT, Actor(person.id, person.name, client_ip(request)))
        except DatabaseError:
            log.warning('the database does not answer; a sign-out was not recorded')

    async def record_forbidden_page(self, viewer: Viewer, path: str) -> None:
        """Record that a user requested a page that their role may not open.

        Raises:
            DatabaseError: the event cannot be recorded.
        """
        await self._audit_log.record(AuditEvent.PAGE_FORBIDDEN, viewer.actor, section=path)
