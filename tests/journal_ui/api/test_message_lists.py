"""`GET /messages` and `POST /messages/search`: the journal's filters for programs, in the bounds of their tokens."""

import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from models import AuditEvent
from services.accounts.api_tokens import ApiTokens
from services.audit.audit_query import AuditQuery, AuditRow
from services.composition import Services
from services.database.engine import Database
from services.errors import QueryTimeoutError
from tests.helpers.api_requests import NOW, ORGANIZATION, assert_problem, message_json

OTHER = 'ГБУЗ МО «Другая больница»'
HOUR = timedelta(hours=1)


def journal() -> list[dict[str, Any]]:
    """Build five messages, the newest first."""
    differences: list[dict[str, object]] = [
        {'organization': OTHER},
        {'status': 'failed', 'error_code': '20', 'error_name': 'Нет абонента'},
        {'recipient_name': 'Иванова Анна Ильинична', 'phone': '+79161234567', 'kind': 'Прикрепление'},
        {'status': 'sent', 'sent_at': (NOW - 4 * HOUR).isoformat(), 'appointment_at': '2026-12-01T09:00:00+03:00'},
        {'queued_at': (NOW - timedelta(days=9)).isoformat()},
    ]
    return [
        message_json(**{'queued_at': (NOW - number * HOUR).isoformat(), **each})
        for number, each in enumerate(differences, 1)
    ]


@pytest.fixture
async def messages(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """The messages of the journal, the newest first."""
    submitted = journal()
    results = (await client.post('/messages', json=submitted)).json()
    assert [each['outcome'] for each in results] == ['created'] * len(submitted)
    return submitted


async def found(client: httpx.AsyncClient, messages: Sequence[dict[str, Any]], **params: Any) -> list[int]:
    """Return the positions of the messages that a search lists."""
    response = await client.get('/messages', params=params)
    return positions(response, messages)


def positions(response: httpx.Response, messages: Sequence[dict[str, Any]]) -> list[int]:
    """Return the positions of the listed messages in `messages`."""
    assert response.status_code == 200, response.text
    order = [each['id'] for each in messages]
    return [order.index(row['id']) for row in response.json()['messages']]


async def reads(services: Services) -> Sequence[AuditRow]:
    """Return the audit records of programs that have read, the newest first."""
    return (await services.audit_records.page(AuditQuery(act=AuditEvent.API_READ), number=1, size=20)).rows


async def test_every_condition_narrows_the_list(client: httpx.AsyncClient, messages: list[dict[str, Any]]) -> None:
    day = NOW.date().isoformat()
    for params, expected in (
        ({}, [0, 1, 2, 3, 4]),
        ({'from': day}, [0, 1, 2, 3]),
        ({'to': (NOW.date() - timedelta(days=1)).isoformat()}, [4]),
        ({'status': 'failed'}, [1]),
        ({'status': ['failed', 'sent']}, [1, 3]),
        ({'kind': 'прикрепление'}, [2]),
        ({'organization': 'гбуз мо "другая  больница"'}, [0]),
        ({'organization': [OTHER, ORGANIZATION], 'status': 'sent'}, [3]),
        ({'error': '20'}, [1]),
        ({'error': '-'}, []),
        ({'appointment_from': '2026-12-01', 'appointment_to': '2026-12-01'}, [3]),
        ({'waiting_minutes': 24 * 60}, [4]),
        ({'delivery': 'overdue'}, [4]),
        ({'id': messages[2]['id']}, [2]),
        ({'id': messages[2]['id'][:8]}, [2]),
        ({'kind': 'Напоминание', 'from': day, 'limit': 1000}, [0, 1, 3]),
    ):
        assert await found(client, messages, **params) == expected, params


async def test_a_row_has_the_fields_of_the_list(client: httpx.AsyncClient, messages: list[dict[str, Any]]) -> None:
    (row,) = (await client.get('/messages', params={'status': 'failed'})).json()['messages']
    assert row == {
        'id': messages[1]['id'],
        'recipient_name': 'Королёв Иван Петрович',
        'phone': '+79990000001',
        'appointment_at': '2026-11-24T15:48:00Z',
        'organization': ORGANIZATION,
        'kind': 'Напоминание',
        'cost': '3.10',
        'queued_at': '2026-11-22T10:00:00Z',
        'attempted_at': row['attempted_at'],
        'sent_at': None,
        'status': 'failed',
        'delivery': None,
        'error_code': '20',
        'error_name': 'Нет абонента',
        'sender': None,
        'channel': None,
    }


async def test_the_cursor_leads_through_the_whole_list(
    client: httpx.AsyncClient, messages: list[dict[str, Any]]
) -> None:
    read: list[list[int]] = []
    cursor: dict[str, str | None] = {}
    for _ in range(3):
        response = await client.get('/messages', params={'limit': 2, **cursor})
        read.append(positions(response, messages))
        # A message that arrives meanwhile neither repeats nor hides another.
        await client.post('/messages', json=message_json(queued_at=(NOW - HOUR / 2).isoformat()))
        cursor = {'cursor': response.json()['next_cursor']}
    assert read == [[0, 1], [2, 3], [4]]
    assert cursor == {'cursor': None}


async def test_a_person_is_searched_for_in_a_body(
    client: httpx.AsyncClient, messages: list[dict[str, Any]], services: Services
) -> None:
    for body, expected in (
        ({'name': 'иванова анна'}, [2]),
        ({'name': 'королев', 'status': ['sent']}, [3]),
        ({'name': 'Иванова', 'surname_only': True}, [2]),
        ({'phone': '8 (916) 123-45-67'}, [2]),
        ({'error': ['20']}, [1]),
        ({'from': '2026-11-22', 'to': '2026-11-22', 'phone': '916'}, [2]),
    ):
        assert positions(await client.post('/messages/search', json=body), messages) == expected, body
    before = len(await reads(services))
    assert positions(await client.post('/messages/search', json={'phone': '+79035550000'}), messages) == []
    unfound, *_ = rows = await reads(services)
    assert len(rows) == before + 1, 'that a person is not in the journal is about the person'
    assert (unfound.found, 'телефон' in unfound.what) == (0, True)


async def test_no_person_is_accepted_in_a_url(
    client: httpx.AsyncClient, messages: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name, value in (('name', 'Иванова'), ('phone', '+79161234567'), ('recipient_name', 'Иванова')):
        response = await client.get('/messages', params={name: value})
        assert assert_problem(response, 422, 'person_in_url', name)
        assert 'POST /api/v1/messages/search' in response.json()['detail']
        assert value not in response.text
    response = await client.get('/messages', params={'error': 'Нет абонента'})
    assert assert_problem(response, 422, 'wrong_value', 'error')
    assert not [record for record in caplog.records if record.name.split('.')[0] in {'journal_ui', 'services'}]


WRONG_CONDITIONS: tuple[tuple[dict[str, str], str, str, str], ...] = (
    ({'organisation': 'x'}, 'unknown_field', 'organisation', 'Поля «organisation» нет.'),
    ({'status': 'lost'}, 'wrong_type', 'status', "'pending', 'sent' or 'failed'"),
    ({'from': '22.11.2026'}, 'wrong_type', 'from', 'нужна дата, как 2026-11-22'),
    ({'from': '2026-11-23', 'to': '2026-11-22'}, 'wrong_value', 'from', ''),
    ({'appointment_to': '1026-11-23'}, 'wrong_value', 'appointment_from', ''),
    ({'limit': '0'}, 'wrong_type', 'limit', 'не меньше 1'),
    ({'limit': '1001'}, 'wrong_type', 'limit', 'не больше 1000'),
    ({'kind': 'Нет такого'}, 'wrong_value', 'kind', '«Нет такого»'),
    ({'organization': 'Нет такой'}, 'wrong_value', 'organization', '«Нет такой»'),
    ({'organization': 'а\0б'}, 'wrong_type', 'organization', ''),
    ({'id': 'xyz'}, 'wrong_value', 'id', 'восемь знаков'),
    ({'id': 'c51fca97', 'status': 'sent'}, 'wrong_value', 'id', 'без других условий'),
    ({'cursor': 'YzE'}, 'wrong_cursor', 'cursor', 'next_cursor'),
    ({'cursor': '*'}, 'wrong_cursor', 'cursor', 'next_cursor'),
)
"""Parameters, and the code, the field and a part of the sentence with which they are refused."""


async def test_a_wrong_condition_is_named(client: httpx.AsyncClient) -> None:
    for params, code, field, sentence in WRONG_CONDITIONS:
        response = await client.get('/messages', params=params)
        assert assert_problem(response, 422, code, field)
        assert sentence in response.json()['detail']


WRONG_BODIES: tuple[tuple[object, str, str | None], ...] = (
    ({'name': '—'}, 'wrong_value', 'name'),
    ({'phone': 'нет'}, 'wrong_value', 'phone'),
    ({'name': 'о' * 2_000}, 'wrong_value', 'name'),
    ({'error': ['\ud800']}, 'wrong_type', 'error'),
    ({'limit': '5'}, 'wrong_type', 'limit'),
    ({'sort': 'cost'}, 'unknown_field', 'sort'),
    ([], 'not_an_object', None),
)
"""Bodies, and the code and the field with which they are refused."""


async def test_a_wrong_body_is_named(client: httpx.AsyncClient) -> None:
    headers = {'Content-Type': 'application/json'}
    for body, code, field in WRONG_BODIES:
        response = await client.post('/messages/search', content=json.dumps(body), headers=headers)
        assert assert_problem(response, 422, code, field)


async def test_a_token_lists_only_its_organisation(
    client: httpx.AsyncClient, messages: list[dict[str, Any]], database: Database
) -> None:
    client.headers['Authorization'] = f'Bearer {ApiTokens(database).add("clinic", ORGANIZATION)}'
    assert await found(client, messages) == [1, 2, 3, 4]
    assert await found(client, messages, organization=ORGANIZATION.lower()) == [1, 2, 3, 4]
    assert positions(await client.post('/messages/search', json={'name': 'Королёв'}), messages) == [1, 3, 4]
    assert await found(client, messages, id=messages[0]['id']) == []
    for name in (OTHER, 'Нет такой'):
        response = await client.get('/messages', params={'organization': name})
        assert assert_problem(response, 422, 'foreign', 'organization')


async def test_a_list_is_recorded_with_its_conditions_and_its_rows(
    client: httpx.AsyncClient, messages: list[dict[str, Any]], services: Services
) -> None:
    await client.get('/messages', params={'status': 'failed'})
    await client.get('/messages', params={'error': '999'})
    record, *others = await reads(services)
    assert others == [], 'an answer without rows is about nobody'
    assert (record.name, record.found, record.what) == ('токен mailer', 1, 'ошибка отправки')
    details = await services.audit_records.details(record.number)
    assert details is not None
    assert [str(key) for key in details.keys] == [messages[1]['id']]


async def test_a_search_that_takes_too_long_says_so(
    client: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def time_out(*_: object, **__: object) -> None:
        raise QueryTimeoutError

    monkeypatch.setattr(services.messages, 'read_bound', time_out)
    response = await client.get('/messages')
    assert assert_problem(response, 503, 'too_slow')
    assert 'Сузьте период' in response.json()['detail']
