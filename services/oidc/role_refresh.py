"""The roles of signed-in users, read anew at an interval, so that a role that was taken away ends a session soon.

One task per node looks for sessions that are due; each is read by one node. While the identity provider does not
answer, sessions continue for OUTAGE_GRACE.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from services import texts
from services.accounts.sessions import Sessions
from services.errors import DatabaseError
from services.keys.data_key import DataKeyError
from services.oidc.claims import claimed_user, lacks_claims
from services.oidc.oidc_accounts import OidcAccounts
from services.oidc.oidc_errors import GrantRevokedError, IdentityProviderError, InvalidTokenError
from services.oidc.oidc_sessions import DueSession, OidcSessions, ended_by
from services.oidc.oidc_settings import OidcSettings
from services.oidc.token_set import TokenClient, TokenSet
from services.oidc.token_validation import Claims, TokenValidator
from services.task_shutdown import cancel_and_wait

OUTAGE_GRACE: Final = timedelta(hours=2)
"""How long a session goes on, after its role was to be read, while it cannot be read."""
RETRY_INTERVAL: Final = timedelta(minutes=1)
"""The time after which a role that could not be read is read again."""
CHECK_SECONDS: Final = 15.0
"""Seconds between two looks for sessions that are due."""
BATCH_SIZE: Final = 8
"""Sessions that a node reads at the same time."""

log = logging.getLogger(__name__)


class RoleRefresh:
    """Reads the roles of the sessions that are due."""

    def __init__(
        self,
        settings: OidcSettings,
        validator: TokenValidator,
        tokens: TokenClient,
        accounts: OidcAccounts,
        oidc_sessions: OidcSessions,
        sessions: Sessions,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._validator = validator
        self._tokens = tokens
        self._accounts = accounts
        self._oidc_sessions = oidc_sessions
        self._sessions = sessions
        self._now = now
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read roles until `stop`."""
        self._task = asyncio.create_task(self._run(), name='role refresh')

    async def stop(self) -> None:
        """End the task."""
        if self._task:
            await cancel_and_wait(self._task)

    async def refresh_due(self) -> int:
        """Read the roles of sessions that are due; return how many there were.

        Raises:
            DatabaseError: see services.errors.
        """
        due = await self._oidc_sessions.claim_due(BATCH_SIZE)
        await asyncio.gather(*map(self._refresh, due))
        if due:
            self._sessions.watcher.check_soon()
        return len(due)

    async def _refresh(self, due: DueSession) -> None:
        """Read the role of a session: change the account accordingly, or end what nothing entitles to any more."""
        tokens = due.tokens
        try:
            tokens = await self._fresh_tokens(due)
            claims = await self._read_claims(due, tokens)
            user = claimed_user(claims, self._settings)
        except GrantRevokedError:
            await self._oidc_sessions.end(ended_by(texts.ACCESS_OIDC_REVOKED), key=due.key)
            return
        except (IdentityProviderError, InvalidTokenError) as error:
            log.warning('the role of a signed-in user could not be read (%s)', error)
            if self._now() - due.read_at > self._settings.refresh_interval + OUTAGE_GRACE:
                await self._oidc_sessions.end(ended_by(texts.ACCESS_OIDC_OUTAGE), key=due.key)
            else:
                await self._oidc_sessions.store_reading(due, tokens, RETRY_INTERVAL, was_read=False)
            return
        if user.role is None:
            await self._oidc_sessions.end(ended_by(texts.ACCESS_OIDC_NO_ROLE), subject=due.subject)
            return
        # Stored first: the provider may accept each refresh token only once.
        await self._oidc_sessions.store_reading(due, tokens, self._settings.refresh_interval, was_read=True)
        await self._accounts.update(user, user.role)

    async def _fresh_tokens(self, due: DueSession) -> TokenSet:
        """Return tokens with which the role can be read now.

        Raises:
            GrantRevokedError: the provider does not accept the session any more.
            IdentityProviderError: it does not answer, or the access token has expired and nothing renews it.
        """
        if not due.tokens.refresh_token:
            if due.tokens.expires_at <= self._now().timestamp():
                raise IdentityProviderError('the access token has expired, and there is no refresh token')
            return due.tokens
        return await self._tokens.refresh(due.tokens)

    async def _read_claims(self, due: DueSession, tokens: TokenSet) -> Claims:
        """Return what the provider states now: in a new identity token, else at the user info endpoint."""
        claims: Claims = {}
        if tokens.id_token:
            claims = await self._validator.validate_identity(tokens.id_token, access_token=tokens.access_token)
            if claims.get('sub') != due.subject:
                raise InvalidTokenError('sub')
        if not claims or lacks_claims(claims, self._settings):
            claims = {**await self._tokens.user_info(tokens, due.subject), **claims}
        if not claims:
            raise IdentityProviderError('there is neither an identity token nor a user info endpoint')
        return claims

    async def _run(self) -> None:
        while True:
            try:
                while await self.refresh_due() == BATCH_SIZE:
                    pass
            except DatabaseError:
                pass  # the next look finds the same sessions
            except DataKeyError:
                log.error('tokens were encrypted with another data key')
            except Exception:
                log.exception('roles cannot be read')
            await asyncio.sleep(CHECK_SECONDS)
