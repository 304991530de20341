"""Sign-out at the identity provider: begun here (RP-Initiated Logout), or announced by it (Back-Channel Logout).

The identity token that the provider wants as a hint is sent by a form, because a URL is logged on its way.
"""

import logging
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from services import texts
from services.accounts.sessions import Sessions
from services.keys.data_key import DataKeyError
from services.oidc.oidc_errors import IdentityProviderError, InvalidTokenError
from services.oidc.oidc_sessions import OidcSessions, ended_by
from services.oidc.oidc_settings import OidcSettings
from services.oidc.provider_metadata import ProviderDirectory
from services.oidc.token_validation import LEEWAY, LOGOUT_TOKEN_AGE, TokenValidator

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SignOutForm:
    """The form that a browser sends to the identity provider to sign the user out there."""

    url: str
    fields: dict[str, str] = field(repr=False)

    @property
    def origin(self) -> str:
        """The origin that the form is sent to."""
        parts = urlsplit(self.url)
        return f'{parts.scheme}://{parts.netloc}'


class OidcSignOut:
    """Signs users out at the identity provider, and ends the sessions of those who signed out there."""

    def __init__(
        self,
        settings: OidcSettings,
        directory: ProviderDirectory,
        validator: TokenValidator,
        oidc_sessions: OidcSessions,
        sessions: Sessions,
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._validator = validator
        self._oidc_sessions = oidc_sessions
        self._sessions = sessions

    async def form(self, session_key: str, return_uri: str) -> SignOutForm | None:
        """Return the form that signs the user of a session out at the identity provider as well.

        Args:
            session_key: the key of the session, which has not ended yet.
            return_uri: the URL to which the identity provider sends the browser back.

        Returns:
            None if the provider offers no sign-out, does not answer, or the session has no identity token any more.

        Raises:
            DatabaseError: see services.errors.
        """
        try:
            token = await self._oidc_sessions.identity_token(session_key)
            metadata = await self._directory.metadata()
        except (IdentityProviderError, DataKeyError):
            return None
        if not token or not metadata.end_session_endpoint:
            return None
        fields = {
            'id_token_hint': token,
            'client_id': self._settings.client_id,
            'post_logout_redirect_uri': return_uri,
        }
        return SignOutForm(metadata.end_session_endpoint, fields)

    async def end_announced(self, logout_token: str, address: str) -> None:
        """End the sessions that a logout token announces; their open pages close at once.

        Raises:
            InvalidTokenError: the token is not valid, or was used before.
            IdentityProviderError: the keys of the provider cannot be read.
            DatabaseError: see services.errors.
        """
        token = await self._validator.validate_logout(logout_token)
        if not await self._oidc_sessions.use_once('jti', token.token_id, token.issued_at + LOGOUT_TOKEN_AGE + LEEWAY):
            raise InvalidTokenError('jti')
        reason = ended_by(texts.ACCESS_OIDC_SIGNED_OUT.format(label=self._settings.label))
        ended = await self._oidc_sessions.end(reason, address=address, subject=token.subject, sid=token.sid)
        log.info('a sign-out at the identity provider has ended %d sessions', ended)
        self._sessions.watcher.check_soon()
