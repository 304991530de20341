"""An identity provider that answers whatever a test wants, in place of the network, and the services that ask it."""

import asyncio
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import select

from models import AuditEvent
from services.accounts.authentication import NewSession
from services.accounts.identity import AllowedAccounts, Identity
from services.accounts.sessions import DEFAULT_LIMITS, SessionLimits
from services.database.engine import Database
from services.database.tables import ACCESS_RECORD_TABLE
from services.keys.data_key import DataKey
from services.oidc.oidc_settings import OidcSettings
from services.oidc.openid_connect import OpenIdConnect, create_openid_connect
from services.oidc.provider_http import ProviderHttp
from services.oidc.token_validation import LOGOUT_EVENT
from tests.helpers.auth_services import FIRST_CLIENT, AuthServices

ISSUER = 'https://login.region.test/realms/health'
CLIENT_ID = 'journal'
REDIRECT_URI = 'https://journal.region.test/login/oidc/callback'
KEYS = {'first': RSAKey.generate_key(2048), 'second': RSAKey.generate_key(2048)}
EC_KEY = ECKey.generate_key('P-256')
SETTINGS = OidcSettings(issuer=ISSUER, client_id=CLIENT_ID, client_secret='secret')
Key = RSAKey | ECKey | OctKey


class FakeIdentityProvider:
    """What the provider answers; a test changes it."""

    def __init__(self, auth: AuthServices) -> None:
        """Answer with times of the clock of `auth`."""
        self._auth = auth
        self.metadata: dict[str, Any] = {
            'issuer': ISSUER,
            'authorization_endpoint': f'{ISSUER}/auth',
            'token_endpoint': f'{ISSUER}/token',
            'jwks_uri': f'{ISSUER}/keys',
            'userinfo_endpoint': f'{ISSUER}/userinfo',
            'end_session_endpoint': f'{ISSUER}/logout',
            'token_endpoint_auth_methods_supported': ['client_secret_basic'],
        }
        self.published: dict[str, dict[str, Any]] = {'first': public(KEYS['first'], 'first')}
        self.claims: dict[str, Any] = {'sub': 'anna-id', 'preferred_username': 'anna', 'roles': ['WebAdmin']}
        """The claims of identity tokens, beside those that each one needs."""
        self.user_info: dict[str, Any] = {}
        self.id_token: str | None = None
        """What is answered instead of a valid identity token."""
        self.tokens: dict[str, Any] = {'refresh_token': 'refresh-1', 'expires_in': 300}
        """What the answer with tokens contains, beside the tokens that each one needs."""
        self.answers: dict[str, httpx.Response] = {}
        """What is answered instead, by the last part of the path."""
        self.failure: Exception | None = None
        self.delay = 0.0
        self.requests: list[httpx.Request] = []
        self.nonce = ''

    def count(self, name: str) -> int:
        """Return the number of requests for a path that ends so."""
        return sum(request.url.path.endswith(name) for request in self.requests)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.requests.append(request)
        await asyncio.sleep(self.delay)
        if self.failure:
            raise self.failure
        name = request.url.path.rpartition('/')[2]
        if name in self.answers:
            return self.answers[name]
        answers: dict[str, Any] = {
            'openid-configuration': self.metadata,
            'keys': {'keys': list(self.published.values())},
            'userinfo': {'sub': self.claims.get('sub'), **self.user_info},
        }
        return httpx.Response(200, json=self._tokens(request) if name == 'token' else answers[name])

    def token_claims(self, **changes: object) -> dict[str, Any]:
        """Return the claims of a valid identity token; one changed to `...` is left out."""
        now = int(self._auth.time.timestamp())
        claims = {'iss': ISSUER, 'aud': CLIENT_ID, 'iat': now, 'exp': now + 300, 'nonce': self.nonce, **self.claims}
        return {name: value for name, value in {**claims, **changes}.items() if value is not ...}

    def logout_claims(self, **changes: object) -> dict[str, Any]:
        """Return the claims of a valid logout token; one changed to `...` is left out."""
        now = int(self._auth.time.timestamp())
        claims = {
            **{'iss': ISSUER, 'aud': CLIENT_ID, 'iat': now, 'exp': now + 120, 'jti': 'logout-1', 'sub': 'anna-id'},
            'events': {LOGOUT_EVENT: {}},
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not ...}

    def _tokens(self, request: httpx.Request) -> dict[str, Any]:
        form = parse_qs(request.content.decode())
        is_refresh = form['grant_type'] == ['refresh_token']
        changes: dict[str, object] = {'nonce': ...} if is_refresh else {}
        at_hash = create_half_hash('access', 'RS256')
        changes['at_hash'] = at_hash.decode() if isinstance(at_hash, bytes) else at_hash
        token = signed(self.token_claims(**{**changes, **self.claims})) if self.id_token is None else self.id_token
        return {'access_token': 'access', 'token_type': 'Bearer', 'id_token': token, **self.tokens}


def signed(claims: Mapping[str, Any], key: Key = KEYS['first'], algorithm: str = 'RS256', **header: object) -> str:
    """Return a signed token; by default it names the first key. What is `...` in the header is left out."""
    values = {'alg': algorithm, 'kid': 'first', 'typ': 'JWT', **header}
    parts = {name: value for name, value in values.items() if value is not ...}
    return jwt.encode(parts, dict(claims), key, [algorithm], default_type=None)


def signed_logout(claims: Mapping[str, Any]) -> str:
    """Return a signed token that has the type of a logout token."""
    return signed(claims, typ='logout+jwt')


def public(key: Key, key_id: str, **changes: object) -> dict[str, Any]:
    """Return a key as it is published."""
    return {**key.as_dict(private=False), 'kid': key_id, 'use': 'sig', **changes}


class OidcServices:
    """The services of accounts and of an identity provider, composed as in the program, with a settable clock."""

    def __init__(self, database: Database, *, limits: SessionLimits = DEFAULT_LIMITS, **changes: Any) -> None:
        """Compose them; `changes` are those of the settings of the identity provider."""
        self.database = database
        self.settings = replace(SETTINGS, **changes)
        self.auth = AuthServices(database, limits=limits, allowed_accounts=AllowedAccounts('', ISSUER))
        self.provider = FakeIdentityProvider(self.auth)
        self.openid_connect = self._compose()

    def _compose(self) -> OpenIdConnect:
        http = ProviderHttp(timeout_seconds=5, transport=httpx.MockTransport(self.provider.answer))
        composed = create_openid_connect(
            self.settings, self.database, self.auth.sessions, DataKey('k' * 32), self.auth.now, http
        )
        assert composed
        return composed

    async def begin(self, path: str = '/') -> tuple[dict[str, str], str]:
        """Begin a sign-in; return the parameters of the request, and what the browser stores."""
        url, pending = await self.openid_connect.sign_in.begin(REDIRECT_URI, path)
        parameters = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self.provider.nonce = parameters['nonce']
        return parameters, pending

    async def complete(self, pending: str, **response: str) -> NewSession:
        """Complete a sign-in with the response of the provider."""
        new_session, _ = await self.openid_connect.sign_in.complete(pending, response, FIRST_CLIENT)
        return new_session

    async def sign_in(self, **response: str) -> str:
        """Sign in; return the identifier of the session."""
        parameters, pending = await self.begin()
        return (await self.complete(pending, **{'code': 'c', 'state': parameters['state'], **response})).identifier

    async def identity(self, identifier: str) -> Identity | None:
        """Return the user of a session; None if it has ended."""
        session = await self.auth.sessions.find(identifier)
        return session.identity if session else None

    def events(self, *acts: AuditEvent) -> list[tuple[str, str]]:
        """Return the name and the description of the records of some events, the oldest first."""
        columns = ACCESS_RECORD_TABLE.c
        statement = select(columns.name, columns.what).where(columns.act.in_(acts)).order_by(columns.number)
        return self.database.read_sync(lambda session: [tuple(row) for row in session.execute(statement)])


def unsigned(claims: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
    """Return a token that claims to need no signature."""
    return '.'.join(map(encoded, (header or {'alg': 'none', 'kid': 'first'}, claims))) + '.'


def encoded(value: object) -> str:
    """Return a part of a token."""
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip('=')
