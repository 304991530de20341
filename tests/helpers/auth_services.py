"""Accounts, sessions and sign-in over a database of the test's own, with a clock that the test advances."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from services.accounts import passwords
from services.accounts.accounts import Accounts, ClientInfo, Identity
from services.accounts.authentication import Authentication
from services.accounts.identity import ALL_ACCOUNTS, AllowedAccounts
from services.accounts.login_throttle import LoginThrottle
from services.accounts.passwords import DEFAULT_POLICY, PasswordPolicy
from services.accounts.second_factor import SecondFactor
from services.accounts.sessions import DEFAULT_LIMITS, SessionLimits, Sessions
from services.accounts.users import Users
from services.database.engine import Database
from services.keys.data_key import DataKey

PASSWORD = 'верный пароль 😀\0'
FIRST_CLIENT = ClientInfo('192.0.2.1', 'Firefox', '')
OTHER_CLIENT = ClientInfo('198.51.100.7', 'curl', '')


@contextmanager
def fast_password_hashing() -> Iterator[None]:
    """Hash passwords at low cost, for tests that do not depend on the cost; restore the parameters at the end."""
    parameters = passwords.hash_context.to_dict()
    passwords.hash_context.update(argon2__memory_cost=64, argon2__time_cost=1, argon2__parallelism=1)
    passwords.dummy_hash.cache_clear()
    yield
    passwords.hash_context.load(parameters)
    passwords.dummy_hash.cache_clear()


async def checked_identity(accounts: Accounts, name: str, password: str) -> Identity | None:
    """Return the identity with this name and password; None if one of them is wrong."""
    verified = await accounts.verify_credentials(name, password)
    return verified.identity if verified else None


class AuthServices:
    """The services of accounts, composed as in the program."""

    def __init__(
        self,
        database: Database,
        *,
        limits: SessionLimits = DEFAULT_LIMITS,
        policy: PasswordPolicy = DEFAULT_POLICY,
        require_second_factor: bool = False,
        allowed_accounts: AllowedAccounts = ALL_ACCOUNTS,
    ) -> None:
        self.time = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.accounts = Accounts(database, policy, self.now, allowed_accounts)
        self.sessions = Sessions(
            database,
            limits,
            policy=policy,
            require_second_factor=require_second_factor,
            allowed_accounts=allowed_accounts,
            now=self.now,
        )
        self.factor = SecondFactor(database, DataKey('k' * 32), self.now)
        self.users = Users(database, self.accounts, self.sessions, self.now)
        self.login_throttle = LoginThrottle(lambda: self.time.timestamp())
        self.authentication = Authentication(
            database, self.accounts, self.sessions, self.factor, throttle=self.login_throttle, now=self.now
        )

    def now(self) -> datetime:
        """Return the time of the clock."""
        return self.time

    def advance_clock(self, **parts: float) -> None:
        """Advance the clock; `parts` are those of a timedelta."""
        self.time += timedelta(**parts)

    def add(self, name: str, role: str = 'WebAdmin') -> Identity:
        """Add an account that need not change its password."""
        return self.accounts.add(name, role, PASSWORD, must_change=False)

    async def sign_in(self, name: str, visitor: ClientInfo = FIRST_CLIENT) -> str:
        """Sign in, and return the identifier of the session."""
        return (await self.authentication.sign_in(name, PASSWORD, visitor)).identifier

    async def is_signed_in(self, identifier: str) -> bool:
        """Return whether a session is still valid."""
        return await self.sessions.find(identifier) is not None
