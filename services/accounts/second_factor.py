"""The second factor: one-time codes of an authenticator application (TOTP, RFC 6238) and recovery codes.

The secret is stored in clear text, because the codes are computed from it. Encryption would protect nothing, because
the key would have to be readable by the same server. A copy of the database therefore allows computing codes, but a
sign-in still needs the password, of which only a hash is stored. The secret is displayed once, during set-up.
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
from sqlmodel import Session

from models import Account, AccountSession, AuditEvent, RecoveryCode
from services import texts
from services.accounts.identity import AccountError, hash_secret
from services.accounts.sessions import ActiveSession
from services.audit.hash_chain import AuditEntry, append_entries
from services.database.engine import Database
from services.database.tables import ACCOUNT_TABLE, RECOVERY_CODE_TABLE

CLOCK_DRIFT_STEPS: Final = (0, -1, 1)
"""Offsets in steps of 30 seconds that are accepted, because the clock of a phone may be wrong."""
RECOVERY_CODE_COUNT: Final = 10
RECOVERY_CODE_BYTES: Final = 10
"""Random bytes in a recovery code: 80 bits, 16 letters and digits."""
MAX_CODE_LENGTH: Final = 64


@dataclass(frozen=True)
class TotpSetup:
    """What an authenticator application needs; displayed once."""

    secret: str
    """The secret in groups of four characters, for typing."""
    provisioning_uri: str
    """The content of the QR code: otpauth://…"""


class SecondFactor:
    """Set up, remove and check second factors."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    async def begin_setup(self, active_session: ActiveSession) -> TotpSetup:
        """Return the secret to set up in this session; it stays the same until confirmed or until the session ends.

        Raises:
            AccountError: the session has ended.
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
        """Enable the secret that was set up in this session, and return new recovery codes; they cannot be read again.

        Raises:
            AccountError: the code is wrong; nothing has changed.
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
        """Disable the second factor of the session's user."""

        def switch_off(session: Session) -> None:
            remove_second_factor(session, active_session.identity.id)
            self._record_change(session, active_session, texts.ACCESS_FACTOR_OFF)

        await self._database.write(switch_off)

    async def recovery_codes_left(self, account_id: int) -> int | None:
        """Return the number of unused recovery codes; None without a second factor."""

        def count(session: Session) -> int | None:
            account = session.get(Account, account_id)
            if account is None or account.totp_secret is None:
                return None
            statement = select(func.count()).where(RECOVERY_CODE_TABLE.c.account_id == account_id)
            return int(session.execute(statement).scalar_one())

        return await self._database.read(count)

    async def use_code(self, account_id: int, code: str) -> bool:
        """Check a TOTP or recovery code and mark it as used; return whether it was valid. No code is valid twice."""
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
        """Return the time step that has this code; None if no accepted step has it."""
        totp = pyotp.TOTP(secret)
        present = totp.timecode(self._now())
        normalized = _normalize_code(code)
        for shift in CLOCK_DRIFT_STEPS:
            if compare_digest(totp.generate_otp(present + shift), normalized):
                return present + shift
        return None


def remove_second_factor(session: Session, account_id: int) -> None:
    """Remove the second factor and the recovery codes of an account, in the transaction of the caller."""
    session.execute(delete(RECOVERY_CODE_TABLE).where(RECOVERY_CODE_TABLE.c.account_id == account_id))
    off = update(ACCOUNT_TABLE).where(ACCOUNT_TABLE.c.id == account_id).values(totp_secret=None, totp_step=None)
    session.execute(off)


def _normalize_code(code: str) -> str:
    """Return a code in upper case without spaces and hyphens, because users type them differently."""
    return ''.join(character for character in code[:MAX_CODE_LENGTH].upper() if _is_code_character(character))


def _is_code_character(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _grouped(secret: str, separator: str = '-') -> str:
    return separator.join(secret[start : start + 4] for start in range(0, len(secret), 4))
