"""Accounts, sessions and the way in over a database of a test's own, at a clock that the test moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from services.accounts import passwords
from services.accounts.accounts import Accounts, ClientInfo, Identity
from services.accounts.authentication import Authentication
from services.accounts.login_throttle import LoginThrottle
from services.accounts.passwords import DEFAULT_POLICY, PasswordPolicy
from services.accounts.second_factor import SecondFactor
from services.accounts.sessions import DEFAULT_LIMITS, SessionLimits, Sessions
from services.accounts.users import Users
from services.database.engine import Database

PASSWORD = 'верный пароль 😀\0'
FIRST_CLIENT = ClientInfo('192.0.2.1', 'Firefox', '')
OTHER_CLIENT = ClientInfo('198.51.100.7', 'curl', '')


@contextmanager
def fast_password_hashing() -> Iterator[None]:
    """Hash with little work: what is tested does not depend on how much it is."""
    passwords.hash_context.update(argon2__memory_cost=64, argon2__time_cost=1, argon2__parallelism=1)
    passwords.dummy_hash.cache_clear()
    yield
    passwords.hash_context.load(passwords.create_hash_context().to_dict())
    passwords.dummy_hash.cache_clear()


class AuthServices:
    """Everything about accounts, put together as the program does."""

    def __init__(
        self,
        database: Database,
        *,
        limits: SessionLimits = DEFAULT_LIMITS,
        policy: PasswordPolicy = DEFAULT_POLICY,
        require_second_factor: bool = False,
    ) -> None:
        self.time = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.accounts = Accounts(database, policy, self._now)
        self.sessions = Sessions(
            database, limits, policy=policy, require_second_factor=require_second_factor, now=self._now
        )
        self.factor = SecondFactor(database, self._now)
        self.users = Users(database, self.accounts, self.sessions, self._now)
        self.login_throttle = LoginThrottle(lambda: self.time.timestamp())
        self.authentication = Authentication(
            database, self.accounts, self.sessions, self.factor, throttle=self.login_throttle, now=self._now
        )

    def _now(self) -> datetime:
        return self.time

    def advance_clock(self, **parts: float) -> None:
        """Let so much time pass."""
        self.time += timedelta(**parts)

    def add(self, name: str, role: str = 'WebAdmin') -> Identity:
        """Add an account that has its own password already."""
        return self.accounts.add(name, role, PASSWORD, must_change=False)

    async def sign_in(self, name: str, visitor: ClientInfo = FIRST_CLIENT) -> str:
        """Sign in; give the identifier of the session."""
        return (await self.authentication.sign_in(name, PASSWORD, visitor)).identifier

    async def is_signed_in(self, identifier: str) -> bool:
        """Say whether a session still lives."""
        return await self.sessions.find(identifier) is not None
