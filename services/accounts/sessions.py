"""Sessions: who is signed in where. They live in the database, so that every node and an administrator knows them.

A session is a row and ends with it, whoever takes the row away: the person, an administrator, a changed password, or
time. One watcher a process asks once a second which of the sessions with open pages are left.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import and_, bindparam, delete, or_, select, update
from sqlalchemy.sql import ColumnElement
from sqlmodel import Session, SQLModel, col

from models import Account, AccountSession, AuditEvent, KnownDevice
from services.accounts.identity import ClientInfo, Identity, RequiredStep, hash_secret, identity_of
from services.accounts.passwords import DEFAULT_POLICY, PasswordPolicy
from services.audit.hash_chain import AuditEntry, append_entries
from services.database.engine import Database
from services.errors import DatabaseError, DatabaseUnavailableError, QueryTimeoutError
from services.task_shutdown import STOP_WITHIN, cancel_and_wait

ACCOUNT_SESSION_TABLE = SQLModel.metadata.tables['account_session']
CHECK_INTERVAL: Final = 1.0
"""Seconds between two looks at which sessions are left: their pages leave within two."""
WRITE_INTERVAL: Final = timedelta(minutes=1)
"""Between two writes of when people were last seen."""
CODE_TIMEOUT: Final = timedelta(minutes=10)
"""What the code of the second factor may be given in."""
MAX_USER_AGENT_LENGTH: Final = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SessionLimits:
    """When sessions end by themselves."""

    idle_timeout: timedelta = timedelta(minutes=15)
    """Without anything done by the person."""
    absolute_timeout: timedelta = timedelta(hours=12)
    """Since the sign-in, whatever he does."""


DEFAULT_LIMITS: Final = SessionLimits()


@dataclass(frozen=True)
class ActiveSession:
    """A living session."""

    key: str
    """By which it is known, unlike the identifier that the browser has."""
    identity: Identity
    required_step: RequiredStep | None
    """What has to be done before any page opens."""


@dataclass(frozen=True)
class SessionInfo:
    """A session as its owner and an administrator see it."""

    key: str
    begun_at: datetime
    seen_at: datetime
    address: str
    agent: str


class Sessions:
    """Sessions in the journal's own database."""

    def __init__(
        self,
        database: Database,
        limits: SessionLimits = DEFAULT_LIMITS,
        *,
        policy: PasswordPolicy = DEFAULT_POLICY,
        require_second_factor: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._limits = limits
        self._policy = policy
        self._require_second_factor = require_second_factor
        self._now = now
        self._activity: dict[str, datetime] = {}
        self._written_at = now()
        self._list_open_keys: Callable[[], Collection[str]] = tuple
        self._on_ended: Callable[[Collection[str]], None] = lambda keys: None
        self._check_requested = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def create(
        self, identity: Identity, client: ClientInfo, *, code_due: bool = False, replaced_key: str = ''
    ) -> str:
        """Begin a session and give its identifier, which is kept nowhere; `instead_of` is the key of one that ends.

        Raises:
            Unavailable, Busy: see services.database.engine.
        """
        identifier, now = secrets.token_urlsafe(32), self._now()
        row = AccountSession(
            hash=hash_secret(identifier),
            account_id=identity.id,
            begun_at=now,
            seen_at=now,
            address=client.address,
            agent=client.user_agent[:MAX_USER_AGENT_LENGTH],
            code_due=code_due,
        )

        def insert_session(session: Session) -> None:
            session.execute(delete(ACCOUNT_SESSION_TABLE).where(ACCOUNT_SESSION_TABLE.c.hash == replaced_key))
            session.add(row)
            if code_due:
                return
            account = session.get_one(Account, identity.id)
            account.signed_in_at = now
            actor = replace(identity, address=client.address).actor
            append_entries(session, [AuditEntry(now, actor, AuditEvent.SIGNED_IN)])
            if client.device_token:
                session.merge(KnownDevice(account_id=identity.id, hash=hash_secret(client.device_token), seen_at=now))

        await self._database.write(insert_session)
        return identifier

    async def find(self, identifier: str) -> ActiveSession | None:
        """Give the session of an identifier with its person as he is now; None when there is none any more.

        Raises:
            Unavailable, Busy: see services.database.engine.
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
            return ActiveSession(
                key, replace(identity_of(account), address=row.address), self._required_step(account, row)
            )

        return await self._database.read(load_session)

    async def end(self, key: str) -> None:
        """End a session."""
        await self._database.write(
            lambda session: (
                session.execute(delete(ACCOUNT_SESSION_TABLE).where(ACCOUNT_SESSION_TABLE.c.hash == key)) and None
            )
        )
        self.check_soon()

    async def end_others(self, active_session: ActiveSession) -> None:
        """End every session of a person but this one."""
        others = delete(ACCOUNT_SESSION_TABLE).where(
            ACCOUNT_SESSION_TABLE.c.account_id == active_session.identity.id,
            ACCOUNT_SESSION_TABLE.c.hash != active_session.key,
        )
        await self._database.write(lambda session: session.execute(others) and None)
        self.check_soon()

    async def list_for(self, account_id: int) -> Sequence[SessionInfo]:
        """Give the sessions of a person, the latest begun first."""
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

    def record_activity(self, key: str) -> None:
        """Note that the person has done something; it is written within a minute."""
        self._activity[key] = self._now()

    def watch_open_pages(
        self, list_open_keys: Callable[[], Collection[str]], on_ended: Callable[[Collection[str]], None]
    ) -> None:
        """Have `ended` told which of the sessions that `opened` names have ended, in the event loop."""
        self._list_open_keys, self._on_ended = list_open_keys, on_ended

    def check_soon(self) -> None:
        """Look which sessions are left at once, because some of them were ended here."""
        self._check_requested.set()

    async def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.create_task(self._check_periodically(), name='watch of sessions')

    async def stop(self) -> None:
        """Stop watching, and write what is not written yet."""
        if self._task:
            await cancel_and_wait(self._task)
        with contextlib.suppress(DatabaseUnavailableError, QueryTimeoutError, TimeoutError):
            async with asyncio.timeout(STOP_WITHIN):
                await self._write_activity()

    async def _check_periodically(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECK_INTERVAL):
                    await self._check_requested.wait()
            self._check_requested.clear()
            try:
                await self.check()
            except DatabaseError:
                log.warning('the database does not answer; sessions with open pages go on until it does')

    async def check(self) -> None:
        """Write who was seen if that is due, and tell which sessions with open pages have ended."""
        # Early enough for the shortest idleness too: a session must not end while its last deed waits to be written.
        if self._now() - self._written_at >= min(WRITE_INTERVAL, self._limits.idle_timeout / 4):
            await self._write_activity()
        open_keys = set(self._list_open_keys())
        if not open_keys:
            return
        ended = open_keys - await self._database.read(self._active_keys)
        if ended:
            self._on_ended(ended)

    async def _write_activity(self) -> None:
        activity, self._activity, self._written_at = self._activity, {}, self._now()
        update_seen_at = (
            update(ACCOUNT_SESSION_TABLE)
            .where(ACCOUNT_SESSION_TABLE.c.hash == bindparam('key'))
            .values(seen_at=bindparam('at'))
        )
        delete_expired = delete(ACCOUNT_SESSION_TABLE).where(~self._is_not_expired())

        def write_activity(session: Session) -> None:
            if activity:
                session.connection().execute(update_seen_at, [{'key': key, 'at': at} for key, at in activity.items()])
            session.execute(delete_expired)

        try:
            await self._database.write(write_activity)
        except (DatabaseError, asyncio.CancelledError):  # a stop cancels a write, and then writes once more
            self._activity = activity | self._activity
            raise

    def _active_keys(self, session: Session) -> set[str]:
        statement = (
            select(ACCOUNT_SESSION_TABLE.c.hash)
            .join(Account, ACCOUNT_SESSION_TABLE.c.account_id == col(Account.id))
            .where(self._is_not_expired(), col(Account.blocked_at).is_(None))
        )
        return set(session.execute(statement).scalars())

    def _is_not_expired(self) -> ColumnElement[bool]:
        """Say in SQL that a session has not run out."""
        now = self._now()
        return and_(
            ACCOUNT_SESSION_TABLE.c.begun_at > now - self._limits.absolute_timeout,
            ACCOUNT_SESSION_TABLE.c.seen_at > now - self._limits.idle_timeout,
            or_(~ACCOUNT_SESSION_TABLE.c.code_due, ACCOUNT_SESSION_TABLE.c.begun_at > now - CODE_TIMEOUT),
        )

    def _required_step(self, account: Account, session: AccountSession) -> RequiredStep | None:
        if session.code_due:
            return RequiredStep.CODE
        if account.must_change:
            return RequiredStep.FIRST_PASSWORD
        if self._policy.is_expired(account.password_set_at, self._now()):
            return RequiredStep.EXPIRED_PASSWORD
        if self._require_second_factor and account.totp_secret is None:
            return RequiredStep.SECOND_FACTOR
        return None


def end_all_sessions(session: Session, account_id: int) -> None:
    """End every session of an account as part of what ends them, in its transaction."""
    session.execute(delete(ACCOUNT_SESSION_TABLE).where(ACCOUNT_SESSION_TABLE.c.account_id == account_id))
