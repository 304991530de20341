"""The accounts of users who sign in at the identity provider: found by issuer and subject, never by name."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models import Account, AuditEvent, Role
from services import texts
from services.access_scope.organization_scope import read_account_scope, set_account_scope
from services.accounts.identity import (
    MAX_NAME_LENGTH,
    Identity,
    VerifiedAccount,
    find_account,
    identity_of,
)
from services.accounts.sessions import end_all_sessions
from services.audit.hash_chain import Actor, AuditEntry, append_entries
from services.database.engine import Database
from services.database.tables import ACCOUNT_TABLE
from services.oidc.claims import ClaimedUser
from services.oidc.oidc_errors import OidcSignInError

MAX_ATTEMPTS: Final = 5
"""Attempts to add an account while other nodes add accounts of the same name or the same user."""
MAX_NAMES_IN_RECORD: Final = 20
NO_PASSWORD: Final = ''
"""The hash that no password has."""

log = logging.getLogger(__name__)


class OidcAccounts:
    """Finds, adds and changes the accounts of one identity provider."""

    def __init__(self, database: Database, issuer: str, label: str, now: Callable[[], datetime]) -> None:
        self._database = database
        self._issuer = issuer
        self._label = label
        self._now = now

    async def enter(self, user: ClaimedUser, role: Role, address: str) -> VerifiedAccount:
        """Return the account of a user who signs in, added or changed according to the claims.

        Raises:
            OidcSignInError: the account is blocked.
            DatabaseError: see services.errors.
        """
        for attempt in count(1):
            try:
                return await self._database.write(lambda session: self._find_or_add(session, user, role, address))
            except IntegrityError:  # another node has just added the same user, or the same name
                if attempt == MAX_ATTEMPTS:
                    raise
        raise AssertionError

    async def update(self, user: ClaimedUser, role: Role) -> bool:
        """Change the account of a signed-in user according to the claims; return whether anything changed.

        A change ends all sessions of the account, because its open pages show what the user might read before.
        """

        def change(session: Session) -> bool:
            account = self._find(session, user.subject)
            return account is not None and self._apply(session, account, user, role, '')

        return await self._database.write(change)

    async def record_refusal(self, user: ClaimedUser, what: str, address: str) -> None:
        """Record that a user whom the identity provider knows was not let in."""

        def record(session: Session) -> None:
            account = self._find(session, user.subject)
            actor = Actor(account.id if account else None, account.name if account else user.name, address)
            append_entries(session, [AuditEntry(self._now(), actor, AuditEvent.OIDC_SIGN_IN_REFUSED, what=what)])

        await self._database.write(record)

    def _find_or_add(self, session: Session, user: ClaimedUser, role: Role, address: str) -> VerifiedAccount:
        account = self._find(session, user.subject) or self._add(session, user, role, address)
        if account.blocked_at:
            raise OidcSignInError(texts.SIGN_IN_BLOCKED)
        self._apply(session, account, user, role, address)
        return VerifiedAccount(identity_of(session, account), account.password_hash, account.totp_secret)

    def _find(self, session: Session, subject: str) -> Account | None:
        key = session.execute(
            select(ACCOUNT_TABLE.c.id).where(
                ACCOUNT_TABLE.c.oidc_issuer == self._issuer, ACCOUNT_TABLE.c.oidc_subject == subject
            )
        ).scalar_one_or_none()
        return None if key is None else session.get(Account, key, with_for_update=True)

    def _add(self, session: Session, user: ClaimedUser, role: Role, address: str) -> Account:
        now = self._now()
        account = Account(
            name=_free_name(session, user.name),
            password_hash=NO_PASSWORD,
            role=role,
            created_at=now,
            password_set_at=now,
            must_change=False,
            oidc_issuer=self._issuer,
            oidc_subject=user.subject,
        )
        session.add(account)
        session.flush()
        what = texts.ACCESS_OIDC_ADDED.format(label=self._label, role=role)
        self._record(session, identity_of(session, account), AuditEvent.USER_CHANGED, what, address)
        return account

    def _apply(self, session: Session, account: Account, user: ClaimedUser, role: Role, address: str) -> bool:
        """Set the role and the organisations of an account; end its sessions and record it if that changes them."""
        before = account.role, read_account_scope(session, account)
        account.role = role
        unknown = set_account_scope(session, account, user.organizations)
        if unknown:
            log.warning('the identity provider named %d unknown organisations of a user', len(unknown))
        session.flush()
        scope = read_account_scope(session, account)
        if before == (role, scope):
            return False
        assert account.id is not None
        end_all_sessions(session, account.id)
        what = [texts.ACCESS_OIDC_ROLE.format(role=role)]
        if scope is not None:
            what.append(texts.ACCESS_OIDC_ORGANIZATIONS.format(count=len(scope.ids)))
        if unknown:
            names = ', '.join(f'«{name}»' for name in sorted(unknown)[:MAX_NAMES_IN_RECORD])
            what.append(texts.ACCESS_OIDC_UNKNOWN.format(count=len(unknown), names=names))
        identity = identity_of(session, account)
        self._record(session, identity, AuditEvent.OIDC_ACCOUNT_CHANGED, '; '.join(what), address)
        return True

    def _record(self, session: Session, identity: Identity, event: AuditEvent, what: str, address: str) -> None:
        actor = replace(identity, address=address).actor
        append_entries(session, [AuditEntry(self._now(), actor, event, what=what, about=identity.name)])


def _free_name(session: Session, name: str) -> str:
    """Return a name that no account has, if need be with a number; a local account of the name is never taken over."""
    candidate = name
    for number in count(2):
        if find_account(session, candidate) is None:
            return candidate
        suffix = f'-{number}'
        candidate = name[: MAX_NAME_LENGTH - len(suffix)] + suffix
    raise AssertionError
