"""`GET /kinds`, `/organizations` and `/stats`: the dictionaries and the totals, within the bounds of the token."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from models import MessageStatus
from services import texts
from services.accounts.api_tokens import ApiTokens
from services.composition import Services
from services.database.engine import Database
from services.summary.summary_query import SummaryQuery
from tests.helpers.api_requests import NOW, ORGANIZATION, assert_problem, message_json

OTHER = 'ГБУЗ МО «Другая больница»'
SENT = {'status': 'sent', 'sent_at': (NOW - timedelta(hours=1)).isoformat()}
OLD = (NOW - timedelta(days=90)).isoformat()


@pytest.fixture
async def journal(client: httpx.AsyncClient) -> None:
    """Five messages: three of today, two of which are sent; one of another organisation, one of long ago."""
    messages = [
        message_json(**SENT),
        message_json(**SENT, cost='2.05'),
        message_json(),
        message_json(organization=OTHER, kind='Прикрепление', status='failed'),
        message_json(queued_at=OLD),
    ]
    results = (await client.post('/messages', json=messages)).json()
    assert [each['outcome'] for each in results] == ['created'] * len(messages)


async def counts(client: httpx.AsyncClient, **params: Any) -> list[tuple[str, str, int, int]]:
    """Return the counts of a request: the key, the status, the number of messages, the cost in kopecks."""
    response = await client.get('/stats', params=params)
    assert response.status_code == 200, response.text
    by = params.get('by', 'day')
    for row in response.json()['counts']:
        assert {name for name in ('day', 'kind', 'organization') if row[name] is not None} == {by}
    return [(row[by], row['status'], row['messages'], row['cost_kopecks']) for row in response.json()['counts']]


@pytest.mark.usefixtures('journal')
async def test_the_totals_are_counted_by_day_kind_or_organisation(client: httpx.AsyncClient) -> None:
    old, today = '2026-08-24', '2026-11-22'
    assert await counts(client) == [
        (old, 'pending', 1, 310),
        (today, 'pending', 1, 310),
        (today, 'sent', 2, 515),
        (today, 'failed', 1, 310),
    ]
    assert await counts(client, by='kind', status=['failed', 'pending']) == [
        ('Напоминание', 'pending', 2, 620),
        ('Прикрепление', 'failed', 1, 310),
    ]
    # A whole month and days at both ends of it.
    period = {'from': '2026-08-24', 'to': '2026-11-22'}
    assert await counts(client, by='organization', **period) == [
        (OTHER, 'failed', 1, 310),
        (ORGANIZATION, 'pending', 2, 620),
        (ORGANIZATION, 'sent', 2, 515),
    ]
    assert await counts(client, by='organization', organization=OTHER, kind='прикрепление') == [
        (OTHER, 'failed', 1, 310)
    ]
    assert await counts(client, **{'from': '2026-09-01', 'to': '2026-09-30'}) == []


@pytest.mark.usefixtures('journal')
async def test_withdrawn_messages_are_named_among_the_failed_ones_as_on_the_summary(
    client: httpx.AsyncClient, services: Services
) -> None:
    messages = [message_json(queued_at=each) for each in (OLD, OLD, (NOW - timedelta(hours=1)).isoformat())]
    await client.post('/messages', json=messages)
    for message in messages:
        response = await client.post(f'/messages/{message["id"]}/withdrawal')
        assert response.json()['outcome'] == 'updated'

    async def withdrawn(**params: Any) -> dict[str, tuple[int, int]]:
        """Return the failed messages and the withdrawn ones among them by key; no other status has any."""
        rows = (await client.get('/stats', params=params)).json()['counts']
        assert not any(row['withdrawn'] for row in rows if row['status'] != 'failed')
        by = params['by']
        return {row[by]: (row['messages'], row['withdrawn']) for row in rows if row['status'] == 'failed'}

    assert await withdrawn(by='day') == {'2026-08-24': (2, 2), '2026-11-22': (2, 1)}
    assert await withdrawn(by='kind') == {'Напоминание': (3, 3), 'Прикрепление': (1, 0)}
    assert await withdrawn(by='organization') == {OTHER: (1, 0), ORGANIZATION: (3, 3)}
    assert await withdrawn(by='kind', **{'from': '2026-11-01'}) == {'Напоминание': (1, 1), 'Прикрепление': (1, 0)}
    assert await withdrawn(by='day', status='pending') == {}
    summary = await services.summaries.summarize(SummaryQuery())
    assert (summary.totals.messages[MessageStatus.FAILED], summary.totals.withdrawn) == (4, 3)


@pytest.mark.usefixtures('journal')
async def test_a_token_sees_only_its_organisation(client: httpx.AsyncClient, database: Database) -> None:
    assert await names(client, 'organizations') == [OTHER, ORGANIZATION]
    client.headers['Authorization'] = f'Bearer {ApiTokens(database).add("clinic", ORGANIZATION)}'
    assert await names(client, 'organizations') == [ORGANIZATION]
    assert {key for key, *_ in await counts(client, by='organization')} == {ORGANIZATION}
    assert {status for _, status, *_ in await counts(client)} == {'pending', 'sent'}
    response = await client.get('/stats', params={'organization': OTHER})
    assert assert_problem(response, 422, 'foreign', 'organization')


async def test_the_kinds_are_those_of_the_dictionary(client: httpx.AsyncClient) -> None:
    assert sorted(await names(client, 'kinds')) == sorted(texts.KINDS.values())


async def test_nobody_counts_without_a_token_or_by_a_person(client: httpx.AsyncClient) -> None:
    response = await client.get('/stats', params={'phone': '+79161234567'})
    assert assert_problem(response, 422, 'person_in_url', 'phone')
    response = await client.get('/stats', params={'by': 'day', 'from': '2026-11-23', 'to': '2026-11-22'})
    assert assert_problem(response, 422, 'wrong_value', 'from')
    del client.headers['Authorization']
    for path in ('/kinds', '/organizations', '/stats'):
        assert assert_problem(await client.get(path), 401, 'no_token')


async def names(client: httpx.AsyncClient, dictionary: str) -> list[str]:
    """Return the names of a dictionary."""
    return [entry['name'] for entry in (await client.get(f'/{dictionary}')).json()[dictionary]]
