"""Discovery and keys of the identity provider: wrong, late, rotated, withdrawn, or not there."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from services.oidc.oidc_errors import IdentityProviderError, InvalidTokenError
from services.oidc.provider_http import MAX_RESPONSE_BYTES, ProviderHttp
from services.oidc.provider_metadata import (
    KEYS_SECONDS,
    METADATA_SECONDS,
    RETRY_SECONDS,
    UNKNOWN_KEY_SECONDS,
    ProviderDirectory,
)
from tests.helpers.auth_services import AuthServices
from tests.helpers.fake_identity_provider import ISSUER, KEYS, FakeIdentityProvider, public


class Directory:
    """A directory with a clock that a test sets."""

    def __init__(self, seconds: float = 5.0) -> None:
        self.seconds = 0.0
        self.provider = FakeIdentityProvider(AuthServices.__new__(AuthServices))
        self.http = ProviderHttp(timeout_seconds=seconds, transport=httpx.MockTransport(self.provider.answer))
        self.directory = ProviderDirectory(ISSUER, self.http, lambda: self.seconds)

    async def has_key(self, key_id: str) -> bool:
        try:
            await self.directory.signing_key(key_id, 'RS256')
        except InvalidTokenError:
            return False
        return True


async def test_nothing_is_read_before_it_is_needed_and_then_once() -> None:
    setup = Directory()
    assert setup.provider.requests == []
    for _ in range(3):
        await setup.directory.metadata()
        assert await setup.has_key('first')
    assert len(setup.provider.requests) == 2


@pytest.mark.parametrize(
    'change',
    [
        {'issuer': 'https://evil.test'},
        {'issuer': None},
        {'token_endpoint': 'http://login.region.test/token'},
        {'token_endpoint': None},
        {'jwks_uri': 'file:///etc/passwd'},
        {'authorization_endpoint': 'javascript:alert(1)'},
        {'authorization_endpoint': 'https://login.region.test/\nSet-Cookie: a=b'},
        {'userinfo_endpoint': ['https://login.region.test']},
        {'end_session_endpoint': 'https://[login'},
    ],
)
async def test_wrong_metadata_is_refused(change: dict[str, Any]) -> None:
    setup = Directory()
    setup.provider.metadata |= change
    with pytest.raises(IdentityProviderError):
        await setup.directory.metadata()


@pytest.mark.parametrize(
    'answer',
    [
        httpx.Response(500),
        httpx.Response(404, json={}),
        httpx.Response(302, headers={'location': f'{ISSUER}/other'}),
        httpx.Response(200, text='<html>'),
        httpx.Response(200, text='[]'),
        httpx.Response(200, text='{"issuer": NaN}'),
        httpx.Response(200, text='[' * 100_000),
        httpx.Response(200, content=b'\xff\xfe'),
        httpx.Response(200, text=json.dumps({'issuer': 'a' * MAX_RESPONSE_BYTES})),
    ],
)
async def test_an_answer_that_is_no_metadata_is_refused(answer: httpx.Response) -> None:
    setup = Directory()
    setup.provider.answers['openid-configuration'] = answer
    with pytest.raises(IdentityProviderError):
        await setup.directory.metadata()


async def test_a_slow_provider_is_not_waited_for() -> None:
    setup = Directory(seconds=0.05)
    setup.provider.delay = 3600
    with pytest.raises(IdentityProviderError, match='no response'):
        await setup.directory.metadata()


async def test_while_it_fails_it_is_asked_rarely_and_then_again() -> None:
    setup = Directory()
    setup.provider.failure = httpx.ConnectError('down')
    results = await asyncio.gather(*(setup.directory.metadata() for _ in range(20)), return_exceptions=True)
    assert all(isinstance(result, IdentityProviderError) for result in results)
    assert len(setup.provider.requests) == 1
    setup.provider.failure = None
    setup.seconds += RETRY_SECONDS
    assert (await setup.directory.metadata()).token_endpoint


async def test_old_metadata_serves_during_an_outage() -> None:
    setup = Directory()
    metadata = await setup.directory.metadata()
    setup.provider.failure = httpx.ConnectError('down')
    setup.seconds += METADATA_SECONDS
    assert await setup.directory.metadata() == metadata
    setup.provider.failure = None
    setup.provider.metadata['token_endpoint'] = f'{ISSUER}/other'
    setup.seconds += RETRY_SECONDS
    assert (await setup.directory.metadata()).token_endpoint == f'{ISSUER}/other'


async def test_a_new_key_is_found_and_unknown_keys_cost_few_requests() -> None:
    setup = Directory()
    assert await setup.has_key('first')
    setup.provider.published['second'] = public(KEYS['second'], 'second')
    setup.seconds += UNKNOWN_KEY_SECONDS + 1
    assert await setup.has_key('second')
    requests = setup.provider.count('keys')
    for number in range(20):
        assert not await setup.has_key(f'unknown-{number}')
    assert setup.provider.count('keys') == requests
    setup.seconds += UNKNOWN_KEY_SECONDS + 1
    for number in range(20):
        assert not await setup.has_key(f'unknown-{number}')
    assert setup.provider.count('keys') == requests + 1


async def test_a_withdrawn_key_is_not_accepted_for_long() -> None:
    setup = Directory()
    assert await setup.has_key('first')
    setup.provider.published = {'second': public(KEYS['second'], 'second')}
    setup.seconds += KEYS_SECONDS + 1
    assert not await setup.has_key('first')


@pytest.mark.parametrize('keys', [None, {}, 'keys', 7])
async def test_wrong_keys_are_refused(keys: object) -> None:
    setup = Directory()
    setup.provider.answers['keys'] = httpx.Response(200, json={'keys': keys})
    with pytest.raises(IdentityProviderError):
        await setup.directory.signing_key('first', 'RS256')
