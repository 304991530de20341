"""Validation of the tokens that the identity provider signs: identity tokens and logout tokens.

Every claim that the standards name is checked (OpenID Connect Core 3.1.3.7, Back-Channel Logout 2.6), with a small
leeway for clocks that differ.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any, Final

from authlib.oauth2.claims import JWTClaims
from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError

from services.oidc.oidc_errors import InvalidTokenError
from services.oidc.oidc_settings import OidcSettings
from services.oidc.provider_metadata import ProviderDirectory

ALGORITHMS: Final = frozenset({'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'})
"""Signatures with a key pair; `none`, and keys that the program would share with the provider, are refused."""
LEEWAY: Final = timedelta(seconds=60)
"""The difference of the clocks that is accepted."""
LOGOUT_TOKEN_AGE: Final = timedelta(minutes=10)
"""The age after which a logout token is refused; its `jti` is remembered for as long."""
LOGOUT_EVENT: Final = 'http://schemas.openid.net/event/backchannel-logout'
MAX_IDENTIFIER_LENGTH: Final = 255
MAX_TOKEN_LENGTH: Final = 100_000
"""Characters; joserfc refuses claims that are not much longer."""
IDENTITY_TYPES: Final = frozenset({'JWT', 'jwt', 'application/jwt'})
"""The types of an identity token; it may have none."""
LOGOUT_TYPES: Final = frozenset({'logout+jwt', 'application/logout+jwt'})
"""Both notations of the media type of a logout token, which must have it: no other signed token passes for one."""

Claims = Mapping[str, Any]


@dataclass(frozen=True)
class LogoutToken:
    """The end of a session, or of all sessions of a user, as the identity provider announces it."""

    subject: str
    sid: str
    """The session; empty for all sessions of the user."""
    token_id: str
    issued_at: datetime


class TokenValidator:
    """Validates tokens for one client of one identity provider."""

    def __init__(
        self,
        settings: OidcSettings,
        directory: ProviderDirectory,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._now = now

    async def validate_identity(self, token: object, *, nonce: str | None = None, access_token: str = '') -> Claims:
        """Return the claims of an identity token.

        Args:
            token: the token.
            nonce: what the authorization request contained; None for a token of a later request, which has none.
            access_token: the access token that came with it, whose hash the token may contain.

        Raises:
            InvalidTokenError: it is not valid.
            IdentityProviderError: the keys of the provider cannot be read.
        """
        header, claims = await self._decode(token, IDENTITY_TYPES)
        parameters = {'client_id': self._settings.client_id, 'access_token': access_token}
        self._check(CodeIDToken(claims, header, self._options(), parameters))
        _ = identifier(claims, 'sub')
        if 'events' in claims:  # another kind of token
            raise InvalidTokenError('events')
        # Compared here, because Authlib would skip an empty nonce, and not in constant time.
        if nonce is not None and not _is_equal(claims.get('nonce'), nonce):
            raise InvalidTokenError('nonce')
        return claims

    async def validate_logout(self, token: object) -> LogoutToken:
        """Return what a logout token announces; raises as `validate_identity` does.

        Whether it was used before is not checked here.
        """
        header, claims = await self._decode(token, LOGOUT_TYPES)
        self._check(JWTClaims(claims, header, self._options()))
        events = claims.get('events')
        if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
            raise InvalidTokenError('events')
        if 'nonce' in claims:
            raise InvalidTokenError('nonce')
        subject, sid = (identifier(claims, name) if name in claims else '' for name in ('sub', 'sid'))
        if not (subject or sid):
            raise InvalidTokenError('sub')
        issued_at = _time(claims, 'iat')
        if self._now() - issued_at > LOGOUT_TOKEN_AGE:
            raise InvalidTokenError('iat')
        return LogoutToken(subject, sid, identifier(claims, 'jti'), issued_at)

    async def _decode(self, token: object, types: frozenset[str]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the header and the claims of a token whose signature is valid."""
        if not isinstance(token, str) or not token.isascii() or len(token) > MAX_TOKEN_LENGTH:
            raise InvalidTokenError('no token')
        try:
            header = jws.extract_compact(token.encode()).headers()
        except (JoseError, ValueError, TypeError, RecursionError):
            raise InvalidTokenError('not signed') from None
        algorithm, key_id = header.get('alg'), header.get('kid')
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise InvalidTokenError('alg')
        if not (key_id is None or isinstance(key_id, str)):
            raise InvalidTokenError('kid')
        token_type = header.get('typ', 'JWT')
        if not isinstance(token_type, str) or token_type not in types:
            raise InvalidTokenError('typ')
        key = await self._directory.signing_key(key_id, algorithm)
        try:
            decoded = jwt.decode(token, key, algorithms=[algorithm])
        except (JoseError, ValueError, TypeError, RecursionError):
            raise InvalidTokenError('signature') from None
        return dict(decoded.header), dict(decoded.claims)

    def _options(self) -> dict[str, Any]:
        return {
            'iss': {'essential': True, 'value': self._settings.issuer},
            'aud': {'essential': True, 'value': self._settings.client_id},
            'exp': {'essential': True},
            'iat': {'essential': True},
        }

    def _check(self, claims: JWTClaims) -> None:
        try:
            claims.validate(now=int(self._now().timestamp()), leeway=int(LEEWAY.total_seconds()))
        except (JoseError, ValueError, TypeError, OverflowError) as error:
            # The description of joserfc names the claim and not its value.
            raise InvalidTokenError(str(getattr(error, 'description', '')) or type(error).__name__) from None
        _ = _time(claims, 'exp')


def identifier(claims: Claims, name: str) -> str:
    """Return a claim that identifies something.

    Raises:
        InvalidTokenError: it is missing, too long, or no printable text.
    """
    value = claims.get(name)
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= MAX_IDENTIFIER_LENGTH:
        raise InvalidTokenError(name)
    return value


def _time(claims: Claims, name: str) -> datetime:
    try:
        return datetime.fromtimestamp(claims[name], UTC)
    except (ValueError, TypeError, OverflowError, OSError, KeyError):
        raise InvalidTokenError(name) from None


def _is_equal(value: object, expected: str) -> bool:
    return isinstance(value, str) and compare_digest(value.encode('utf-8', 'replace'), expected.encode())
