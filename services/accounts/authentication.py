"""Sign-in: check credentials and codes under the login throttle, and start the session."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlmodel import Session

from models import Account, AuditEvent, KnownDevice
from services import texts
from services.accounts.accounts import Accounts
from services.accounts.identity import (
    AccountError,
    ClientInfo,
    Identity,
    RequiredStep,
    find_account,
    hash_secret,
    normalize_name,
)
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
    device_token: str
    """Identifies the device at the next sign-in; empty while the code is due."""


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
        normalized = normalize_name(name)
        cancel_failure = self._throttle.register_attempt(
            normalized, client.address, await self._known_device(normalized, client.device_token)
        )
        identity = await self._accounts.verify_credentials(name, password)
        if identity is None:
            raise AccountError(texts.SIGN_IN_REFUSED)
        cancel_failure()
        if await self._second_factor.recovery_codes_left(identity.id) is not None:
            return NewSession(await self._sessions.create(identity, client, code_due=True), '')
        return await self._start_session(identity, client)

    async def submit_code(self, active_session: ActiveSession, code: str, client: ClientInfo) -> NewSession:
        """Check the code of the second factor, and replace the session in which it was due by a full one.

        Raises:
            AccountError: the code is wrong or was used before, or the login throttle applies.
        """
        cancel_failure = self._throttle.register_attempt(f'{active_session.identity.name}/code', client.address)
        if active_session.required_step is not RequiredStep.CODE:
            raise AccountError(texts.CODE_WRONG)
        if not await self._second_factor.use_code(active_session.identity.id, code):
            raise AccountError(texts.CODE_WRONG)
        cancel_failure()
        return await self._start_session(active_session.identity, client, replaced_key=active_session.key)

    async def confirm_password(self, active_session: ActiveSession, password: str, client: ClientInfo) -> None:
        """Check the password of a signed-in user, because somebody else may use the open page.

        Raises:
            AccountError: the password is wrong, or the login throttle applies.
        """
        cancel_failure = self._throttle.register_attempt(f'{active_session.identity.name}/own', client.address)
        if await self._accounts.verify_credentials(active_session.identity.name, password) is None:
            raise AccountError(texts.PASSWORD_WRONG)
        cancel_failure()

    async def change_password(
        self, active_session: ActiveSession, current_password: str, new_password: str, client: ClientInfo
    ) -> NewSession:
        """Change the user's own password; end every session and start a new one for this client.

        Raises:
            AccountError: the current password is wrong, or the new one is rejected; nothing has changed.
        """
        await self.confirm_password(active_session, current_password, client)
        try:
            self._accounts.policy.check(new_password)
        except ValueError as error:
            raise AccountError(str(error)) from None
        if await self._accounts.verify_credentials(active_session.identity.name, new_password):
            raise AccountError(texts.PASSWORD_SAME)
        hashed = await asyncio.get_running_loop().run_in_executor(HASHING_THREADS, hash_password, new_password)

        def change(session: Session) -> None:
            account = session.get_one(Account, active_session.identity.id)
            account.password_hash, account.password_set_at, account.must_change = hashed, self._now(), False
            end_all_sessions(session, active_session.identity.id)
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
        new_session = await self._start_session(active_session.identity, client)
        self._sessions.watcher.check_soon()
        return new_session

    async def _start_session(self, identity: Identity, client: ClientInfo, replaced_key: str = '') -> NewSession:
        device_token = client.device_token or secrets.token_urlsafe(32)
        identifier = await self._sessions.create(
            identity, replace(client, device_token=device_token), replaced_key=replaced_key
        )
        return NewSession(identifier, device_token)

    async def _known_device(self, name: str, device_token: str) -> str:
        """Return the hash of the device token if this account has signed in with it before, else an empty string."""
        if not device_token:
            return ''
        hashed = hash_secret(device_token)

        def is_known(session: Session) -> bool:
            account = find_account(session, name)
            return account is not None and session.get(KnownDevice, (account.id, hashed)) is not None

        return hashed if await self._database.read(is_known) else ''
