"""The way in: what a visitor has to prove, how fast he may try, and the session that he gets."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlmodel import Session

from models import Account, Act, KnownDevice
from services import texts
from services.accounts.accounts import Accounts
from services.accounts.identity import AccountRefused, Duty, Person, Visitor, by_name, digest, normal
from services.accounts.login_throttle import Slowing
from services.accounts.passwords import HASHING_THREADS, hash_password
from services.accounts.second_factor import SecondFactor
from services.accounts.sessions import Sessions, SignedIn, end_all
from services.audit.hash_chain import Entry, append
from services.database.engine import Database


@dataclass(frozen=True)
class Entered:
    """What the browser of somebody who was let in has to keep."""

    identifier: str
    """Of his session."""
    device: str
    """By which the device is known next time; empty while the code is due."""


class Entrance:
    """Lets people in, and lets them change what they come in by."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        sessions: Sessions,
        factor: SecondFactor,
        *,
        slowing: Slowing | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._sessions = sessions
        self._factor = factor
        self._slowing = slowing or Slowing()
        self._now = now

    async def sign_in(self, name: str, password: str, visitor: Visitor) -> Entered:
        """Begin a session of the person whose name and password these are; the code may be due in it.

        Raises:
            AccountRefused: they are nobody's, or it is too soon after failures; the message is for the visitor.
            Unavailable, Busy: see services.database.engine.
        """
        wanted = normal(name)
        forgive = self._slowing.begin(wanted, visitor.address, await self._known_device(wanted, visitor.device))
        person = await self._accounts.sign_in(name, password)
        if person is None:
            raise AccountRefused(texts.SIGN_IN_REFUSED)
        forgive()
        if await self._factor.left(person.id) is not None:
            return Entered(await self._sessions.begin(person, visitor, code_due=True), '')
        return await self._enter(person, visitor)

    async def give_code(self, signed: SignedIn, code: str, visitor: Visitor) -> Entered:
        """Go on from a session in which the code is due to one in which it is not.

        Raises:
            AccountRefused: the code is wrong or was used before, or it is too soon after failures.
        """
        forgive = self._slowing.begin(f'{signed.person.name}/code', visitor.address)
        if signed.duty is not Duty.CODE or not await self._factor.accepts(signed.person.id, code):
            raise AccountRefused(texts.CODE_WRONG)
        forgive()
        return await self._enter(signed.person, visitor, instead_of=signed.key)

    async def prove(self, signed: SignedIn, password: str, visitor: Visitor) -> None:
        """See that it is really the person who sits there: somebody may have found his open page.

        Raises:
            AccountRefused: the password is wrong, or it is too soon after failures.
        """
        forgive = self._slowing.begin(f'{signed.person.name}/own', visitor.address)
        if await self._accounts.sign_in(signed.person.name, password) is None:
            raise AccountRefused(texts.PASSWORD_WRONG)
        forgive()

    async def change_password(self, signed: SignedIn, present: str, wanted: str, visitor: Visitor) -> Entered:
        """Change one's own password; every session ends, and another begins here.

        Raises:
            AccountRefused: the present password is wrong, or the new one may not be set; nothing has changed.
        """
        await self.prove(signed, present, visitor)
        try:
            self._accounts.policy.check(wanted)
        except ValueError as error:
            raise AccountRefused(str(error)) from None
        if await self._accounts.sign_in(signed.person.name, wanted):
            raise AccountRefused(texts.PASSWORD_SAME)
        hashed = await asyncio.get_running_loop().run_in_executor(HASHING_THREADS, hash_password, wanted)

        def change(session: Session) -> None:
            account = session.get_one(Account, signed.person.id)
            account.password_hash, account.password_set_at, account.must_change = hashed, self._now(), False
            end_all(session, signed.person.id)
            by = replace(signed.person, address=visitor.address).actor
            append(session, [Entry(self._now(), by, Act.USER_CHANGED, what=texts.ACCESS_OWN_PASSWORD, about=by.name)])

        await self._database.write(change)
        entered = await self._enter(signed.person, visitor)
        self._sessions.look_soon()
        return entered

    async def _enter(self, person: Person, visitor: Visitor, instead_of: str = '') -> Entered:
        device = visitor.device or secrets.token_urlsafe(32)
        identifier = await self._sessions.begin(person, replace(visitor, device=device), instead_of=instead_of)
        return Entered(identifier, device)

    async def _known_device(self, name: str, device: str) -> str:
        """Give the device if this account has signed in there before, else nothing."""
        hashed = digest(device)

        def look(session: Session) -> bool:
            account = by_name(session, name)
            return account is not None and session.get(KnownDevice, (account.id, hashed)) is not None

        if not device:
            return ''
        return hashed if await self._database.read(look) else ''
