"""Accounts, sessions and the way in over a database of a test's own, at a clock that the test moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from services.accounts import passwords
from services.accounts.accounts import Accounts, Person, Visitor
from services.accounts.authentication import Entrance
from services.accounts.login_throttle import Slowing
from services.accounts.passwords import NOTHING_MORE, Policy
from services.accounts.second_factor import SecondFactor
from services.accounts.sessions import USUAL, Limits, Sessions
from services.accounts.users import Users
from services.database.engine import Database

PASSWORD = 'верный пароль 😀\0'
HOME = Visitor('192.0.2.1', 'Firefox', '')
ELSEWHERE = Visitor('198.51.100.7', 'curl', '')


@contextmanager
def quick_hashes() -> Iterator[None]:
    """Hash with little work: what is tested does not depend on how much it is."""
    passwords.context.update(argon2__memory_cost=64, argon2__time_cost=1, argon2__parallelism=1)
    passwords.nobodys_hash.cache_clear()
    yield
    passwords.context.load(passwords.today().to_dict())
    passwords.nobodys_hash.cache_clear()


class Gate:
    """Everything about accounts, put together as the program does."""

    def __init__(
        self,
        database: Database,
        *,
        limits: Limits = USUAL,
        policy: Policy = NOTHING_MORE,
        require_second_factor: bool = False,
    ) -> None:
        self.time = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.accounts = Accounts(database, policy, self._now)
        self.sessions = Sessions(
            database, limits, policy=policy, require_second_factor=require_second_factor, now=self._now
        )
        self.factor = SecondFactor(database, self._now)
        self.users = Users(database, self.accounts, self.sessions, self._now)
        self.slowing = Slowing(lambda: self.time.timestamp())
        self.entrance = Entrance(
            database, self.accounts, self.sessions, self.factor, slowing=self.slowing, now=self._now
        )

    def _now(self) -> datetime:
        return self.time

    def pass_time(self, **parts: float) -> None:
        """Let so much time pass."""
        self.time += timedelta(**parts)

    def add(self, name: str, role: str = 'WebAdmin') -> Person:
        """Add an account that has its own password already."""
        return self.accounts.add(name, role, PASSWORD, must_change=False)

    async def enter(self, name: str, visitor: Visitor = HOME) -> str:
        """Sign in; give the identifier of the session."""
        return (await self.entrance.sign_in(name, PASSWORD, visitor)).identifier

    async def is_in(self, identifier: str) -> bool:
        """Say whether a session still lives."""
        return await self.sessions.find(identifier) is not None
