"""Sign-out at the identity provider: begun here (RP-Initiated Logout), or announced by it (Back-Channel Logout).

The provider knows the user by its own cookie, and asks whether to sign out. It could do without the question if it
received the identity token as a hint. That is left out: in a URL the token would be logged on its way, and a form that
another site sends comes without the cookie of a provider that restricts it (SameSite).
"""

import logging

from authlib.common.urls import add_params_to_uri

from services import texts
from services.accounts.sessions import Sessions
from services.oidc.oidc_errors import IdentityProviderError, InvalidTokenError
from services.oidc.oidc_sessions import OidcSessions, ended_by
from services.oidc.oidc_settings import OidcSettings
from services.oidc.provider_metadata import ProviderDirectory
from services.oidc.token_validation import LEEWAY, LOGOUT_TOKEN_AGE, TokenValidator

log = logging.getLogger(__name__)


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

    async def url(self, return_uri: str) -> str:
        """Return the URL at which a user signs out at the identity provider as well.

        Args:
            return_uri: the URL to which the identity provider sends the browser back.

        Returns:
            An empty text if the provider offers no sign-out, or does not answer.
        """
        try:
            metadata = await self._directory.metadata()
        except IdentityProviderError:
            return ''
        if not metadata.end_session_endpoint:
            return ''
        parameters = {'client_id': self._settings.client_id, 'post_logout_redirect_uri': return_uri}
        return str(add_params_to_uri(metadata.end_session_endpoint, list(parameters.items())))

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
