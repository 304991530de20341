"""Every answer says how many requests the token has left; a batch is one request."""

import httpx
import pytest

from journal_ui.api import api_app
from journal_ui.api.problem_details import ProblemError
from journal_ui.api.request_limits import RateLimiter
from services.accounts.api_tokens import ApiTokens
from services.composition import compose
from services.database.engine import Database
from services.settings import Settings
from tests.helpers.api_requests import assert_problem, message_json


def test_the_headers_count_down_and_recover() -> None:
    seconds = 0.0
    limiter = RateLimiter(60, now=lambda: seconds)
    policy = '"token";q=10;w=10'
    assert limiter.consume('a') == {'RateLimit-Policy': policy, 'RateLimit': '"token";r=9;t=1'}
    assert limiter.consume('b') == {'RateLimit-Policy': policy, 'RateLimit': '"token";r=9;t=1'}
    for _ in range(8):
        limiter.consume('a')
    assert limiter.consume('a')['RateLimit'] == '"token";r=0;t=10'
    with pytest.raises(ProblemError) as raised:
        limiter.consume('a')
    assert raised.value.headers == {'Retry-After': '1', 'RateLimit-Policy': policy, 'RateLimit': '"token";r=0;t=1'}
    seconds = 100.0
    assert limiter.consume('a')['RateLimit'] == '"token";r=9;t=1'


async def test_a_batch_is_one_request(database: Database, settings: Settings) -> None:
    transport = httpx.ASGITransport(api_app.build_api(compose(settings.model_copy(update={'api_rate': 6}), database)))
    headers = {'Authorization': f'Bearer {ApiTokens(database).add("eager")}'}
    async with httpx.AsyncClient(transport=transport, base_url='http://journal', headers=headers) as eager:
        accepted = await eager.post('/messages', json=[message_json() for _ in range(5)])
        refused = await eager.post('/messages', json=message_json())
    assert [each['outcome'] for each in accepted.json()] == ['created'] * 5
    assert accepted.headers['ratelimit'] == '"token";r=0;t=10'
    assert assert_problem(refused, 429, 'too_often')
    assert refused.headers['ratelimit'].startswith('"token";r=0;t=')
    assert refused.headers['ratelimit'].endswith(f't={refused.headers["retry-after"]}')
    assert refused.headers['ratelimit-policy'] == accepted.headers['ratelimit-policy'] == '"token";q=1;w=10'


async def test_refusals_have_the_headers_and_strangers_get_none(client: httpx.AsyncClient) -> None:
    assert 'ratelimit' in (await client.post('/messages', json={})).headers
    assert 'ratelimit' not in (await client.post('/messages', json={}, headers={'Authorization': ''})).headers
