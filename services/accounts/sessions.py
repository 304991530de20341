"""Sessions of signed-in users. They are stored in the database, so that every node and an administrator sees them.

A session is a row of `account_session` and ends when the row is deleted: by the user, by an administrator, by a changed
password or by a timeout. services.accounts.session_watcher notices the end and records the activity of users.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Delete, and_, delete, or_, select
from sqlalchemy.sql import ColumnElement
from sqlmodel import Session, col

from models import Account, AccountSession, AuditEvent
from services import texts
from services.accounts.identity import (
    ALL_ACCOUNTS,
    AccountError,
    AllowedAccounts,
    ClientInfo,
    FailedAttempts,
    Identity,
    RequiredStep,
    VerifiedAccount,
    hash_secret,
    identity_of,
)
from services.accounts.known_devices import remember_device
from services.accounts.passwords import DEFAULT_POLICY, PasswordPolicy
from services.accounts.session_watcher import SessionWatcher
from services.audit.hash_chain import AuditEntry, append_entries
from services.database.engine import Database
from services.database.tables import ACCOUNT_SESSION_TABLE

CODE_TIMEOUT: Final = timedelta(minutes=10)
"""The time after the password in which the code of the second factor must be entered."""
MAX_USER_AGENT_LENGTH: Final = 200
MAX_SESSIONS: Final = 10
"""The largest number of sessions of an account; the one that was unused longest ends when one more begins."""


@dataclass(frozen=True)
class SessionLimits:
    """The timeouts of sessions."""

    idle_timeout: timedelta = timedelta(minutes=15)
    """The inactivity after which a session ends."""
    absolute_timeout: timedelta = timedelta(hours=12)
    """The time since the sign-in after which a session ends despite activity."""


DEFAULT_LIMITS: Final = SessionLimits()


@dataclass(frozen=True)
class ActiveSession:
    """A session that has not ended."""

    key: str
    """The hash of the identifier that the browser stores; the primary key of the session."""
    identity: Identity
    required_step: RequiredStep | None
    """What the user has to do before any page opens."""


@dataclass(frozen=True)
class SessionInfo:
    """What its owner and an administrator see of a session."""

    key: str
    begun_at: datetime
    seen_at: datetime
    address: str
    agent: str


class Sessions:
    """Create, find, list and end sessions."""

    def __init__(
        self,
        database: Database,
        limits: SessionLimits = DEFAULT_LIMITS,
        *,
        policy: PasswordPolicy = DEFAULT_POLICY,
        require_second_factor: bool = False,
        allowed_accounts: AllowedAccounts = ALL_ACCOUNTS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._limits = limits
        self._policy = policy
        self._require_second_factor = require_second_factor
        self._allowed_accounts = allowed_accounts
        self._now = now
        self.watcher: Final = SessionWatcher(database, self._is_not_expired, limits.idle_timeout, now)

    async def create(
        self,
        verified: VerifiedAccount,
        client: ClientInfo,
        *,
        code_due: bool = False,
        replaced_key: str = '',
        source: str = '',
        on_created: Callable[[Session, str], None] | None = None,
    ) -> tuple[str, FailedAttempts | None]:
        """Create a session, unless the account has changed since its password was checked.

        Args:
            verified: the account as it was checked.
            client: the client that signs in.
            code_due: whether the code of the second factor has not been entered yet.
            replaced_key: the key of the session in which the code was due; it ends in the same transaction.
            source: where the user was authenticated, for the audit log; empty for the program itself.
            on_created: stores more about the session in the same transaction; receives its key.

        Returns:
            The identifier of the session, of which only the hash is stored, and the failed sign-ins since the last
            sign-in; None without any, and as long as the code is due.

        Raises:
            AccountError: password, second factor or role were changed, the account was blocked, or the replaced
                session has ended.
            DatabaseError: see services.errors.
        """
        identifier, now, identity = secrets.token_urlsafe(32), self._now(), verified.identity
        row = AccountSession(
            hash=hash_secret(identifier),
            account_id=identity.id,
            begun_at=now,
            seen_at=now,
            address=client.address,
            agent=client.user_agent[:MAX_USER_AGENT_LENGTH],
            code_due=code_due,
        )

        def insert_session(session: Session) -> FailedAttempts | None:
            # Locked until the end of the transaction: a change of the account comes before or after it as a whole.
            account = session.get(Account, identity.id, with_for_update=True)
            if not verified.is_unchanged(account) or (replaced_key and not _delete_session(session, replaced_key)):
                raise AccountError(texts.SIGN_IN_CHANGED)
            assert account is not None
            _end_oldest_sessions(session, identity.id, code_due=code_due)
            session.add(row)
            if on_created:
                session.flush()
                on_created(session, row.hash)
            if code_due:
                return None
            failed = _take_failed_attempts(account)
            account.signed_in_at = now
            actor = replace(identity, address=client.address).actor
            append_entries(session, [AuditEntry(now, actor, AuditEvent.SIGNED_IN, what=source)])
            if client.device_token:
                remember_device(session, identity.id, client, now)
            return failed

        failed = await self._database.write(insert_session)
        return identifier, failed

    async def find(self, identifier: str) -> ActiveSession | None:
        """Return the session with this identifier and its user as stored now; None if it does not exist any more.

        Raises:
            DatabaseError: see services.errors.
        """
        key = hash_secret(identifier)

        def load_session(session: Session) -> ActiveSession | None:
            result = session.execute(
                select(Account, AccountSession)
                .join(AccountSession, col(AccountSession.account_id) == col(Account.id))
                .where(col(AccountSession.hash) == key, self._is_not_expired(), col(Account.blocked_at).is_(None))
            ).first()
            if result is None:
                return None
            account, row = result
            if not self._allowed_accounts.include(account.name, account.oidc_issuer):
                return None
            return ActiveSession(
                key, replace(identity_of(session, account), address=row.address), self._required_step(account, row)
            )

        return await self._database.read(load_session)

    async def end(self, key: str) -> None:
        """End the session with this key."""
        await self._delete(delete(ACCOUNT_SESSION_TABLE).where(ACCOUNT_SESSION_TABLE.c.hash == key))

    async def end_others(self, active_session: ActiveSession) -> None:
        """End every session of the user except this one."""
        others = delete(ACCOUNT_SESSION_TABLE).where(
            ACCOUNT_SESSION_TABLE.c.account_id == active_session.identity.id,
            ACCOUNT_SESSION_TABLE.c.hash != active_session.key,
        )
        await self._delete(others)

    async def _delete(self, statement: Delete) -> None:
        def delete_sessions(session: Session) -> None:
            session.execute(statement)

        await self._database.write(delete_sessions)
        self.watcher.check_soon()

    async def list_for(self, account_id: int) -> Sequence[SessionInfo]:
        """Return the sessions of an account, the most recent sign-in first."""
        columns = (
            ACCOUNT_SESSION_TABLE.c.hash.label('key'),
            ACCOUNT_SESSION_TABLE.c.begun_at,
            ACCOUNT_SESSION_TABLE.c.seen_at,
            ACCOUNT_SESSION_TABLE.c.address,
            ACCOUNT_SESSION_TABLE.c.agent,
        )
        statement = select(*columns).where(
            ACCOUNT_SESSION_TABLE.c.account_id == account_id, self._is_not_expired(), ~ACCOUNT_SESSION_TABLE.c.code_due
        )
        statement = statement.order_by(ACCOUNT_SESSION_TABLE.c.begun_at.desc(), ACCOUNT_SESSION_TABLE.c.hash)
        return await self._database.read(
            lambda session: [SessionInfo(**row._asdict()) for row in session.execute(statement)]
        )

    def _is_not_expired(self) -> ColumnElement[bool]:
        """Build the condition that a session has not expired."""
        now = self._now()
        return and_(
            ACCOUNT_SESSION_TABLE.c.begun_at > now - self._limits.absolute_timeout,
            ACCOUNT_SESSION_TABLE.c.seen_at > now - self._limits.idle_timeout,
            or_(~ACCOUNT_SESSION_TABLE.c.code_due, ACCOUNT_SESSION_TABLE.c.begun_at > now - CODE_TIMEOUT),
        )

    def _required_step(self, account: Account, session: AccountSession) -> RequiredStep | None:
        if session.code_due:
            return RequiredStep.CODE
        if account.oidc_issuer is not None:
            return None  # the identity provider has its own rules for passwords, and was asked for the second factor
        if account.must_change:
            return RequiredStep.FIRST_PASSWORD
        if self._policy.is_expired(account.password_set_at, self._now()):
            return RequiredStep.EXPIRED_PASSWORD
        if self._require_second_factor and account.totp_secret is None:
            return RequiredStep.SECOND_FACTOR
        return None


def end_all_sessions(session: Session, account_id: int, *, except_key: str = '') -> None:
    """End every session of an account, except the one with the key `except_key`, in the transaction of the caller."""
    session.execute(
        delete(ACCOUNT_SESSION_TABLE).where(
            ACCOUNT_SESSION_TABLE.c.account_id == account_id, ACCOUNT_SESSION_TABLE.c.hash != except_key
        )
    )


def _delete_session(session: Session, key: str) -> bool:
    """Delete the session with this key; return whether it existed."""
    statement = delete(ACCOUNT_SESSION_TABLE).where(ACCOUNT_SESSION_TABLE.c.hash == key)
    return session.connection().execute(statement).rowcount == 1


def _end_oldest_sessions(session: Session, account_id: int, *, code_due: bool) -> None:
    """End the oldest sessions of the same kind, so that one more makes MAX_SESSIONS."""
    of_account = (ACCOUNT_SESSION_TABLE.c.account_id == account_id, ACCOUNT_SESSION_TABLE.c.code_due == code_due)
    newest = select(ACCOUNT_SESSION_TABLE.c.hash).where(*of_account)
    newest = newest.order_by(ACCOUNT_SESSION_TABLE.c.seen_at.desc()).limit(MAX_SESSIONS - 1)
    session.execute(delete(ACCOUNT_SESSION_TABLE).where(*of_account, ACCOUNT_SESSION_TABLE.c.hash.not_in(newest)))


def _take_failed_attempts(account: Account) -> FailedAttempts | None:
    """Return the failed sign-ins of an account, and reset their number; None without any."""
    count, at = account.failed_count, account.failed_at
    account.failed_count = 0
    return FailedAttempts(count, at, account.failed_address or '') if count and at else None
