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

from models import Account, AccountSession, AuditEvent, RecoveryCode
from services import texts
from services.accounts.identity import AccountError, hash_secret
from services.accounts.sessions import ActiveSession
from services.audit.hash_chain import AuditEntry, append_entries
from services.database.engine import Database

ACCOUNT_TABLE = SQLModel.metadata.tables['account']
RECOVERY_CODE_TABLE = SQLModel.metadata.tables['recovery_code']
CLOCK_DRIFT_STEPS: Final = (0, -1, 1)
"""Steps of 30 seconds by which the clock of a telephone may be off."""
RECOVERY_CODE_COUNT: Final = 10
RECOVERY_CODE_BYTES: Final = 10
"""Of chance in a recovery code: 80 bits, 16 letters and digits."""
MAX_CODE_LENGTH: Final = 64


@dataclass(frozen=True)
class TotpSetup:
    """What an application has to be told to count codes; shown once."""

    secret: str
    """In groups of four, as one types it in by hand."""
    provisioning_uri: str
    """As the picture says it: otpauth://…"""


class SecondFactor:
    """Second factors in the journal's own database."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    async def begin_setup(self, active_session: ActiveSession) -> TotpSetup:
        """Give what is to be set up in this session: the same until it is confirmed, or the session ends.

        Raises:
            AccountRefused: the session has ended.
        """

        def store_secret(session: Session) -> str:
            row = session.get(AccountSession, active_session.key)
            if row is None:
                raise AccountError(texts.SIGN_IN_REQUIRED)
            row.pending_secret = row.pending_secret or pyotp.random_base32()
            return row.pending_secret

        secret = await self._database.write(store_secret)
        provisioning_uri = pyotp.TOTP(secret).provisioning_uri(
            name=active_session.identity.name, issuer_name=texts.FACTOR_ISSUER
        )
        return TotpSetup(_grouped(secret, ' '), provisioning_uri)

    async def confirm_setup(self, active_session: ActiveSession, code: str) -> Sequence[str]:
        """Switch on what was set up in this session, and give recovery codes: they cannot be had again.

        Raises:
            AccountRefused: the code is wrong; nothing has changed.
        """
        codes = [
            _grouped(base64.b32encode(secrets.token_bytes(RECOVERY_CODE_BYTES)).decode())
            for _ in range(RECOVERY_CODE_COUNT)
        ]

        def switch_on(session: Session) -> None:
            row = session.get(AccountSession, active_session.key)
            secret = row.pending_secret if row else None
            step = self._matching_step(secret, code) if secret else None
            if row is None or step is None:
                raise AccountError(texts.CODE_WRONG)
            account = session.get_one(Account, active_session.identity.id)
            account.totp_secret, account.totp_step, row.pending_secret = secret, step, None
            session.execute(
                delete(RECOVERY_CODE_TABLE).where(RECOVERY_CODE_TABLE.c.account_id == active_session.identity.id)
            )
            hashes = [hash_secret(_normalize_code(recovery_code)) for recovery_code in codes]
            session.add_all(RecoveryCode(account_id=active_session.identity.id, hash=hash) for hash in hashes)
            self._record_change(session, active_session, texts.ACCESS_FACTOR_ON)

        await self._database.write(switch_on)
        return codes

    async def remove(self, active_session: ActiveSession) -> None:
        """Switch the second factor off."""

        def switch_off(session: Session) -> None:
            remove_second_factor(session, active_session.identity.id)
            self._record_change(session, active_session, texts.ACCESS_FACTOR_OFF)

        await self._database.write(switch_off)

    async def recovery_codes_left(self, account_id: int) -> int | None:
        """Give how many recovery codes are left; None without a second factor."""

        def count(session: Session) -> int | None:
            account = session.get(Account, account_id)
            if account is None or account.totp_secret is None:
                return None
            statement = select(func.count()).where(RECOVERY_CODE_TABLE.c.account_id == account_id)
            return int(session.execute(statement).scalar_one())

        return await self._database.read(count)

    async def use_code(self, account_id: int, code: str) -> bool:
        """Say whether a code of the application or a recovery code is right, and use it up: none is right twice."""
        normalized = _normalize_code(code)

        def use(session: Session) -> bool:
            account = session.get(Account, account_id)
            if account is None or account.totp_secret is None:
                return False
            step = self._matching_step(account.totp_secret, normalized)
            if step is None:
                recovery = delete(RECOVERY_CODE_TABLE).where(
                    RECOVERY_CODE_TABLE.c.account_id == account_id,
                    RECOVERY_CODE_TABLE.c.hash == hash_secret(normalized),
                )
                return session.connection().execute(recovery).rowcount == 1
            unused = or_(ACCOUNT_TABLE.c.totp_step.is_(None), ACCOUNT_TABLE.c.totp_step < step)
            used = update(ACCOUNT_TABLE).where(ACCOUNT_TABLE.c.id == account_id, unused).values(totp_step=step)
            return session.connection().execute(used).rowcount == 1

        return await self._database.write(use)

    def _record_change(self, session: Session, active_session: ActiveSession, what: str) -> None:
        actor = active_session.identity.actor
        append_entries(session, [AuditEntry(self._now(), actor, AuditEvent.USER_CHANGED, what=what, about=actor.name)])

    def _matching_step(self, secret: str, code: str) -> int | None:
        """Give the step whose code this is; None for that of no step near."""
        totp = pyotp.TOTP(secret)
        present = totp.timecode(self._now())
        normalized = _normalize_code(code)
        matching = [
            step
            for shift in CLOCK_DRIFT_STEPS
            if compare_digest(totp.generate_otp(step := present + shift), normalized)
        ]
        return matching[0] if matching else None


def remove_second_factor(session: Session, account_id: int) -> None:
    """Take the second factor of an account away, as part of a larger change."""
    session.execute(delete(RECOVERY_CODE_TABLE).where(RECOVERY_CODE_TABLE.c.account_id == account_id))
    off = update(ACCOUNT_TABLE).where(ACCOUNT_TABLE.c.id == account_id).values(totp_secret=None, totp_step=None)
    session.execute(off)


def _normalize_code(code: str) -> str:
    """Give a code as it is compared: people part it by blanks and hyphens, and do not mind its case."""
    return ''.join(sign for sign in code[:MAX_CODE_LENGTH].upper() if sign.isascii() and sign.isalnum())


def _grouped(secret: str, separator: str = '-') -> str:
    return separator.join(secret[start : start + 4] for start in range(0, len(secret), 4))
