"""What an administrator does to accounts: adds them, changes roles, blocks, gives new passwords, ends sessions.

Everything goes through `_change`, in one transaction: who asks is looked at again there, and what was done is told.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from models import Account, AccountSession, Act, Role
from services import texts
from services.accounts.accounts import Accounts, insert, usable_name
from services.accounts.identity import AccountRefused, Person, User, by_name, normal, person_of
from services.accounts.passwords import HASHING_THREADS, hash_password, random_password
from services.accounts.second_factor import forget
from services.accounts.sessions import Sessions, end_all
from services.audit.hash_chain import TERMINAL, Entry, append
from services.database.engine import Database


class Users:
    """Accounts as an administrator works on them; `by` is he, or None for the command line of the server itself."""

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

    async def all(self) -> Sequence[User]:
        """Give every account, sorted by name."""
        return await self._database.read(_all)

    async def find(self, name: str) -> Person:
        """Give the person of this name.

        Raises:
            AccountRefused: there is none.
        """
        found = await self._database.read(lambda session: by_name(session, normal(name)))
        if found is None:
            raise AccountRefused(texts.ACCOUNT_UNKNOWN.format(name=name))
        return person_of(found)

    async def add(self, by: Person | None, name: str, role: Role) -> tuple[Person, str]:
        """Add an account, and give its first password, which is shown once and has to be changed.

        Raises:
            AccountRefused: the name is taken or unusable, or `by` is no administrator any more.
        """
        wanted, (password, hashed) = usable_name(name), await _random()
        account = self._accounts.new(wanted, role, hashed, must_change=True)

        def work(session: Session) -> Person:
            _check_admin(session, by)
            added = insert(session, account)
            self._told(session, by, texts.ACCESS_USER_ADDED, account)
            return added

        return await self._database.write(work), password

    async def set_role(self, by: Person | None, person: Person, role: Role) -> None:
        """Give somebody another role; his sessions end. Raises as `block` does."""

        def change(session: Session, account: Account) -> None:
            account.role = role
            end_all(session, person.id)

        await self._change(by, texts.ACCESS_USER_ROLE, person, change)

    async def block(self, by: Person | None, person: Person) -> None:
        """Let somebody in no more, and end his sessions.

        Raises:
            AccountRefused: it is the last administrator or `by` himself, the account is gone, or `by` is no
                administrator any more; the message is for him.
        """

        def change(session: Session, account: Account) -> None:
            account.blocked_at = account.blocked_at or self._now()
            end_all(session, person.id)

        await self._change(by, texts.ACCESS_USER_BLOCKED, person, change)

    async def unblock(self, by: Person | None, person: Person) -> None:
        """Let somebody in again. Raises as `block` does."""

        def change(_: Session, account: Account) -> None:
            account.blocked_at = None

        await self._change(by, texts.ACCESS_USER_UNBLOCKED, person, change)

    async def reset(self, by: Person | None, person: Person) -> str:
        """Give a new password, shown once and to be changed; sessions and the second factor end. Raises as `block`."""
        password, hashed = await _random()

        def change(session: Session, account: Account) -> None:
            account.password_hash, account.password_set_at, account.must_change = hashed, self._now(), True
            forget(session, person.id)
            end_all(session, person.id)

        await self._change(by, texts.ACCESS_USER_RESET, person, change)
        return password

    async def end_sessions(self, by: Person | None, person: Person) -> None:
        """End every session of somebody. Raises as `block` does."""
        await self._change(by, texts.ACCESS_USER_ENDED, person, lambda session, account: end_all(session, person.id))

    async def _change(
        self, by: Person | None, what: str, person: Person, change: Callable[[Session, Account], None]
    ) -> None:
        def work(session: Session) -> None:
            _check_admin(session, by)
            if by is not None and by.id == person.id:
                raise AccountRefused(texts.ACCOUNT_SELF)
            # Two who take each other's role away at once wait for each other here.
            admins = select(Account).where(col(Account.role) == Role.ADMIN).order_by(col(Account.id)).with_for_update()
            session.exec(admins).all()
            account = session.get(Account, person.id)
            if account is None:
                raise AccountRefused(texts.ACCOUNT_GONE)
            ruled = _rules(account)
            change(session, account)
            session.flush()
            if ruled and not _rules(account) and not any(map(_rules, session.exec(admins))):
                raise AccountRefused(texts.ACCOUNT_LAST_ADMIN)
            self._told(session, by, what, account)

        await self._database.write(work)
        self._sessions.look_soon()

    def _told(self, session: Session, by: Person | None, what: str, account: Account) -> None:
        """Put on record what is being done, in the transaction that does it."""
        entry = Entry(
            at=self._now(),
            actor=by.actor if by else TERMINAL,
            act=Act.USER_CHANGED,
            what=what.format(role=account.role),
            about=account.name,
        )
        append(session, [entry])


async def _random() -> tuple[str, str]:
    """Make a password, and what is kept of it."""
    password = random_password()
    hashed = await asyncio.get_running_loop().run_in_executor(HASHING_THREADS, hash_password, password)
    return password, hashed


def _check_admin(session: Session, by: Person | None) -> None:
    if by is None:
        return
    account = session.get(Account, by.id)
    if account is None or not _rules(account):
        raise AccountRefused(texts.ACCOUNT_NOT_ADMIN)


def _rules(account: Account) -> bool:
    return account.role == Role.ADMIN and account.blocked_at is None


def _all(session: Session) -> list[User]:
    open_sessions = (
        select(func.count())
        .where(col(AccountSession.account_id) == col(Account.id), ~col(AccountSession.code_due))
        .scalar_subquery()
    )
    return [
        User(
            person=person_of(account),
            must_change=account.must_change,
            blocked_at=account.blocked_at,
            signed_in_at=account.signed_in_at,
            second_factor=account.totp_secret is not None,
            sessions=sessions,
        )
        for account, sessions in session.exec(select(Account, open_sessions).order_by(col(Account.name)))
    ]
