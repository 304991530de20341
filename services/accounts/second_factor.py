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
from sqlalchemy import delete, func, select, update
from sqlmodel import Session

from models import Account, AccountSession, AuditEvent, RecoveryCode
from services import texts
from services.accounts.identity import AccountError, VerifiedAccount, hash_secret, identity_of
from services.accounts.secret_columns import decrypt_secret, encrypt_secret
from services.accounts.sessions import ActiveSession, end_all_sessions
from services.audit.hash_chain import AuditEntry, append_entries
from services.database.engine import Database
from services.database.tables import ACCOUNT_TABLE, RECOVERY_CODE_TABLE
from services.keys.data_key import DataKey

CLOCK_DRIFT_STEPS: Final = (0, -1, 1)
"""Offsets in steps of 30 seconds that are accepted, because the clock of a phone may be wrong."""
RECOVERY_CODE_COUNT: Final = 10
RECOVERY_CODE_BYTES: Final = 10
"""Random bytes in a recovery code: 80 bits, 16 letters and digits."""
MAX_CODE_LENGTH: Final = 64
MAX_CODE_FAILURES: Final = 5
"""Wrong codes after which the session in which the code was due ends, and the password is due again."""


@dataclass(frozen=True)
class TotpSetup:
    """What an authenticator application needs; displayed once."""

    secret: str
    """The secret in groups of four characters, for typing."""
    provisioning_uri: str
    """The content of the QR code: otpauth://…"""


class SecondFactor:
    """Set up, remove and check second factors."""

    def __init__(
        self, database: Database, data_key: DataKey, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Store the secrets in `database`, encrypted with `data_key`."""
        self._database = database
        self._data_key = data_key
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
            if row.pending_secret is None:
                row.pending_secret = encrypt_secret(self._data_key, pyotp.random_base32())
            return decrypt_secret(self._data_key, row.pending_secret)

        secret = await self._database.write(store_secret)
        provisioning_uri = pyotp.TOTP(secret).provisioning_uri(
            name=active_session.identity.name, issuer_name=texts.FACTOR_ISSUER
        )
        return TotpSetup(_grouped(secret, ' '), provisioning_uri)

    async def confirm_setup(self, active_session: ActiveSession, code: str) -> Sequence[str]:
        """Enable the secret that was set up in this session, and end the user's other sessions.

        Returns:
            New recovery codes; they cannot be read again.

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
            step = self._matching_step(secret, _normalize_code(code)) if secret else None
            if row is None or step is None:
                raise AccountError(texts.CODE_WRONG)
            account = session.get_one(Account, active_session.identity.id)
            account.totp_secret, account.totp_step, row.pending_secret = secret, step, None
            session.execute(
                delete(RECOVERY_CODE_TABLE).where(RECOVERY_CODE_TABLE.c.account_id == active_session.identity.id)
            )
            hashes = [hash_secret(_normalize_code(recovery_code)) for recovery_code in codes]
            session.add_all(RecoveryCode(account_id=active_session.identity.id, hash=hash) for hash in hashes)
            end_all_sessions(session, active_session.identity.id, except_key=active_session.key)
            self._record_change(session, active_session, texts.ACCESS_FACTOR_ON)

        await self._database.write(switch_on)
        return codes

    async def remove(self, active_session: ActiveSession, code: str) -> None:
        """Disable the second factor of the session's user, and end the user's other sessions.

        Raises:
            AccountError: the code is neither the present code nor an unused recovery code; nothing has changed.
        """

        def switch_off(session: Session) -> None:
            account = session.get(Account, active_session.identity.id, with_for_update=True)
            if account is None or not self._use(session, account, code):
                raise AccountError(texts.CODE_WRONG)
            remove_second_factor(session, active_session.identity.id)
            end_all_sessions(session, active_session.identity.id, except_key=active_session.key)
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

    async def use_code(self, active_session: ActiveSession, code: str) -> VerifiedAccount:
        """Check a TOTP or recovery code in the session in which it is due, and mark it as used: no code is valid twice.

        Returns:
            The account as it was checked.

        Raises:
            AccountError: the code is wrong, or was used before, or the session has ended; MAX_CODE_FAILURES wrong codes
                end the session.
        """

        def use(session: Session) -> VerifiedAccount | str:
            account = session.get(Account, active_session.identity.id, with_for_update=True)
            row = session.get(AccountSession, active_session.key, with_for_update=True)
            if account is None or row is None:
                return texts.CODE_SESSION_ENDED
            if self._use(session, account, code):
                return VerifiedAccount(identity_of(session, account), account.password_hash, account.totp_secret)
            row.code_failures += 1
            if row.code_failures < MAX_CODE_FAILURES:
                return texts.CODE_WRONG
            session.delete(row)
            return texts.CODE_SESSION_ENDED

        outcome = await self._database.write(use)
        if isinstance(outcome, str):  # returned and not raised, so that the failure is committed
            raise AccountError(outcome)
        return outcome

    def _use(self, session: Session, account: Account, code: str) -> bool:
        """Mark a code of a locked account as used; return whether it was valid."""
        if account.totp_secret is None:
            return False
        normalized = _normalize_code(code)
        step = self._matching_step(account.totp_secret, normalized)
        if step is None:
            recovery = delete(RECOVERY_CODE_TABLE).where(
                RECOVERY_CODE_TABLE.c.account_id == account.id, RECOVERY_CODE_TABLE.c.hash == hash_secret(normalized)
            )
            return session.connection().execute(recovery).rowcount == 1
        if account.totp_step is not None and account.totp_step >= step:
            return False
        account.totp_step = step
        return True

    def _record_change(self, session: Session, active_session: ActiveSession, what: str) -> None:
        actor = active_session.identity.actor
        append_entries(session, [AuditEntry(self._now(), actor, AuditEvent.USER_CHANGED, what=what, about=actor.name)])

    def _matching_step(self, stored_secret: str, code: str) -> int | None:
        """Return the time step that has this normalized code; None if no accepted step has it."""
        totp = pyotp.TOTP(decrypt_secret(self._data_key, stored_secret))
        present = totp.timecode(self._now())
        for shift in CLOCK_DRIFT_STEPS:
            if compare_digest(totp.generate_otp(present + shift), code):
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
