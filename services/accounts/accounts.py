"""Who may sign in, as whom, and what each has set up for himself."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models import Account, Act, Preference, Role
from services import texts
from services.accounts.identity import (
    JOURNAL_ROLES,
    LONGEST_NAME,
    NAME,
    AccountRefused,
    Duty,
    Person,
    TooSoon,
    User,
    Visitor,
    by_name,
    normal,
    person_of,
)
from services.accounts.passwords import (
    HASHING_THREADS,
    NOTHING_MORE,
    Policy,
    hash_password,
    nobodys_hash,
    random_password,
    verify_password,
)
from services.accounts.second_factor import forget
from services.accounts.sessions import end_all
from services.audit.hash_chain import TERMINAL, Entry, append
from services.database.engine import Database

__all__ = [
    'FIRST_NAME',
    'JOURNAL_ROLES',
    'NAME',
    'AccountRefused',
    'Accounts',
    'Duty',
    'Person',
    'TooSoon',
    'User',
    'Visitor',
]

FIRST_NAME: Final = 'admin'


@dataclass(frozen=True)
class _Known:
    person: Person
    password_hash: str
    blocked: bool


class Accounts:
    """Accounts in the journal's own database. Names differ by more than case."""

    def __init__(
        self,
        database: Database,
        policy: Policy = NOTHING_MORE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._now = now
        self.policy: Final = policy

    async def sign_in(self, name: str, password: str) -> Person | None:
        """Give the person whose name and password these are, else None; both answers take equally long.

        Raises:
            AccountRefused: both are right, but the account is blocked.
            Unavailable, Busy: see services.database.engine.
        """
        wanted = normal(name)
        known = await self._database.read(lambda session: _known(session, wanted)) if NAME.fullmatch(wanted) else None
        right, renewed = await asyncio.get_running_loop().run_in_executor(
            HASHING_THREADS, verify_password, password, known.password_hash if known else None
        )
        if known is None or not right:
            return None
        if known.blocked:
            raise AccountRefused(texts.SIGN_IN_BLOCKED)
        if renewed:
            return await self._database.write(lambda session: _renew(session, known, renewed))
        return known.person

    async def person(self, person_id: int) -> Person | None:
        """Give a person as he is in the database now; None when there is no such account any more."""

        def find(session: Session) -> Person | None:
            account = session.get(Account, person_id)
            return person_of(account) if account else None

        return await self._database.read(find)

    async def password_set_at(self, person_id: int) -> datetime:
        """Give when the password of an account that is there was set."""
        return await self._database.read(lambda session: session.get_one(Account, person_id).password_set_at)

    def prepare(self) -> None:
        """Do what the first sign-in would otherwise wait for, and tell by its wait; blocks for a moment."""
        nobodys_hash()

    def add(self, name: str, role: str, password: str, *, must_change: bool = True) -> Person:
        """Add an account; blocks (for the command line).

        Args:
            name: what to sign in with; case does not matter.
            role: the name of a role; case does not matter.
            password: the first password.
            must_change: whether its owner has to change it at the first sign-in, because somebody else knows it.

        Raises:
            AccountRefused: the name is taken or unusable, there is no such role, or the password may not be set.
        """
        roles = {known.lower(): known for known in Role}
        if role.lower() not in roles:
            raise AccountRefused(texts.ACCOUNT_NO_ROLE.format(role=role, known=', '.join(Role)))
        wanted = usable_name(name)
        try:
            self.policy.check(password)
        except ValueError as error:
            raise AccountRefused(str(error)) from None
        account = self.new(wanted, roles[role.lower()], hash_password(password), must_change=must_change)

        def put(session: Session) -> Person:
            added = insert(session, account)
            self._record(session, account, texts.ACCESS_USER_ADDED)
            return added

        return self._database.write_now(put)

    def first_admin(self) -> str | None:
        """Make the account `admin` when there is no account at all; blocks.

        Returns:
            Its random password, to be shown once; None when somebody can sign in already.
        """
        if self._database.read_now(_count):
            return None
        password = random_password()
        account = self.new(FIRST_NAME, Role.ADMIN, hash_password(password), must_change=True)

        def put(session: Session) -> str | None:
            if _count(session):
                return None
            session.add(account)
            self._record(session, account, texts.ACCESS_USER_FIRST)
            return password

        try:
            return self._database.write_now(put)
        except IntegrityError:
            # Another process that started at the same moment was first; its password was shown.
            return None

    def demonstration_admin(self) -> str:
        """Give `admin` a new random password, making the account if need be; blocks.

        For demonstrations alone: only hashes are kept, so that a password to be shown at every start is made at every
        start. It need not be changed, and whatever was done to the account before is undone.
        """
        password = random_password()
        account = self.new(FIRST_NAME, Role.ADMIN, hash_password(password), must_change=False)

        def put(session: Session) -> None:
            if known := by_name(session, FIRST_NAME):
                person = person_of(known)
                end_all(session, person.id)
                forget(session, person.id)
                account.id = person.id
            session.merge(account)
            self._record(session, account, texts.ACCESS_USER_FOR_DEMONSTRATION)

        self._database.write_now(put)
        return password

    async def preferences(self, person_id: int) -> dict[str, int | str | bool]:
        """Give all that a person has set up, by name."""

        def find(session: Session) -> dict[str, int | str | bool]:
            rows = session.exec(select(Preference).where(col(Preference.account_id) == person_id))
            return {row.name: row.value for row in rows}

        return await self._database.read(find)

    async def set_preference(self, person_id: int, name: str, value: int | str | bool) -> None:
        """Keep a person's choice for the next time."""
        row = Preference(account_id=person_id, name=name, value=value)
        await self._database.write(lambda session: session.merge(row))

    async def known_name(self, typed: str) -> str | None:
        """Give the name of the account that this is the name of; None when there is none."""
        wanted = normal(typed)
        known = await self._database.read(lambda session: _known(session, wanted)) if NAME.fullmatch(wanted) else None
        return known.person.name if known else None

    def _record(self, session: Session, account: Account, change: str) -> None:
        """Record what the server itself did to an account, in the transaction that does it."""
        what = change.format(role=account.role)
        append(session, [Entry(self._now(), TERMINAL, Act.USER_CHANGED, what=what, about=account.name)])

    def new(self, name: str, role: Role, password_hash: str, *, must_change: bool) -> Account:
        """Make the row of a new account."""
        now = self._now()
        return Account(
            name=name,
            password_hash=password_hash,
            role=role,
            created_at=now,
            password_set_at=now,
            must_change=must_change,
        )


def usable_name(name: str) -> str:
    """Give a name as it is kept.

    Raises:
        AccountRefused: nobody can be called so.
    """
    wanted = normal(name)
    if not NAME.fullmatch(wanted):
        raise AccountRefused(texts.ACCOUNT_NAME_RULE.format(name=name, longest=LONGEST_NAME))
    return wanted


def insert(session: Session, account: Account) -> Person:
    """Put a new account into the database.

    Raises:
        AccountRefused: the name is taken.
    """
    session.add(account)
    try:
        session.flush()
    except IntegrityError:
        raise AccountRefused(texts.ACCOUNT_NAME_TAKEN.format(name=account.name)) from None
    return person_of(account)


def _count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Account)).one()


def _known(session: Session, name: str) -> _Known | None:
    account = by_name(session, name)
    return _Known(person_of(account), account.password_hash, account.blocked_at is not None) if account else None


def _renew(session: Session, known: _Known, password_hash: str) -> Person | None:
    """Keep a new hash of the same password, unless the password was changed meanwhile."""
    account = session.get(Account, known.person.id)
    if account is None or account.password_hash != known.password_hash:
        return None
    account.password_hash = password_hash
    return person_of(account)
