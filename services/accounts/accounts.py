"""Accounts in the database: credentials, creation, preferences."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models import Account, AuditEvent, Preference, Role
from services import texts
from services.accounts.identity import (
    ALL_ACCOUNTS,
    JOURNAL_ROLES,
    MAX_NAME_LENGTH,
    NAME_PATTERN,
    AccountError,
    AllowedAccounts,
    ClientInfo,
    Identity,
    RequiredStep,
    SignInThrottledError,
    UserAccount,
    VerifiedAccount,
    find_account,
    identity_of,
    normalize_name,
)
from services.accounts.passwords import (
    DEFAULT_POLICY,
    HASHING_THREADS,
    PasswordPolicy,
    demonstration_password,
    dummy_hash,
    hash_password,
    random_password,
    verify_password,
)
from services.accounts.second_factor import remove_second_factor
from services.accounts.sessions import end_all_sessions
from services.audit.hash_chain import COMMAND_LINE, AuditEntry, append_entries
from services.database.engine import Database

__all__ = [
    'FIRST_ADMIN_NAME',
    'JOURNAL_ROLES',
    'NAME_PATTERN',
    'AccountError',
    'Accounts',
    'ClientInfo',
    'Identity',
    'RequiredStep',
    'SignInThrottledError',
    'UserAccount',
]

FIRST_ADMIN_NAME: Final = 'admin'
log = logging.getLogger(__name__)


class Accounts:
    """Read and write accounts; names are compared without case."""

    def __init__(
        self,
        database: Database,
        policy: PasswordPolicy = DEFAULT_POLICY,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        allowed_accounts: AllowedAccounts = ALL_ACCOUNTS,
    ) -> None:
        self._database = database
        self._allowed_accounts = allowed_accounts
        self._now = now
        self.policy: Final = policy

    async def verify_credentials(self, name: str, password: str) -> VerifiedAccount | None:
        """Return the account with this name and password, else None; both cases take equally long.

        An account that has no password, or may not sign in by the settings, has the same answer as an unknown name.

        Raises:
            AccountError: name and password are right, but the account is blocked.
            DatabaseError: see services.errors.
        """
        account = await self._find(name)
        if account and (account.oidc_issuer or not self._allowed_accounts.include(account.name, None)):
            account = None
        is_correct, new_hash = await asyncio.get_running_loop().run_in_executor(
            HASHING_THREADS, verify_password, password, account.password_hash if account else None
        )
        if account is None or not is_correct:
            return None
        if account.blocked_at:
            raise AccountError(texts.SIGN_IN_BLOCKED)
        identity = await self._database.read(lambda session: identity_of(session, account))
        verified = VerifiedAccount(identity, account.password_hash, account.totp_secret)
        if new_hash:
            return await self._database.write(lambda session: _store_new_hash(session, verified, new_hash))
        return verified

    async def password_set_at(self, account_id: int) -> datetime:
        """Return when the password of an existing account was set."""
        return await self._database.read(lambda session: session.get_one(Account, account_id).password_set_at)

    def warm_up(self) -> None:
        """Compute the dummy hash, so that the first sign-in is not slower than the next ones; blocks for 100 ms."""
        dummy_hash()

    def warn_without_local_account(self) -> None:
        """Log a warning if the only account with a password that may sign in does not exist or is blocked; blocks.

        Otherwise this is noticed on the day on which the identity provider does not answer.
        """
        name = self._allowed_accounts.only_local
        if not name:
            return
        account = self._database.read_sync(lambda session: find_account(session, name))
        if account is None or account.oidc_issuer:
            log.warning('JOURNAL_LOCAL_ACCOUNTS names no account with a password; create it by `user add`')
        elif account.blocked_at:
            log.warning('the account of JOURNAL_LOCAL_ACCOUNTS is blocked; unblock it by `user unblock`')

    def add(self, name: str, role: str, password: str, *, must_change: bool = True) -> Identity:
        """Add an account and record it in the audit log; blocks (for the command line).

        Args:
            name: the name to sign in with; case does not matter.
            role: the name of a role; case does not matter.
            password: the first password.
            must_change: whether the owner has to change the password at the first sign-in, because somebody else
                knows it.

        Raises:
            AccountError: the name is taken or invalid, there is no such role, or the policy rejects the password.
        """
        roles = {role_name.lower(): role_name for role_name in Role}
        if role.lower() not in roles:
            raise AccountError(texts.ACCOUNT_NO_ROLE.format(role=role, known=', '.join(Role)))
        normalized = validate_name(name)
        try:
            self.policy.check(password)
        except ValueError as error:
            raise AccountError(str(error)) from None
        account = self.build_account(normalized, roles[role.lower()], hash_password(password), must_change=must_change)

        def insert_and_record(session: Session) -> Identity:
            added = insert_account(session, account)
            self._record_change(session, account, texts.ACCESS_USER_ADDED)
            return added

        return self._database.write_sync(insert_and_record)

    def create_first_admin(self) -> str | None:
        """Create the account `admin` if there is no account at all; blocks.

        Returns:
            Its random password, to be shown once; None if an account exists already.
        """
        if self._database.read_sync(_count_accounts):
            return None
        password = random_password()
        account = self.build_account(FIRST_ADMIN_NAME, Role.ADMIN, hash_password(password), must_change=True)

        def insert_and_record(session: Session) -> str | None:
            if _count_accounts(session):
                return None
            session.add(account)
            self._record_change(session, account, texts.ACCESS_USER_FIRST)
            return password

        try:
            return self._database.write_sync(insert_and_record)
        except IntegrityError:
            # Another process that started at the same moment created the account and shows its password.
            return None

    def reset_demonstration_admin(self) -> str:
        """Set a new random password for `admin`, creating the account if necessary, and return the password; blocks.

        Used by the demonstration only, which shows the password at every start: the database stores hashes alone, so
        a new password is generated each time. It need not be changed. The account is reset: it is unblocked, its
        sessions end and its second factor is removed.
        """
        password = demonstration_password()
        account = self.build_account(FIRST_ADMIN_NAME, Role.ADMIN, hash_password(password), must_change=False)

        def store_and_record(session: Session) -> None:
            if existing := find_account(session, FIRST_ADMIN_NAME):
                identity = identity_of(session, existing)
                end_all_sessions(session, identity.id)
                remove_second_factor(session, identity.id)
                account.id = identity.id
            session.merge(account)
            self._record_change(session, account, texts.ACCESS_USER_FOR_DEMONSTRATION)

        self._database.write_sync(store_and_record)
        return password

    async def preferences(self, account_id: int) -> dict[str, int | str | bool]:
        """Return all preferences of an account by name."""

        def load_preferences(session: Session) -> dict[str, int | str | bool]:
            rows = session.exec(select(Preference).where(col(Preference.account_id) == account_id))
            return {row.name: row.value for row in rows}

        return await self._database.read(load_preferences)

    async def set_preference(self, account_id: int, name: str, value: int | str | bool) -> None:
        """Store one preference of an account."""
        row = Preference(account_id=account_id, name=name, value=value)
        await self._database.write(lambda session: session.merge(row))

    async def find_name(self, name: str) -> str | None:
        """Return the normalized name of the account with this name; None if there is none."""
        account = await self._find(name)
        return account.name if account else None

    async def _find(self, name: str) -> Account | None:
        normalized = normalize_name(name)
        if not NAME_PATTERN.fullmatch(normalized):
            return None
        return await self._database.read(lambda session: find_account(session, normalized))

    def _record_change(self, session: Session, account: Account, change: str) -> None:
        """Record a change made by the server itself, in the transaction of the change."""
        what = change.format(role=account.role)
        append_entries(
            session, [AuditEntry(self._now(), COMMAND_LINE, AuditEvent.USER_CHANGED, what=what, about=account.name)]
        )

    def build_account(self, name: str, role: Role, password_hash: str, *, must_change: bool) -> Account:
        """Build the row of a new account."""
        now = self._now()
        return Account(
            name=name,
            password_hash=password_hash,
            role=role,
            created_at=now,
            password_set_at=now,
            must_change=must_change,
        )


def validate_name(name: str) -> str:
    """Return the normalized name.

    Raises:
        AccountError: the name is not a valid account name.
    """
    normalized = normalize_name(name)
    if not NAME_PATTERN.fullmatch(normalized):
        raise AccountError(texts.ACCOUNT_NAME_RULE.format(name=name, longest=MAX_NAME_LENGTH))
    return normalized


def insert_account(session: Session, account: Account) -> Identity:
    """Insert a new account and return its identity.

    Raises:
        AccountError: the name is taken.
    """
    session.add(account)
    try:
        session.flush()
    except IntegrityError:
        raise AccountError(texts.ACCOUNT_NAME_EXISTS.format(name=account.name)) from None
    return identity_of(session, account)


def _count_accounts(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Account)).one()


def _store_new_hash(session: Session, verified: VerifiedAccount, password_hash: str) -> VerifiedAccount | None:
    """Store a new hash of the same password, unless the password was changed meanwhile; None if it was."""
    account = session.get(Account, verified.identity.id, with_for_update=True)
    if account is None or account.password_hash != verified.password_hash:
        return None
    account.password_hash = password_hash
    return replace(verified, password_hash=password_hash)
