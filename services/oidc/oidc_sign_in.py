"""Sign-in at the identity provider: authorization code with PKCE, state and nonce (OpenID Connect Core 3.1).

What a sign-in needs between its two requests travels in the session cookie of the browser, encrypted, so that any node
can complete it and no other browser can. The state is valid once, which the database remembers.
"""

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Final

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from services import texts
from services.accounts.authentication import NewSession
from services.accounts.identity import ClientInfo
from services.accounts.sessions import Sessions
from services.keys.data_key import DataKey, DataKeyError
from services.oidc.claims import ClaimedUser, claimed_user, has_second_factor, lacks_claims
from services.oidc.oidc_accounts import OidcAccounts
from services.oidc.oidc_errors import GrantRevokedError, IdentityProviderError, InvalidTokenError, OidcSignInError
from services.oidc.oidc_sessions import OidcSessions
from services.oidc.oidc_settings import OidcSettings
from services.oidc.provider_metadata import ProviderDirectory
from services.oidc.token_set import TokenClient, TokenSet
from services.oidc.token_validation import Claims, TokenValidator, identifier

PURPOSE: Final = 'oidc sign-in'
SIGN_IN_TIMEOUT: Final = timedelta(minutes=15)
"""The time that a user has at the identity provider."""
MAX_RETURN_PATH_LENGTH: Final = 1000
"""Characters as JSON; a longer one is dropped, because a cookie holds 4 KB."""
MAX_PARAMETER_LENGTH: Final = 4096
USER_DECISIONS: Final = frozenset(
    {'access_denied', 'login_required', 'interaction_required', 'consent_required', 'account_selection_required'}
)
"""Errors of the identity provider that are a decision of the user."""
TEMPORARY_ERRORS: Final = frozenset({'temporarily_unavailable', 'server_error'})

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PendingSignIn:
    """A sign-in that has begun."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    return_path: str
    begun_at: float


class OidcSignIn:
    """Begins and completes sign-ins."""

    def __init__(
        self,
        settings: OidcSettings,
        directory: ProviderDirectory,
        validator: TokenValidator,
        tokens: TokenClient,
        accounts: OidcAccounts,
        oidc_sessions: OidcSessions,
        sessions: Sessions,
        data_key: DataKey,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._validator = validator
        self._tokens = tokens
        self._accounts = accounts
        self._oidc_sessions = oidc_sessions
        self._sessions = sessions
        self._data_key = data_key
        self._now = now

    async def begin(self, redirect_uri: str, return_path: str) -> tuple[str, str]:
        """Begin a sign-in.

        Args:
            redirect_uri: the URL to which the identity provider sends the browser back.
            return_path: the page to open afterwards.

        Returns:
            The URL at the identity provider, and the text that the browser stores until it returns.

        Raises:
            OidcSignInError: the identity provider does not answer; the message is for the user.
        """
        try:
            metadata = await self._directory.metadata()
        except IdentityProviderError:
            raise self._error(texts.OIDC_UNAVAILABLE) from None
        if len(json.dumps(return_path)) > MAX_RETURN_PATH_LENGTH:
            return_path = '/'
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        pending = PendingSignIn(state, nonce, verifier, redirect_uri, return_path, self._now().timestamp())
        acr_values = self._settings.acr_values if self._settings.requires_second_factor else ()
        url = prepare_grant_uri(
            metadata.authorization_endpoint,
            client_id=self._settings.client_id,
            response_type='code',
            redirect_uri=redirect_uri,
            scope=self._settings.scopes,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method='S256',
            acr_values=' '.join(sorted(acr_values)) or None,
        )
        return url, self._data_key.encrypt(PURPOSE, json.dumps(vars(pending)))

    async def complete(
        self, pending_text: str, parameters: Mapping[str, str], client: ClientInfo
    ) -> tuple[NewSession, str]:
        """Complete the sign-in that a browser has begun.

        Args:
            pending_text: what `begin` returned for the browser; empty if it has none.
            parameters: the query with which the identity provider sent the browser back.
            client: the browser.

        Returns:
            The session, and the page to open.

        Raises:
            OidcSignInError: the user may not enter; the message is for the user.
            AccountError: the account was changed at this moment.
            DatabaseError: see services.errors.
        """
        pending = await self._use_pending(pending_text, parameters)
        await self._check_response(parameters)
        code = parameters.get('code', '')
        if not 0 < len(code) <= MAX_PARAMETER_LENGTH:
            raise self._error(texts.OIDC_INVALID)
        try:
            tokens = await self._tokens.exchange_code(code, pending.verifier, pending.redirect_uri)
            identity = await self._validator.validate_identity(
                tokens.id_token, nonce=pending.nonce, access_token=tokens.access_token
            )
            user = claimed_user(await self._with_user_info(identity, tokens), self._settings)
            sid = identifier(identity, 'sid') if 'sid' in identity else ''
        except IdentityProviderError as error:
            log.warning('a sign-in failed, because the identity provider did not answer as expected (%s)', error)
            raise self._error(texts.OIDC_UNAVAILABLE) from None
        except (InvalidTokenError, GrantRevokedError) as error:
            log.warning('a sign-in was refused, because a code or token is not valid (%s)', error)
            raise self._error(texts.OIDC_INVALID) from None
        return await self._enter(user, identity, tokens, sid, client), pending.return_path

    async def _enter(
        self, user: ClaimedUser, identity: Claims, tokens: TokenSet, sid: str, client: ClientInfo
    ) -> NewSession:
        """Start the session of a user, if their claims entitle them to enter."""
        role = user.role
        if role is None:
            await self._accounts.record_refusal(user, texts.ACCESS_OIDC_NO_ROLE, client.address)
            raise self._error(texts.OIDC_NO_ROLE)
        if self._settings.requires_second_factor and not has_second_factor(identity, self._settings):
            await self._accounts.record_refusal(user, texts.ACCESS_OIDC_NO_FACTOR, client.address)
            raise self._error(texts.OIDC_NO_FACTOR)
        try:
            verified = await self._accounts.enter(user, role, client.address)
        except OidcSignInError:
            await self._accounts.record_refusal(user, texts.ACCESS_OIDC_BLOCKED, client.address)
            raise
        self._sessions.watcher.check_soon()  # a changed role has ended the other sessions
        identifier, failed = await self._sessions.create(
            verified,
            replace(client, device_token=''),
            source=texts.ACCESS_OIDC_SOURCE.format(label=self._settings.label),
            on_created=lambda session, key: self._oidc_sessions.insert(
                session, key, tokens, sid, self._settings.refresh_interval
            ),
        )
        return NewSession(identifier, failed_attempts=failed)

    async def _use_pending(self, pending_text: str, parameters: Mapping[str, str]) -> PendingSignIn:
        """Return the sign-in that a response belongs to; it cannot be used again."""
        try:
            pending = PendingSignIn(**json.loads(self._data_key.decrypt(PURPOSE, pending_text)))
        except (DataKeyError, ValueError, TypeError):
            raise self._error(texts.OIDC_NOT_BEGUN) from None
        state = parameters.get('state', '')
        if not compare_digest(state.encode('utf-8', 'replace'), pending.state.encode()):
            raise self._error(texts.OIDC_NOT_BEGUN)
        expires_at = datetime.fromtimestamp(pending.begun_at, UTC) + SIGN_IN_TIMEOUT
        if self._now() > expires_at or not await self._oidc_sessions.use_once('state', state, expires_at):
            raise self._error(texts.OIDC_NOT_BEGUN)
        return pending

    async def _check_response(self, parameters: Mapping[str, str]) -> None:
        """Check that the response comes from the identity provider (RFC 9207), and that it is no error."""
        try:
            metadata = await self._directory.metadata()
        except IdentityProviderError:
            raise self._error(texts.OIDC_UNAVAILABLE) from None
        issuer = parameters.get('iss')
        if issuer != self._settings.issuer and (issuer is not None or metadata.sends_issuer):
            log.warning('a sign-in was refused, because its response names another issuer, or none')
            raise self._error(texts.OIDC_INVALID)
        error = parameters.get('error')
        if error is None:
            return
        if error in USER_DECISIONS:
            raise self._error(texts.OIDC_CANCELLED)
        if error in TEMPORARY_ERRORS:
            raise self._error(texts.OIDC_UNAVAILABLE)
        is_code = error.isascii() and error.isidentifier() and len(error) < 40
        log.warning('the identity provider refused a sign-in (%s)', error if is_code else 'unknown error')
        raise self._error(texts.OIDC_REFUSED)

    async def _with_user_info(self, identity: Claims, tokens: TokenSet) -> Claims:
        """Return the claims of an identity token, with those of the user info endpoint if some are missing."""
        if not lacks_claims(identity, self._settings):
            return identity
        return {**await self._tokens.user_info(tokens, identifier(identity, 'sub')), **identity}

    def _error(self, text: str) -> OidcSignInError:
        return OidcSignInError(text.format(label=self._settings.label))
