"""Sign-in: check credentials and codes under the login throttle, and start the session."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlmodel import Session

from models import Account, AuditEvent
from services import texts
from services.accounts.accounts import Accounts
from services.accounts.identity import (
    AccountError,
    ClientInfo,
    FailedAttempts,
    RequiredStep,
    VerifiedAccount,
    normalize_name,
)
from services.accounts.known_devices import forget_devices, look_up_client
from services.accounts.login_throttle import LoginThrottle
from services.accounts.passwords import HASHING_THREADS, hash_password
from services.accounts.second_factor import SecondFactor
from services.accounts.sessions import ActiveSession, Sessions, end_all_sessions
from services.audit.hash_chain import AuditEntry, append_entries
from services.database.engine import Database


@dataclass(frozen=True)
class NewSession:
    """What the browser stores after a sign-in."""

    identifier: str
    """The identifier of the session."""
    device_token: str = ''
    """Identifies the device at the next sign-in; empty while the code is due."""
    failed_attempts: FailedAttempts | None = None
    """The failed sign-ins since the last sign-in; None without any."""


class Authentication:
    """Sign users in, and change their own password."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        sessions: Sessions,
        second_factor: SecondFactor,
        *,
        throttle: LoginThrottle | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._sessions = sessions
        self._second_factor = second_factor
        self._throttle = throttle or LoginThrottle()
        self._now = now

    async def sign_in(self, name: str, password: str, client: ClientInfo) -> NewSession:
        """Check name and password and start a session; the code of the second factor may still be due in it.

        Raises:
            AccountError: name or password is wrong, the account is blocked, or the login throttle applies; the
                message is for the user.
            DatabaseError: see services.errors.
        """
        cancel_failure = await self._register_attempt(normalize_name(name), client)
        verified = await self._accounts.verify_credentials(name, password)
        if verified is None:
            raise AccountError(texts.SIGN_IN_REFUSED)
        cancel_failure()
        if verified.totp_secret is not None:
            identifier, _ = await self._sessions.create(verified, client, code_due=True)
            return NewSession(identifier)
        return await self._start_session(verified, client)

    async def submit_code(self, active_session: ActiveSession, code: str, client: ClientInfo) -> NewSession:
        """Check the code of the second factor, and replace the session in which it was due by a full one.

        Raises:
            AccountError: the code is wrong or was used before, the session has ended, or the login throttle applies.
        """
        cancel_failure = await self._register_attempt(active_session.identity.name, client, purpose='/code')
        if active_session.required_step is not RequiredStep.CODE:
            raise AccountError(texts.CODE_WRONG)
        verified = await self._second_factor.use_code(active_session, code)
        cancel_failure()
        return await self._start_session(verified, client, replaced_key=active_session.key)

    async def confirm_password(
        self, active_session: ActiveSession, password: str, client: ClientInfo
    ) -> VerifiedAccount:
        """Check the password of a signed-in user, because somebody else may use the open page.

        Raises:
            AccountError: the password is wrong, or the login throttle applies.
        """
        cancel_failure = await self._register_attempt(active_session.identity.name, client, purpose='/own')
        verified = await self._accounts.verify_credentials(active_session.identity.name, password)
        if verified is None:
            raise AccountError(texts.PASSWORD_WRONG)
        cancel_failure()
        return verified

    async def change_password(
        self, active_session: ActiveSession, current_password: str, new_password: str, client: ClientInfo
    ) -> NewSession:
        """Change the user's own password; end every session, forget the other devices, and start a new session.

        Raises:
            AccountError: the current password is wrong, or the new one is rejected; nothing has changed.
        """
        verified = await self.confirm_password(active_session, current_password, client)
        try:
            self._accounts.policy.check(new_password)
        except ValueError as error:
            raise AccountError(str(error)) from None
        if await self._accounts.verify_credentials(active_session.identity.name, new_password):
            raise AccountError(texts.PASSWORD_SAME)
        hashed = await asyncio.get_running_loop().run_in_executor(HASHING_THREADS, hash_password, new_password)

        def change(session: Session) -> None:
            account = session.get(Account, active_session.identity.id, with_for_update=True)
            if account is None or not verified.is_unchanged(account):
                raise AccountError(texts.SIGN_IN_CHANGED)
            account.password_hash, account.password_set_at, account.must_change = hashed, self._now(), False
            end_all_sessions(session, active_session.identity.id)
            forget_devices(session, active_session.identity.id)
            actor = replace(active_session.identity, address=client.address).actor
            append_entries(
                session,
                [
                    AuditEntry(
                        self._now(), actor, AuditEvent.USER_CHANGED, what=texts.ACCESS_OWN_PASSWORD, about=actor.name
                    )
                ],
            )

        await self._database.write(change)
        new_session = await self._start_session(replace(verified, password_hash=hashed), client)
        self._sessions.watcher.check_soon()
        return new_session

    async def _start_session(self, verified: VerifiedAccount, client: ClientInfo, replaced_key: str = '') -> NewSession:
        device_token = client.device_token or secrets.token_urlsafe(32)
        identifier, failed_attempts = await self._sessions.create(
            verified, replace(client, device_token=device_token), replaced_key=replaced_key
        )
        return NewSession(identifier, device_token, failed_attempts)

    async def _register_attempt(self, name: str, client: ClientInfo, purpose: str = '') -> Callable[[], None]:
        """Register an attempt with the login throttle; see LoginThrottle.register_attempt."""
        known = await self._database.read(lambda session: look_up_client(session, name, client))
        return self._throttle.register_attempt(
            name + purpose,
            client.address,
            '' if purpose else known.device_hash,
            browser=client.browser,
            at_known_address=known.is_known_address,
        )
