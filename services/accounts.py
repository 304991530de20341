"""Who may sign in, as whom, and what each has set up for himself."""

import asyncio
import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models import Account, Act, Preference, Role
from services import texts
from services.access.chain import TERMINAL, Actor, Entry, append
from services.database import Database
from services.passwords import (
    HASHING_THREADS,
    check_password,
    hash_password,
    nobodys_hash,
    random_password,
    verify_password,
)

FIRST_NAME: Final = 'admin'
LONGEST_NAME: Final = 64
NAME: Final = re.compile(rf'[\w.@-]{{1,{LONGEST_NAME}}}')
JOURNAL_ROLES: Final = frozenset({Role.ADMIN, Role.WEB_ADMIN})
"""Roles that may enter the journals (spec S1)."""


@dataclass(frozen=True)
class Person:
    """Somebody who signed in."""

    id: int
    name: str
    role: Role
    stamp: str = field(default='', repr=False)
    """Changes with the password, so that sessions begun with the old one end."""

    @property
    def may_read_journals(self) -> bool:
        """Whether the journals open for this person (spec S1)."""
        return self.role in JOURNAL_ROLES


@dataclass(frozen=True)
class _Known:
    person: Person
    password_hash: str


class AccountRefused(Exception):
    """An account that cannot be made as asked; the message is for the person who asked."""


class Accounts:
    """Accounts in the journal's own database. Names differ by more than case."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    async def sign_in(self, name: str, password: str) -> Person | None:
        """Give the person whose name and password these are, else None; both answers take equally long.

        Raises:
            Unavailable, Busy: see services.database.
        """
        wanted = _normal(name)
        known = await self._database.read(lambda session: _known(session, wanted)) if NAME.fullmatch(wanted) else None
        right, renewed = await asyncio.get_running_loop().run_in_executor(
            HASHING_THREADS, verify_password, password, known.password_hash if known else None
        )
        if known is None or not right:
            return None
        if renewed:
            return await self._database.write(lambda session: _renew(session, known, renewed))
        return known.person

    async def person(self, person_id: int) -> Person | None:
        """Give a person as he is in the database now; None when there is no such account any more."""

        def find(session: Session) -> Person | None:
            account = session.get(Account, person_id)
            return _person(account) if account else None

        return await self._database.read(find)

    def prepare(self) -> None:
        """Do what the first sign-in would otherwise wait for, and tell by its wait; blocks for a moment."""
        nobodys_hash()

    def add(self, name: str, role: str, password: str) -> Person:
        """Add an account; blocks (for the command line).

        Raises:
            AccountRefused: the name is taken or unusable, there is no such role, or the password may not be set.
        """
        wanted = _normal(name)
        if not NAME.fullmatch(wanted):
            raise AccountRefused(texts.ACCOUNT_NAME_RULE.format(name=name, longest=LONGEST_NAME))
        roles = {known.lower(): known for known in Role}
        if role.lower() not in roles:
            raise AccountRefused(texts.ACCOUNT_NO_ROLE.format(role=role, known=', '.join(Role)))
        try:
            check_password(password)
        except ValueError as error:
            raise AccountRefused(str(error)) from None
        account = self._new(wanted, roles[role.lower()], password)

        def insert(session: Session) -> Person:
            session.add(account)
            session.flush()
            self._record(session, account, texts.USER_ADDED)
            return _person(account)

        try:
            return self._database.write_now(insert)
        except IntegrityError:
            raise AccountRefused(texts.ACCOUNT_NAME_TAKEN.format(name=wanted)) from None

    def first_admin(self) -> str | None:
        """Make the account `admin` when there is no account at all; blocks.

        Returns:
            Its random password, to be shown once; None when somebody can sign in already.
        """
        if self._database.read_now(_count):
            return None
        password = random_password()
        account = self._new(FIRST_NAME, Role.ADMIN, password)

        def insert(session: Session) -> str | None:
            if _count(session):
                return None
            session.add(account)
            self._record(session, account, texts.USER_FIRST)
            return password

        try:
            return self._database.write_now(insert)
        except IntegrityError:
            # Another process that started at the same moment was first; its password was shown.
            return None

    def demonstration_admin(self) -> str:
        """Give `admin` a new random password, making the account if need be; blocks.

        For demonstrations alone: only hashes are kept, so that a password to be shown at every start is made at every
        start.
        """
        password = random_password()
        account = self._new(FIRST_NAME, Role.ADMIN, password)

        def put(session: Session) -> None:
            if known := _by_name(session, FIRST_NAME):
                known.password_hash, known.role = account.password_hash, account.role
            else:
                session.add(account)
            self._record(session, account, texts.USER_FOR_DEMONSTRATION)

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
        wanted = _normal(typed)
        known = await self._database.read(lambda session: _known(session, wanted)) if NAME.fullmatch(wanted) else None
        return known.person.name if known else None

    def _record(self, session: Session, account: Account, change: str, by: Actor = TERMINAL) -> None:
        """Record a change to a user in the transaction that changes him: both are done, or neither."""
        what = change.format(role=account.role)
        append(session, [Entry(self._now(), by, Act.USER_CHANGED, what=what, about=account.name)])

    def _new(self, name: str, role: Role, password: str) -> Account:
        return Account(name=name, password_hash=hash_password(password), role=role, created_at=self._now())


def _normal(name: str) -> str:
    return unicodedata.normalize('NFKC', name[: 4 * LONGEST_NAME]).strip().lower()


def _by_name(session: Session, name: str) -> Account | None:
    return session.exec(select(Account).where(col(Account.name) == name)).first()


def _count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Account)).one()


def _known(session: Session, name: str) -> _Known | None:
    account = _by_name(session, name)
    return _Known(_person(account), account.password_hash) if account else None


def _renew(session: Session, known: _Known, password_hash: str) -> Person | None:
    """Keep a new hash of the same password, unless the password was changed meanwhile."""
    account = session.get(Account, known.person.id)
    if account is None or account.password_hash != known.password_hash:
        return None
    account.password_hash = password_hash
    return _person(account)


def _person(account: Account) -> Person:
    assert account.id is not None
    stamp = hashlib.sha256(account.password_hash.encode()).hexdigest()[:16]
    return Person(id=account.id, name=account.name, role=Role(account.role), stamp=stamp)
