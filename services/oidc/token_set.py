"""The tokens that the identity provider issues for a session, and the requests that return them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_token_request

from services.keys.data_key import DataKey
from services.oidc.oidc_errors import GrantRevokedError, IdentityProviderError, InvalidTokenError
from services.oidc.oidc_settings import OidcSettings
from services.oidc.provider_http import ProviderHttp, ProviderResponse
from services.oidc.provider_metadata import ProviderDirectory, ProviderMetadata
from services.oidc.token_validation import Claims

PURPOSE: Final = 'oidc tokens'
MAX_LIFETIME_SECONDS: Final = 365 * 86400.0
MAX_ERROR_LENGTH: Final = 40
"""Characters; a standard error code is shorter, and no other text of the provider is logged."""


@dataclass(frozen=True)
class TokenSet:
    """The tokens of a session."""

    access_token: str = field(repr=False)
    id_token: str = field(default='', repr=False)
    """Empty for stored tokens: it is needed only when it arrives."""
    refresh_token: str = field(default='', repr=False)
    expires_at: float = 0.0
    """When the access token expires, in seconds since 1970."""

    def encrypt(self, data_key: DataKey) -> str:
        """Return the tokens as they are stored."""
        return data_key.encrypt(PURPOSE, json.dumps(asdict(replace(self, id_token=''))))

    @classmethod
    def decrypt(cls, data_key: DataKey, stored: str) -> 'TokenSet':
        """Return stored tokens.

        Raises:
            DataKeyError: see DataKey.decrypt.
        """
        return cls(**json.loads(data_key.decrypt(PURPOSE, stored)))


class TokenClient:
    """Requests tokens, and what they entitle to read."""

    def __init__(
        self,
        settings: OidcSettings,
        directory: ProviderDirectory,
        http: ProviderHttp,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._http = http
        self._now = now

    async def exchange_code(self, code: str, verifier: str, redirect_uri: str) -> TokenSet:
        """Return the tokens for an authorization code.

        Raises:
            GrantRevokedError: the code is not valid.
            IdentityProviderError: the provider did not answer, or not as the standard requires.
        """
        body = prepare_token_request('authorization_code', redirect_uri=redirect_uri, code=code, code_verifier=verifier)
        tokens = await self._request_tokens(body)
        if not tokens.id_token:
            raise IdentityProviderError('there is no identity token')
        return tokens

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """Return new tokens for those of a session; a refresh token that the response leaves out stays.

        Raises:
            GrantRevokedError: the provider does not accept the refresh token any more.
            IdentityProviderError: see `exchange_code`.
        """
        fresh = await self._request_tokens(prepare_token_request('refresh_token', refresh_token=tokens.refresh_token))
        return TokenSet(
            fresh.access_token, fresh.id_token, fresh.refresh_token or tokens.refresh_token, fresh.expires_at
        )

    async def user_info(self, tokens: TokenSet, subject: str) -> Claims:
        """Return the claims of the user info endpoint; none if the provider has no such endpoint.

        Raises:
            GrantRevokedError: the provider does not accept the access token any more.
            InvalidTokenError: the claims are about another user.
            IdentityProviderError: see `exchange_code`.
        """
        metadata = await self._directory.metadata()
        if not metadata.userinfo_endpoint:
            return {}
        response = await self._http.get(metadata.userinfo_endpoint, bearer_token=tokens.access_token)
        if response.status in (401, 403):
            raise GrantRevokedError(f'status {response.status}')
        if response.status != 200:
            raise IdentityProviderError(f'status {response.status}')
        if response.content.get('sub') != subject:
            raise InvalidTokenError('sub')
        return response.content

    async def _request_tokens(self, body: str) -> TokenSet:
        metadata = await self._directory.metadata()
        auth, body = self._authenticate(metadata, body)
        response = await self._http.post(metadata.token_endpoint, body, auth=auth)
        if response.status != 200:
            raise _refusal(response)
        content = response.content
        if str(content.get('token_type', '')).lower() != 'bearer' or not _text(content, 'access_token'):
            raise IdentityProviderError('the response has no bearer token')
        return TokenSet(
            access_token=_text(content, 'access_token'),
            id_token=_text(content, 'id_token'),
            refresh_token=_text(content, 'refresh_token'),
            expires_at=self._now().timestamp() + _lifetime(content),
        )

    def _authenticate(self, metadata: ProviderMetadata, body: str) -> tuple[httpx.Auth | None, str]:
        client_id, secret = (quote(text, safe='') for text in (self._settings.client_id, self._settings.client_secret))
        if metadata.has_basic_auth:  # both are encoded as in a form, RFC 6749 2.3.1
            return httpx.BasicAuth(client_id, secret), body
        return None, f'{body}&client_id={client_id}&client_secret={secret}'


def _refusal(response: ProviderResponse) -> GrantRevokedError | IdentityProviderError:
    error = response.content.get('error')
    if error == 'invalid_grant':
        return GrantRevokedError(error)
    code = error if isinstance(error, str) and error.isascii() and error.isidentifier() else ''
    return IdentityProviderError(f'status {response.status} {code[:MAX_ERROR_LENGTH]}'.strip())


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) and value.isascii() and value.isprintable() else ''


def _lifetime(content: Mapping[str, Any]) -> float:
    """Return the seconds for which an access token is valid; 0 if the provider does not say."""
    seconds = content.get('expires_in')
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return min(max(float(seconds or 0), 0.0), MAX_LIFETIME_SECONDS) if is_number else 0.0
