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

from models import Account, AccountSession, Act, KnownDevice
from services.accounts.identity import Duty, Person, Visitor, digest, person_of
from services.accounts.passwords import NOTHING_MORE, Policy
from services.audit.hash_chain import Entry, append
from services.database.engine import Database
from services.lists.query_protocol import Busy, Unavailable
from services.tasks import STOP_WITHIN, cancel_and_wait

TABLE = SQLModel.metadata.tables['account_session']
LOOK: Final = 1.0
"""Seconds between two looks at which sessions are left: their pages leave within two."""
WRITE: Final = timedelta(minutes=1)
"""Between two writes of when people were last seen."""
CODE_WITHIN: Final = timedelta(minutes=10)
"""What the code of the second factor may be given in."""
LONGEST_AGENT: Final = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """When sessions end by themselves."""

    idle: timedelta = timedelta(minutes=15)
    """Without anything done by the person."""
    whole: timedelta = timedelta(hours=12)
    """Since the sign-in, whatever he does."""


USUAL: Final = Limits()


@dataclass(frozen=True)
class SignedIn:
    """A living session."""

    key: str
    """By which it is known, unlike the identifier that the browser has."""
    person: Person
    duty: Duty | None
    """What has to be done before any page opens."""


@dataclass(frozen=True)
class SessionLine:
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
        limits: Limits = USUAL,
        *,
        policy: Policy = NOTHING_MORE,
        require_second_factor: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._limits = limits
        self._policy = policy
        self._require_second_factor = require_second_factor
        self._now = now
        self._active: dict[str, datetime] = {}
        self._written = now()
        self._opened: Callable[[], Collection[str]] = tuple
        self._ended: Callable[[Collection[str]], None] = lambda keys: None
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def begin(self, person: Person, visitor: Visitor, *, code_due: bool = False, instead_of: str = '') -> str:
        """Begin a session and give its identifier, which is kept nowhere; `instead_of` is the key of one that ends.

        Raises:
            Unavailable, Busy: see services.database.engine.
        """
        identifier, now = secrets.token_urlsafe(32), self._now()
        row = AccountSession(
            hash=digest(identifier),
            account_id=person.id,
            begun_at=now,
            seen_at=now,
            address=visitor.address,
            agent=visitor.agent[:LONGEST_AGENT],
            code_due=code_due,
        )

        def insert(session: Session) -> None:
            session.execute(delete(TABLE).where(TABLE.c.hash == instead_of))
            session.add(row)
            if code_due:
                return
            account = session.get_one(Account, person.id)
            account.signed_in_at = now
            actor = replace(person, address=visitor.address).actor
            append(session, [Entry(now, actor, Act.SIGNED_IN)])
            if visitor.device:
                session.merge(KnownDevice(account_id=person.id, hash=digest(visitor.device), seen_at=now))

        await self._database.write(insert)
        return identifier

    async def find(self, identifier: str) -> SignedIn | None:
        """Give the session of an identifier with its person as he is now; None when there is none any more.

        Raises:
            Unavailable, Busy: see services.database.engine.
        """
        key = digest(identifier)

        def look(session: Session) -> SignedIn | None:
            found = session.execute(
                select(Account, AccountSession)
                .join(AccountSession, col(AccountSession.account_id) == col(Account.id))
                .where(col(AccountSession.hash) == key, self._living(), col(Account.blocked_at).is_(None))
            ).first()
            if found is None:
                return None
            account, row = found
            return SignedIn(key, replace(person_of(account), address=row.address), self._duty(account, row))

        return await self._database.read(look)

    async def end(self, key: str) -> None:
        """End a session."""
        await self._database.write(lambda session: session.execute(delete(TABLE).where(TABLE.c.hash == key)) and None)
        self.look_soon()

    async def end_others(self, signed: SignedIn) -> None:
        """End every session of a person but this one."""
        others = delete(TABLE).where(TABLE.c.account_id == signed.person.id, TABLE.c.hash != signed.key)
        await self._database.write(lambda session: session.execute(others) and None)
        self.look_soon()

    async def of(self, person_id: int) -> Sequence[SessionLine]:
        """Give the sessions of a person, the latest begun first."""
        columns = (TABLE.c.hash.label('key'), TABLE.c.begun_at, TABLE.c.seen_at, TABLE.c.address, TABLE.c.agent)
        his = select(*columns).where(TABLE.c.account_id == person_id, self._living(), ~TABLE.c.code_due)
        his = his.order_by(TABLE.c.begun_at.desc(), TABLE.c.hash)
        return await self._database.read(lambda session: [SessionLine(**row._asdict()) for row in session.execute(his)])

    def touch(self, key: str) -> None:
        """Note that the person has done something; it is written within a minute."""
        self._active[key] = self._now()

    def follow(self, opened: Callable[[], Collection[str]], ended: Callable[[Collection[str]], None]) -> None:
        """Have `ended` told which of the sessions that `opened` names have ended, in the event loop."""
        self._opened, self._ended = opened, ended

    def look_soon(self) -> None:
        """Look which sessions are left at once, because some of them were ended here."""
        self._asked.set()

    async def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.create_task(self._watch(), name='watch of sessions')

    async def stop(self) -> None:
        """Stop watching, and write what is not written yet."""
        if self._task:
            await cancel_and_wait(self._task)
        with contextlib.suppress(Unavailable, Busy, TimeoutError):
            async with asyncio.timeout(STOP_WITHIN):
                await self._write()

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._asked.wait()
            self._asked.clear()
            try:
                await self.look()
            except (Unavailable, Busy):
                log.warning('the database does not answer; sessions with open pages go on until it does')

    async def look(self) -> None:
        """Write who was seen if that is due, and tell which sessions with open pages have ended."""
        # Early enough for the shortest idleness too: a session must not end while its last deed waits to be written.
        if self._now() - self._written >= min(WRITE, self._limits.idle / 4):
            await self._write()
        opened = set(self._opened())
        if not opened:
            return
        ended = opened - await self._database.read(self._left)
        if ended:
            self._ended(ended)

    async def _write(self) -> None:
        active, self._active, self._written = self._active, {}, self._now()
        seen = update(TABLE).where(TABLE.c.hash == bindparam('key')).values(seen_at=bindparam('at'))
        over = delete(TABLE).where(~self._living())

        def write(session: Session) -> None:
            if active:
                session.connection().execute(seen, [{'key': key, 'at': at} for key, at in active.items()])
            session.execute(over)

        try:
            await self._database.write(write)
        except (Unavailable, Busy, asyncio.CancelledError):  # a stop cancels a write, and then writes once more
            self._active = active | self._active
            raise

    def _left(self, session: Session) -> set[str]:
        living = (
            select(TABLE.c.hash)
            .join(Account, TABLE.c.account_id == col(Account.id))
            .where(self._living(), col(Account.blocked_at).is_(None))
        )
        return set(session.execute(living).scalars())

    def _living(self) -> ColumnElement[bool]:
        """Say in SQL that a session has not run out."""
        now = self._now()
        return and_(
            TABLE.c.begun_at > now - self._limits.whole,
            TABLE.c.seen_at > now - self._limits.idle,
            or_(~TABLE.c.code_due, TABLE.c.begun_at > now - CODE_WITHIN),
        )

    def _duty(self, account: Account, session: AccountSession) -> Duty | None:
        if session.code_due:
            return Duty.CODE
        if account.must_change:
            return Duty.FIRST_PASSWORD
        if self._policy.expired(account.password_set_at, self._now()):
            return Duty.OLD_PASSWORD
        if self._require_second_factor and account.totp_secret is None:
            return Duty.SECOND_FACTOR
        return None


def end_all(session: Session, account_id: int) -> None:
    """End every session of an account as part of what ends them, in its transaction."""
    session.execute(delete(TABLE).where(TABLE.c.account_id == account_id))
