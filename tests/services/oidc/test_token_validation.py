"""Tokens that are not exactly what the standards require are refused."""

import hashlib
import hmac
import warnings
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import OctKey, RSAKey

from services import texts
from services.oidc.oidc_errors import InvalidTokenError, OidcSignInError
from services.oidc.token_validation import LOGOUT_EVENT
from tests.helpers.fake_identity_provider import (
    CLIENT_ID,
    EC_KEY,
    KEYS,
    FakeIdentityProvider,
    OidcServices,
    encoded,
    public,
    signed,
    signed_logout,
    unsigned,
)

INVALID = texts.OIDC_INVALID.format(label='ИЭМК')
with warnings.catch_warnings():
    warnings.simplefilter('ignore', SecurityWarning)
    SHORT_KEY = RSAKey.generate_key(1024)
MakeToken = Callable[[FakeIdentityProvider], str]


def with_claims(**changes: Any) -> MakeToken:
    """Return a function that signs the claims of a valid token with changes."""
    return lambda provider: signed(provider.token_claims(**changes))


def shared_key_token(provider: FakeIdentityProvider) -> str:
    """Return a token signed by the public key as if both sides shared it."""
    pem = KEYS['first'].as_pem(private=False)
    header, claims = encoded({'alg': 'HS256', 'kid': 'first'}), encoded(provider.token_claims())
    signature = hmac.new(pem, f'{header}.{claims}'.encode(), hashlib.sha256).digest()
    return f'{header}.{claims}.{urlsafe_b64encode(signature).decode().rstrip("=")}'


INVALID_TOKENS: dict[str, MakeToken] = {
    'no signature': lambda provider: unsigned(provider.token_claims()),
    'no signature, other case': lambda provider: unsigned(provider.token_claims(), {'alg': 'None', 'kid': 'first'}),
    'client secret as key': lambda provider: signed(
        provider.token_claims(), OctKey.import_key('secret'.ljust(32, '.')), 'HS256'
    ),
    'public key as shared key': shared_key_token,
    'key of another': lambda provider: signed(provider.token_claims(), KEYS['second']),
    'unknown key': lambda provider: signed(provider.token_claims(), KEYS['second'], kid='second'),
    'key in the header': lambda provider: signed(
        provider.token_claims(), KEYS['second'], jwk=KEYS['second'].as_dict(private=False)
    ),
    'key id of another type': lambda provider: '.'.join(
        [encoded({'alg': 'RS256', 'kid': ['first']}), *signed(provider.token_claims()).split('.')[1:]]
    ),
    'type of another token': lambda provider: signed(provider.token_claims(), typ='logout+jwt'),
    'changed claims': lambda provider: '.'.join(
        [*signed(provider.token_claims()).split('.')[:1], encoded(provider.token_claims(sub='chief')), 'AAAA']
    ),
    'no token': lambda provider: '',
    'no text': lambda provider: 'я.я.я',
    'two parts': lambda provider: 'eyJ.eyJ',
    'encrypted': lambda provider: 'a.b.c.d.e',
    'too long': lambda provider: signed(provider.token_claims(long='a' * 300_000)),
    'wrong issuer': with_claims(iss='https://evil.test'),
    'issuer with a slash': with_claims(iss='https://login.region.test/realms/health/'),
    'no issuer': with_claims(iss=...),
    'issuer as a list': with_claims(iss=['https://login.region.test/realms/health']),
    'for another client': with_claims(aud='another'),
    'for nobody': with_claims(aud=[]),
    'no audience': with_claims(aud=...),
    'audience of objects': with_claims(aud=[{'journal': 1}]),
    'for several, not authorised': with_claims(aud=[CLIENT_ID, 'another']),
    'for several, another authorised': with_claims(aud=[CLIENT_ID, 'another'], azp='another'),
    'authorised for another': with_claims(azp='another'),
    'expired': with_claims(exp=1),
    'never expires': with_claims(exp=...),
    'expires at no time': with_claims(exp='tomorrow'),
    'expires as a truth': with_claims(exp=True),
    'expires too late for a date': with_claims(exp=10**30),
    'never issued': with_claims(iat=...),
    'issued as text': with_claims(iat='now'),
    'issued in the future': lambda provider: signed(provider.token_claims(iat=provider.token_claims()['iat'] + 61)),
    'valid later': lambda provider: signed(provider.token_claims(nbf=provider.token_claims()['iat'] + 61)),
    'another nonce': with_claims(nonce='another'),
    'no nonce': with_claims(nonce=...),
    'empty nonce': with_claims(nonce=''),
    'nonce as a list': lambda provider: signed(provider.token_claims(nonce=[provider.nonce])),
    'no subject': with_claims(sub=...),
    'empty subject': with_claims(sub=''),
    'subject as a number': with_claims(sub=7),
    'long subject': with_claims(sub='a' * 256),
    'subject that ends a line': with_claims(sub='a\nb'),
    'subject that is not seen': with_claims(sub='anna\u200b'),
    'session as a list': with_claims(sid=['a']),
    'hash of another access token': with_claims(at_hash='AAAAAAAAAAAAAAAAAAAAAA'),
    'hash as a number': with_claims(at_hash=7),
    'logout token': with_claims(events={LOGOUT_EVENT: {}}),
    'methods as text': with_claims(amr='otp'),
}


@pytest.mark.parametrize('name', INVALID_TOKENS)
async def test_an_invalid_identity_token_is_refused(
    name: str, oidc: OidcServices, caplog: pytest.LogCaptureFixture
) -> None:
    parameters, pending = await oidc.begin()
    oidc.provider.id_token = INVALID_TOKENS[name](oidc.provider)
    with pytest.raises(OidcSignInError) as caught:
        await oidc.complete(pending, code='c', state=parameters['state'])
    expected = texts.OIDC_UNAVAILABLE.format(label='ИЭМК') if name in ('no token', 'no text') else INVALID
    assert str(caught.value) == expected
    assert not any(part in caplog.text for part in oidc.provider.id_token.split('.') if len(part) > 3)
    assert oidc.provider.count('userinfo') == 0


@pytest.mark.parametrize(
    'make_token',
    [
        with_claims(),
        with_claims(aud=[CLIENT_ID]),
        with_claims(aud=[CLIENT_ID, 'another'], azp=CLIENT_ID),
        lambda provider: signed(provider.token_claims(exp=provider.token_claims()['iat'] - 59)),
        lambda provider: signed(provider.token_claims(iat=provider.token_claims()['iat'] + 59)),
        lambda provider: signed(provider.token_claims(), algorithm='PS256'),
        lambda provider: signed(provider.token_claims(), EC_KEY, 'ES256', kid='ec'),
        lambda provider: signed(provider.token_claims(), EC_KEY, 'ES256', kid=...),
    ],
)
async def test_a_valid_identity_token_is_accepted(make_token: MakeToken, oidc: OidcServices) -> None:
    oidc.provider.published['ec'] = public(EC_KEY, 'ec')
    parameters, pending = await oidc.begin()
    oidc.provider.id_token = make_token(oidc.provider)
    await oidc.complete(pending, code='c', state=parameters['state'])


async def test_without_a_key_id_only_a_single_key_fits(oidc: OidcServices) -> None:
    oidc.provider.published['second'] = public(KEYS['second'], 'second')
    parameters, pending = await oidc.begin()
    oidc.provider.id_token = signed(oidc.provider.token_claims(), kid=...)
    with pytest.raises(OidcSignInError, match=INVALID):
        await oidc.complete(pending, code='c', state=parameters['state'])


@pytest.mark.parametrize(
    'published',
    [
        public(SHORT_KEY, 'first'),
        public(KEYS['first'], 'first', use='enc'),
        public(KEYS['first'], 'first', alg='RS512'),
        {'kty': 'oct', 'k': 'c2VjcmV0', 'kid': 'first'},
        {'kty': 'RSA', 'n': 'AQ', 'e': 'AQAB', 'kid': 'first'},
        {'kty': 'RSA', 'kid': 'first'},
        {'kty': ['RSA']},
    ],
)
@pytest.mark.filterwarnings('ignore:Key size')
async def test_a_published_key_that_is_unfit_is_ignored(published: dict[str, Any], oidc: OidcServices) -> None:
    key = SHORT_KEY if published.get('n') == public(SHORT_KEY, 'first')['n'] else KEYS['first']
    oidc.provider.published = {'first': published, 'second': public(KEYS['second'], 'second')}
    parameters, pending = await oidc.begin()
    oidc.provider.id_token = signed(oidc.provider.token_claims(), key)
    with pytest.raises(OidcSignInError, match=INVALID):
        await oidc.complete(pending, code='c', state=parameters['state'])
    assert await oidc_with_second_key(oidc)


async def oidc_with_second_key(oidc: OidcServices) -> bool:
    parameters, pending = await oidc.begin()
    oidc.provider.id_token = signed(oidc.provider.token_claims(), KEYS['second'], kid='second')
    return bool((await oidc.complete(pending, code='c', state=parameters['state'])).identifier)


INVALID_LOGOUT_TOKENS: dict[str, dict[str, Any]] = {
    'no event': {'events': ...},
    'another event': {'events': {'http://schemas.openid.net/event/other': {}}},
    'events as a list': {'events': [LOGOUT_EVENT]},
    'event that is no object': {'events': {LOGOUT_EVENT: True}},
    'nonce': {'nonce': 'n'},
    'neither user nor session': {'sub': ...},
    'empty session': {'sid': ''},
    'session as a list': {'sid': ['s']},
    'no identifier': {'jti': ...},
    'identifier as a number': {'jti': 7},
    'expired': {'exp': 1},
    'never expires': {'exp': ...},
    'for another client': {'aud': 'another'},
    'of another provider': {'iss': 'https://evil.test'},
}


@pytest.mark.parametrize('name', INVALID_LOGOUT_TOKENS)
async def test_an_invalid_logout_token_ends_nothing(name: str, oidc: OidcServices) -> None:
    identifier = await oidc.sign_in()
    token = signed_logout(oidc.provider.logout_claims(**INVALID_LOGOUT_TOKENS[name]))
    with pytest.raises(InvalidTokenError):
        await oidc.openid_connect.sign_out.end_announced(token, '')
    assert await oidc.identity(identifier)


async def test_other_tokens_are_no_logout_tokens(oidc: OidcServices) -> None:
    identifier = await oidc.sign_in()
    claims = oidc.provider.logout_claims()
    for token in (
        signed(oidc.provider.token_claims()),
        signed_logout(oidc.provider.token_claims()),
        signed_logout(oidc.provider.token_claims(nonce=...)),
        signed_logout(oidc.provider.token_claims(events={LOGOUT_EVENT: {}}, jti='identity-1')),
        unsigned(claims, {'alg': 'none', 'typ': 'logout+jwt'}),
        unsigned(claims, {'alg': ['RS256'], 'typ': 'logout+jwt'}),
        signed(claims, KEYS['second'], typ='logout+jwt'),
        signed(claims, OctKey.import_key('s' * 32), 'HS256', typ='logout+jwt'),
        '',
    ):
        with pytest.raises(InvalidTokenError):
            await oidc.openid_connect.sign_out.end_announced(token, '')
    assert await oidc.identity(identifier)


@pytest.mark.parametrize('token_type', ['JWT', 'jwt', 'application/jwt', 'at+jwt', '', ..., ['logout+jwt']])
async def test_a_logout_token_of_another_type_is_refused(token_type: object, oidc: OidcServices) -> None:
    identifier = await oidc.sign_in()
    if isinstance(token_type, list):
        header = {'alg': 'RS256', 'kid': 'first', 'typ': token_type}
        token = '.'.join([encoded(header), *signed(oidc.provider.logout_claims()).split('.')[1:]])
    else:
        token = signed(oidc.provider.logout_claims(), typ=token_type)
    with pytest.raises(InvalidTokenError, match=r'^typ$'):
        await oidc.openid_connect.sign_out.end_announced(token, '')
    assert await oidc.identity(identifier)


@pytest.mark.parametrize('token_type', ['logout+jwt', 'application/logout+jwt'])
async def test_a_logout_token_has_its_media_type(token_type: str, oidc: OidcServices) -> None:
    identifier = await oidc.sign_in()
    token = signed(oidc.provider.logout_claims(), typ=token_type)
    await oidc.openid_connect.sign_out.end_announced(token, '')
    assert await oidc.identity(identifier) is None


async def test_an_old_logout_token_is_refused_however_long_it_is_valid(oidc: OidcServices) -> None:
    identifier = await oidc.sign_in()
    issued_at = oidc.auth.time - timedelta(minutes=11)
    token = signed_logout(oidc.provider.logout_claims(iat=int(issued_at.timestamp())))
    with pytest.raises(InvalidTokenError, match='iat'):
        await oidc.openid_connect.sign_out.end_announced(token, '')
    assert await oidc.identity(identifier)
