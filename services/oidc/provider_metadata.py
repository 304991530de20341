"""What the identity provider publishes about itself: its endpoints (discovery) and its keys (JWKS).

Both are read at first use and cached, never when the program starts, which must not depend on another system.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from services.oidc.oidc_errors import IdentityProviderError, InvalidTokenError
from services.oidc.oidc_settings import is_secure
from services.oidc.provider_http import ProviderHttp

METADATA_SECONDS: Final = 3600.0
"""Seconds after which the endpoints are read again."""
KEYS_SECONDS: Final = 900.0
"""Seconds after which the keys are read again, so that a withdrawn key is not accepted for long."""
RETRY_SECONDS: Final = 3.0
"""Seconds after a failed attempt in which no other one is made, so that many sign-ins wait for none of them."""
UNKNOWN_KEY_SECONDS: Final = 10.0
"""Seconds between two readings of the keys because of an unknown key: anybody may send a token that names one."""
MIN_RSA_BITS: Final = 2048
DISCOVERY_PATH: Final = '/.well-known/openid-configuration'
KEY_TYPES: Final = {'RS': 'RSA', 'PS': 'RSA', 'ES': 'EC'}
"""The type of key by the first letters of a signature algorithm."""

SigningKey = RSAKey | ECKey

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ProviderMetadata:
    """The endpoints of the identity provider."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ''
    end_session_endpoint: str = ''
    sends_issuer: bool = False
    """Whether its responses name the issuer (RFC 9207)."""
    has_basic_auth: bool = True
    """Whether the program may authenticate by HTTP Basic; else it writes the secret into the form."""


class ProviderDirectory:
    """Reads and caches what the identity provider publishes."""

    def __init__(self, issuer: str, http: ProviderHttp, clock: Callable[[], float] = time.monotonic) -> None:
        """Read what `issuer` publishes; `clock` returns seconds."""
        self._issuer = issuer
        self._http = http
        self._clock = clock
        self._lock = asyncio.Lock()
        self._metadata: ProviderMetadata | None = None
        self._metadata_at = 0.0
        self._keys: tuple[SigningKey, ...] = ()
        self._keys_at: float | None = None
        self._failed_at: float | None = None
        self._failure = ''

    async def metadata(self) -> ProviderMetadata:
        """Return the endpoints; those of before if they are due to be read again and the provider does not answer.

        Raises:
            IdentityProviderError: they have never been read, and cannot be.
        """
        async with self._lock:
            return await self._current_metadata()

    async def signing_key(self, key_id: str | None, algorithm: str) -> SigningKey:
        """Return the key that a token names, or the only one that fits if it names none.

        Raises:
            InvalidTokenError: there is no such key, even after the keys were read again.
            IdentityProviderError: the keys cannot be read.
        """
        async with self._lock:
            age = None if self._keys_at is None else self._clock() - self._keys_at
            if age is None or age > KEYS_SECONDS:
                await self._read_keys()
            key = self._find_key(key_id, algorithm)
            if key is None and age is not None and UNKNOWN_KEY_SECONDS < age <= KEYS_SECONDS:
                await self._read_keys()
                key = self._find_key(key_id, algorithm)
        if key is None:
            raise InvalidTokenError('unknown key')
        return key

    async def _current_metadata(self) -> ProviderMetadata:
        if self._metadata and self._clock() - self._metadata_at < METADATA_SECONDS:
            return self._metadata
        try:
            response = await self._get(self._issuer.rstrip('/') + DISCOVERY_PATH)
            self._metadata, self._metadata_at = _parse_metadata(response, self._issuer), self._clock()
        except IdentityProviderError as error:
            self._note_failure(error)
            if self._metadata is None:
                raise
        return self._metadata

    async def _read_keys(self) -> None:
        metadata = await self._current_metadata()
        try:
            response = await self._get(metadata.jwks_uri)
            keys = tuple(_parse_keys(response))
        except IdentityProviderError as error:
            self._note_failure(error)
            raise
        self._keys, self._keys_at = keys, self._clock()

    async def _get(self, url: str) -> Mapping[str, Any]:
        if self._failed_at is not None and self._clock() - self._failed_at < RETRY_SECONDS:
            raise IdentityProviderError(self._failure)
        response = await self._http.get(url)
        if response.status != 200:
            raise IdentityProviderError(f'status {response.status}')
        self._failed_at = None
        return response.content

    def _note_failure(self, error: IdentityProviderError) -> None:
        is_repeated = self._failed_at is not None and self._clock() - self._failed_at < RETRY_SECONDS
        if not is_repeated:
            self._failed_at, self._failure = self._clock(), str(error)
            log.warning('the identity provider does not answer as expected (%s)', error)

    def _find_key(self, key_id: str | None, algorithm: str) -> SigningKey | None:
        fitting = [
            key
            for key in self._keys
            if key.key_type == KEY_TYPES[algorithm[:2]] and key.get('alg') in (None, algorithm)
        ]
        if key_id is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.get('kid') == key_id), None)


def _parse_metadata(content: Mapping[str, Any], issuer: str) -> ProviderMetadata:
    if content.get('issuer') != issuer:
        raise IdentityProviderError('the published issuer is not that of the settings')
    return ProviderMetadata(
        authorization_endpoint=_endpoint(content, 'authorization_endpoint', required=True),
        token_endpoint=_endpoint(content, 'token_endpoint', required=True),
        jwks_uri=_endpoint(content, 'jwks_uri', required=True),
        userinfo_endpoint=_endpoint(content, 'userinfo_endpoint'),
        end_session_endpoint=_endpoint(content, 'end_session_endpoint'),
        sends_issuer=content.get('authorization_response_iss_parameter_supported') is True,
        has_basic_auth='client_secret_basic' in _texts(content.get('token_endpoint_auth_methods_supported'))
        or not _texts(content.get('token_endpoint_auth_methods_supported')),
    )


def _endpoint(content: Mapping[str, Any], name: str, *, required: bool = False) -> str:
    url = content.get(name)
    if url is None and not required:
        return ''
    try:
        if isinstance(url, str) and url.isprintable() and is_secure(url):
            return url
    except ValueError:
        pass
    raise IdentityProviderError(f'{name} is no secure URL')


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _parse_keys(content: Mapping[str, Any]) -> list[SigningKey]:
    """Return the keys that can verify a signature; others are ignored, as RFC 7517 requires."""
    published = content.get('keys')
    if not isinstance(published, list):
        raise IdentityProviderError('there are no keys')
    return [key for each in published if isinstance(each, dict) and (key := _parse_key(each))]


def _parse_key(published: dict[str, Any]) -> SigningKey | None:
    if published.get('kty') not in KEY_TYPES.values() or published.get('use', 'sig') != 'sig':
        return None
    try:
        key = import_key(published)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAKey):
        return key if key.public_key.key_size >= MIN_RSA_BITS else None
    return key if isinstance(key, ECKey) else None
