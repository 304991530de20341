"""The second factor: codes that an application counts from a shared secret and the time (TOTP, RFC 6238).

The secret has to be kept as it is, for the codes are counted from it; with no place for a key beside the database,
encrypting it there would hide it from nobody who can read the one and not the other. So whoever copies the database can
count codes, though he still needs a password, of which only a hash is there. The secret is shown once, while it is set
up, and never again.
"""

import base64
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Final

import pyotp
from sqlalchemy import delete, func, or_, select, update
from sqlmodel import Session, SQLModel

from models import Account, AccountSession, Act, RecoveryCode
from services import texts
from services.accounts.identity import AccountRefused, digest
from services.accounts.sessions import SignedIn
from services.audit.hash_chain import Entry, append
from services.database.engine import Database

ACCOUNT = SQLModel.metadata.tables['account']
RECOVERY = SQLModel.metadata.tables['recovery_code']
WINDOW: Final = (0, -1, 1)
"""Steps of 30 seconds by which the clock of a telephone may be off."""
CODES: Final = 10
CODE_BYTES: Final = 10
"""Of chance in a recovery code: 80 bits, 16 letters and digits."""
LONGEST_CODE: Final = 64


@dataclass(frozen=True)
class Setup:
    """What an application has to be told to count codes; shown once."""

    secret: str
    """In groups of four, as one types it in by hand."""
    address: str
    """As the picture says it: otpauth://…"""


class SecondFactor:
    """Second factors in the journal's own database."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    async def begin(self, signed: SignedIn) -> Setup:
        """Give what is to be set up in this session: the same until it is confirmed, or the session ends.

        Raises:
            AccountRefused: the session has ended.
        """

        def keep(session: Session) -> str:
            row = session.get(AccountSession, signed.key)
            if row is None:
                raise AccountRefused(texts.SIGN_IN_FIRST)
            row.pending_secret = row.pending_secret or pyotp.random_base32()
            return row.pending_secret

        secret = await self._database.write(keep)
        address = pyotp.TOTP(secret).provisioning_uri(name=signed.person.name, issuer_name=texts.FACTOR_ISSUER)
        return Setup(_grouped(secret, ' '), address)

    async def confirm(self, signed: SignedIn, code: str) -> Sequence[str]:
        """Switch on what was set up in this session, and give recovery codes: they cannot be had again.

        Raises:
            AccountRefused: the code is wrong; nothing has changed.
        """
        codes = [_grouped(base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()) for _ in range(CODES)]

        def switch_on(session: Session) -> None:
            row = session.get(AccountSession, signed.key)
            secret = row.pending_secret if row else None
            step = self._step(secret, code) if secret else None
            if row is None or step is None:
                raise AccountRefused(texts.CODE_WRONG)
            account = session.get_one(Account, signed.person.id)
            account.totp_secret, account.totp_step, row.pending_secret = secret, step, None
            session.execute(delete(RECOVERY).where(RECOVERY.c.account_id == signed.person.id))
            hashes = [digest(_bare(made)) for made in codes]
            session.add_all(RecoveryCode(account_id=signed.person.id, hash=hash) for hash in hashes)
            self._record(session, signed, texts.ACCESS_FACTOR_ON)

        await self._database.write(switch_on)
        return codes

    async def remove(self, signed: SignedIn) -> None:
        """Switch the second factor off."""

        def switch_off(session: Session) -> None:
            forget(session, signed.person.id)
            self._record(session, signed, texts.ACCESS_FACTOR_OFF)

        await self._database.write(switch_off)

    async def left(self, person_id: int) -> int | None:
        """Give how many recovery codes are left; None without a second factor."""

        def count(session: Session) -> int | None:
            account = session.get(Account, person_id)
            if account is None or account.totp_secret is None:
                return None
            his = select(func.count()).where(RECOVERY.c.account_id == person_id)
            return int(session.execute(his).scalar_one())

        return await self._database.read(count)

    async def accepts(self, person_id: int, code: str) -> bool:
        """Say whether a code of the application or a recovery code is right, and use it up: none is right twice."""
        bare = _bare(code)

        def use(session: Session) -> bool:
            account = session.get(Account, person_id)
            if account is None or account.totp_secret is None:
                return False
            step = self._step(account.totp_secret, bare)
            if step is None:
                recovery = delete(RECOVERY).where(RECOVERY.c.account_id == person_id, RECOVERY.c.hash == digest(bare))
                return session.connection().execute(recovery).rowcount == 1
            unused = or_(ACCOUNT.c.totp_step.is_(None), ACCOUNT.c.totp_step < step)
            used = update(ACCOUNT).where(ACCOUNT.c.id == person_id, unused).values(totp_step=step)
            return session.connection().execute(used).rowcount == 1

        return await self._database.write(use)

    def _record(self, session: Session, signed: SignedIn, what: str) -> None:
        by = signed.person.actor
        append(session, [Entry(self._now(), by, Act.USER_CHANGED, what=what, about=by.name)])

    def _step(self, secret: str, code: str) -> int | None:
        """Give the step whose code this is; None for that of no step near."""
        totp = pyotp.TOTP(secret)
        present = totp.timecode(self._now())
        bare = _bare(code)
        matching = [step for shift in WINDOW if compare_digest(totp.generate_otp(step := present + shift), bare)]
        return matching[0] if matching else None


def forget(session: Session, account_id: int) -> None:
    """Take the second factor of an account away, as part of a larger change."""
    session.execute(delete(RECOVERY).where(RECOVERY.c.account_id == account_id))
    off = update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(totp_secret=None, totp_step=None)
    session.execute(off)


def _bare(code: str) -> str:
    """Give a code as it is compared: people part it by blanks and hyphens, and do not mind its case."""
    return ''.join(sign for sign in code[:LONGEST_CODE].upper() if sign.isascii() and sign.isalnum())


def _grouped(secret: str, between: str = '-') -> str:
    return between.join(secret[at : at + 4] for at in range(0, len(secret), 4))
