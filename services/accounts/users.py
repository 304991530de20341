"""User administration: add accounts, change roles, bind to organisations, block, reset passwords, end sessions.

Every change runs through `_change` in one transaction, which checks the role of the administrator again and records the
change in the audit log.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from models import Account, AccountSession, AuditEvent, Role
from services import texts
from services.access_scope.organization_scope import read_account_scope, read_names, set_account_scope
from services.access_scope.scope_words import describe_organizations
from services.accounts.accounts import Accounts, insert_account, validate_name
from services.accounts.identity import AccountError, Identity, UserAccount, find_account, identity_of, normalize_name
from services.accounts.known_devices import forget_devices
from services.accounts.passwords import HASHING_THREADS, hash_password, random_password
from services.accounts.second_factor import remove_second_factor
from services.accounts.sessions import Sessions, end_all_sessions
from services.audit.hash_chain import COMMAND_LINE, AuditEntry, append_entries
from services.database.engine import Database
from services.database.tables import DRAFT_TABLE


class Users:
    """Administer accounts; `admin` is the administrator, or None for the command line of the server."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        sessions: Sessions,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._sessions = sessions
        self._now = now

    async def list_all(self) -> Sequence[UserAccount]:
        """Return every account, sorted by name."""
        return await self._database.read(_load_users)

    async def find(self, name: str) -> Identity:
        """Return the identity of the account with this name.

        Raises:
            AccountError: there is no such account.
        """

        def find_identity(session: Session) -> Identity:
            account = find_account(session, normalize_name(name))
            if account is None:
                raise AccountError(texts.ACCOUNT_UNKNOWN.format(name=name))
            return identity_of(session, account)

        return await self._database.read(find_identity)

    async def add(self, admin: Identity | None, name: str, role: Role) -> tuple[Identity, str]:
        """Add an account and return it with its first password, which is displayed once and has to be changed.

        Raises:
            AccountError: the name is taken or invalid, or `admin` is not an administrator any more.
        """
        normalized = validate_name(name)
        password, hashed = await _new_password()
        account = self._accounts.build_account(normalized, role, hashed, must_change=True)

        def insert_and_record(session: Session) -> Identity:
            check_admin(session, admin)
            added = insert_account(session, account)
            self._record_change(session, admin, texts.ACCESS_USER_ADDED, account)
            return added

        return await self._database.write(insert_and_record), password

    async def set_role(self, admin: Identity | None, identity: Identity, role: Role) -> None:
        """Change the role of a local account and end its sessions. Raises as `block` does."""

        def change(session: Session, account: Account) -> None:
            _check_local(account)
            if role is Role.ADMIN and account.is_bound:
                raise AccountError(texts.ACCOUNT_BOUND_ADMIN)
            account.role = role
            end_all_sessions(session, identity.id)

        await self._change(admin, texts.ACCESS_USER_ROLE, identity, change)

    async def bind(self, admin: Identity | None, identity: Identity, organizations: Collection[str] | None) -> None:
        """Bind an account to organisations, or let it read the data of all, and end its sessions.

        What its pages have stored of typed searches is deleted, because it may name other organisations and persons.

        Args:
            admin: who changes it; None for the command line.
            identity: the account.
            organizations: their names in any spelling; None for all organisations.

        Raises:
            AccountError: as for `block`; also if an organisation is unknown, or the account is an administrator's,
                which is never bound.
        """

        def change(session: Session, account: Account) -> None:
            if account.role == Role.ADMIN and organizations is not None:
                raise AccountError(texts.ACCOUNT_ADMIN_BOUND)
            if unknown_names := set_account_scope(session, account, organizations):
                raise AccountError(texts.TOKEN_NO_ORGANIZATION.format(name=min(unknown_names)))
            session.execute(delete(DRAFT_TABLE).where(DRAFT_TABLE.c.account_id == identity.id))
            end_all_sessions(session, identity.id)

        await self._change(admin, texts.ACCESS_USER_BOUND, identity, change, describe_organizations(organizations))

    async def block(self, admin: Identity | None, identity: Identity) -> None:
        """Block an account and end its sessions.

        Raises:
            AccountError: the account is the last administrator or that of `admin`, it does not exist any more, or
                `admin` is not an administrator any more; the message is for the administrator.
        """

        def change(session: Session, account: Account) -> None:
            account.blocked_at = account.blocked_at or self._now()
            end_all_sessions(session, identity.id)

        await self._change(admin, texts.ACCESS_USER_BLOCKED, identity, change)

    async def unblock(self, admin: Identity | None, identity: Identity) -> None:
        """Unblock an account. Raises as `block` does."""

        def change(_: Session, account: Account) -> None:
            account.blocked_at = None

        await self._change(admin, texts.ACCESS_USER_UNBLOCKED, identity, change)

    async def reset_password(self, admin: Identity | None, identity: Identity) -> str:
        """Set and return a temporary password, displayed once; end the sessions and remove the second factor.

        An account of the identity provider has no password.

        Raises as `block` does.
        """
        password, hashed = await _new_password()

        def change(session: Session, account: Account) -> None:
            _check_local(account)
            account.password_hash, account.password_set_at, account.must_change = hashed, self._now(), True
            remove_second_factor(session, identity.id)
            forget_devices(session, identity.id)
            end_all_sessions(session, identity.id)

        await self._change(admin, texts.ACCESS_USER_RESET, identity, change)
        return password

    async def end_sessions(self, admin: Identity | None, identity: Identity) -> None:
        """End every session of an account. Raises as `block` does."""
        await self._change(
            admin, texts.ACCESS_USER_ENDED, identity, lambda session, account: end_all_sessions(session, identity.id)
        )

    async def _change(
        self,
        admin: Identity | None,
        description: str,
        identity: Identity,
        change: Callable[[Session, Account], None],
        organizations: str = '',
    ) -> None:
        def change_and_record(session: Session) -> None:
            check_admin(session, admin)
            if admin is not None and admin.id == identity.id:
                raise AccountError(texts.ACCOUNT_SELF)
            # Lock the administrators, so that two of them cannot remove each other's role at the same time.
            admins = select(Account).where(col(Account.role) == Role.ADMIN).order_by(col(Account.id)).with_for_update()
            session.exec(admins).all()
            account = session.get(Account, identity.id)
            if account is None:
                raise AccountError(texts.ACCOUNT_GONE)
            was_active_admin = _is_active_admin(account)
            change(session, account)
            session.flush()
            lost_admin = was_active_admin and not _is_active_admin(account)
            if lost_admin and not any(map(_is_active_admin, session.exec(admins))):
                raise AccountError(texts.ACCOUNT_LAST_ADMIN)
            self._record_change(session, admin, description, account, organizations)

        await self._database.write(change_and_record)
        self._sessions.watcher.check_soon()

    def _record_change(
        self, session: Session, admin: Identity | None, description: str, account: Account, organizations: str = ''
    ) -> None:
        """Record the change in the audit log, in the transaction of the change."""
        entry = AuditEntry(
            at=self._now(),
            actor=admin.actor if admin else COMMAND_LINE,
            act=AuditEvent.USER_CHANGED,
            what=description.format(role=account.role, organizations=organizations),
            about=account.name,
        )
        append_entries(session, [entry])


async def _new_password() -> tuple[str, str]:
    """Generate a password; return it with its hash."""
    password = random_password()
    hashed = await asyncio.get_running_loop().run_in_executor(HASHING_THREADS, hash_password, password)
    return password, hashed


def check_admin(session: Session, admin: Identity | None) -> None:
    """Check in the transaction of a change that `admin` still is an active administrator.

    Raises:
        AccountError: they are not; None is the command line of the server, which always is.
    """
    if admin is None:
        return
    account = session.get(Account, admin.id)
    if account is None or not _is_active_admin(account):
        raise AccountError(texts.ACCOUNT_NOT_ADMIN)


def _check_local(account: Account) -> None:
    """Check that the program decides about an account.

    Raises:
        AccountError: the identity provider does.
    """
    if account.oidc_issuer is not None:
        raise AccountError(texts.ACCOUNT_EXTERNAL.format(name=account.name))


def _is_active_admin(account: Account) -> bool:
    return account.role == Role.ADMIN and account.blocked_at is None


def _load_users(session: Session) -> list[UserAccount]:
    session_count = (
        select(func.count())
        .where(col(AccountSession.account_id) == col(Account.id), ~col(AccountSession.code_due))
        .scalar_subquery()
    )
    return [
        UserAccount(
            identity=identity_of(session, account),
            must_change=account.must_change,
            blocked_at=account.blocked_at,
            signed_in_at=account.signed_in_at,
            second_factor=account.totp_secret is not None,
            sessions=sessions,
            organizations=read_names(session, read_account_scope(session, account)),
        )
        for account, sessions in session.exec(select(Account, session_count).order_by(col(Account.name)))
    ]
