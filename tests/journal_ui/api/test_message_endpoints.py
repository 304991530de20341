"""The API for messages: a result for each item, problem details for each error, no message twice."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from journal_ui.api import api_app, request_limits
from models import MessageKind
from services import texts
from services.accounts.api_tokens import ApiTokenError, ApiTokens
from services.composition import compose
from services.database.engine import Database
from services.database.tables import MESSAGE_KIND_TABLE, ORGANIZATION_TABLE
from services.dictionaries.dictionary_editor import DictionaryEditor
from services.settings import Settings
from tests.helpers.api_requests import ORGANIZATION, assert_problem, message_json
from tests.helpers.totals_recount import recounted_totals, stored_totals


async def test_a_message_is_created_once(client: httpx.AsyncClient, database: Database) -> None:
    message = message_json()
    outcomes = [(await client.post('/messages', json=message)).json()['outcome'] for _ in range(3)]
    assert outcomes == ['created', 'unchanged', 'unchanged']
    assert stored_totals(database) == recounted_totals(database)


async def test_the_spellings_of_an_organisation_are_one(client: httpx.AsyncClient, database: Database) -> None:
    spellings = ('ГБУЗ "Областная больница"', 'ГБУЗ «Областная больница»', 'гбуз “областная больница”.')
    first = message_json(organization=spellings[0])
    await client.post('/messages', json=first)
    for name in spellings:
        assert (await client.post('/messages', json={**first, 'organization': name})).json()['outcome'] == 'unchanged'
        assert (await client.post('/messages', json=message_json(organization=name))).json()['outcome'] == 'created'
    names = await database.read(lambda session: session.execute(text('SELECT name FROM organization')).scalars().all())
    assert names == [spellings[0]]
    assert (await client.get(f'/messages/{first["id"]}')).json()['organization'] == spellings[0]


async def test_an_unknown_kind_is_refused_until_the_dictionary_has_it(
    client: httpx.AsyncClient, database: Database
) -> None:
    message = message_json(kind='Анкета')
    response = await client.post('/messages', json=message)
    assert assert_problem(response, 422, 'unknown_kind', 'kind')
    assert 'бывает: Напоминание, Прикрепление,' in response.json()['detail']
    await DictionaryEditor(database, MESSAGE_KIND_TABLE, '').add(None, 'Анкета')
    assert (await client.post('/messages', json=message)).json()['outcome'] == 'created'
    await DictionaryEditor(database, MESSAGE_KIND_TABLE, '').rename(None, MessageKind.REMINDER, 'Памятка')
    for kind in ('напоминание', 'Памятка'):
        message = message_json(kind=kind)
        assert (await client.post('/messages', json=message)).json()['outcome'] == 'created'
        assert (await client.get(f'/messages/{message["id"]}')).json()['kind'] == 'Памятка'


async def test_a_setting_accepts_unknown_kinds(settings: Settings, database: Database) -> None:
    services = compose(settings.model_copy(update={'unknown_kinds': 'accept'}), database)
    headers = {'Authorization': f'Bearer {ApiTokens(database).add("another")}'}
    transport = httpx.ASGITransport(api_app.build_api(services))
    async with httpx.AsyncClient(transport=transport, base_url='http://journal', headers=headers) as client:
        batch = [message_json(kind=kind) for kind in ('Анкета', 'анкета', 'Напоминание')]
        results = (await client.post('/messages', json=batch)).json()
    assert [result['outcome'] for result in results] == ['created'] * 3
    assert [kind.name for kind in await services.kinds.all()] == [*texts.KINDS.values(), 'Анкета']


async def test_the_schema_names_no_closed_list_of_kinds(client: httpx.AsyncClient) -> None:
    schemas = (await client.get('/openapi.json')).json()['components']['schemas']
    assert all('enum' not in schemas[model]['properties']['kind'] for model in ('MessageIn', 'MessageOut'))


async def test_each_item_of_a_batch_gets_its_own_result(client: httpx.AsyncClient) -> None:
    known = message_json()
    await client.post('/messages', json=known)
    batch = [
        message_json(),
        known,
        {**known, 'cost': '4.00'},
        message_json(phone='12'),
        message_json(extra=1),
        5,
        message_json(text=...),
    ]
    response = await client.post('/messages', json=batch)
    assert response.status_code == 200
    assert [(result['outcome'], result.get('field'), result.get('code')) for result in response.json()] == [
        ('created', None, None),
        ('unchanged', None, None),
        ('updated', None, None),
        ('refused', 'phone', 'not_phone'),
        ('refused', 'extra', 'unknown_field'),
        ('refused', None, 'not_an_object'),
        ('refused', 'text', 'missing'),
    ]


@pytest.mark.parametrize(
    ('changes', 'code', 'field'),
    [
        ({'id': 'x'}, 'not_uuid', 'id'),
        ({'id': 5}, 'wrong_type', 'id'),
        ({'cost': True}, 'wrong_type', 'cost'),
        ({'cost': [3.1]}, 'wrong_type', 'cost'),
        ({'cost': float('nan')}, 'wrong_type', 'cost'),
        ({'cost': 1e300}, 'not_money', 'cost'),
        ({'cost': 10**500}, 'too_long', 'cost'),
        ({'cost': 1_000_001}, 'too_much', 'cost'),
        ({'cost': '1,234.50'}, 'ambiguous_money', 'cost'),
        ({'cost': '-1'}, 'negative', 'cost'),
        ({'cost': -0.01}, 'negative', 'cost'),
        ({'parts': 0}, 'not_parts', 'parts'),
        ({'parts': 256}, 'not_parts', 'parts'),
        ({'parts': '2'}, 'wrong_type', 'parts'),
        ({'parts': 2.5}, 'wrong_type', 'parts'),
        ({'kind': 'Реклама'}, 'unknown_kind', 'kind'),
        ({'status': 'lost'}, 'unknown_status', 'status'),
        ({'queued_at': '2026-11-22T10:00:00'}, 'not_moment', 'queued_at'),
        ({'queued_at': '0001-01-01T00:00:00+14:00'}, 'not_moment', 'queued_at'),
        ({'queued_at': '1999-01-01T00:00:00+00:00'}, 'year_out_of_range', 'queued_at'),
        ({'status': 'sent'}, 'missing', 'sent_at'),
        ({'sent_at': '2026-11-22T10:00:00+03:00'}, 'not_sent', 'sent_at'),
        ({'text': 'a\x00b'}, 'unreadable', 'text'),
        ({'recipient_name': '\ud800'}, 'unreadable', 'recipient_name'),
        ({'organization': ''}, 'missing', 'organization'),
        ({'text': 'я' * 20_000}, 'too_long', 'text'),
    ],
)
async def test_what_is_wrong_is_named(
    client: httpx.AsyncClient, changes: dict[str, Any], code: str, field: str
) -> None:
    content = json.dumps(message_json(**changes))
    response = await client.post('/messages', content=content, headers={'content-type': 'application/json'})
    assert assert_problem(response, 422, code, field)


@pytest.mark.parametrize('content', ['', '{', '[1', 'nonsense', '[' * 100_000, '1e9999999999999999999'])
async def test_broken_json_is_refused(client: httpx.AsyncClient, content: str) -> None:
    response = await client.post('/messages', content=content, headers={'content-type': 'application/json'})
    assert assert_problem(response, 400, 'broken_json')


async def test_limits_say_which(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert assert_problem(await client.post('/messages', json=[]), 422, 'batch')
    assert assert_problem(await client.post('/messages', json=[1] * 1001), 422, 'batch')
    assert assert_problem(await client.post('/messages', content='{}'), 415, 'not_json')
    monkeypatch.setattr(request_limits, 'MAX_BODY_BYTES', 100)
    assert assert_problem(await client.post('/messages', json=message_json()), 413, 'too_large')


async def test_an_own_shape_for_wrong_addresses(client: httpx.AsyncClient) -> None:
    assert assert_problem(await client.get('/nothing'), 404, 'no_such_address')
    assert assert_problem(await client.delete('/messages'), 405, 'no_such_method')
    assert assert_problem(await client.get('/messages/5'), 422, 'wrong_type', 'id')
    assert assert_problem(await client.get(f'/messages/{uuid4()}'), 404, 'no_such_message')


async def test_a_request_without_a_valid_token_is_rejected(client: httpx.AsyncClient, database: Database) -> None:
    for headers in ({'Authorization': ''}, {'Authorization': 'Bearer nonsense'}, {'Authorization': 'Basic YTpi'}):
        response = await client.post('/messages', json=message_json(), headers=headers)
        assert assert_problem(response, 401, 'no_token')
        assert response.headers['www-authenticate'] == 'Bearer'
    ApiTokens(database).revoke('mailer')
    assert assert_problem(await client.post('/messages', json=message_json()), 401, 'no_token')


async def test_tokens_are_kept_as_hashes(client: httpx.AsyncClient, database: Database) -> None:
    token = client.headers['Authorization'].removeprefix('Bearer ')
    stored = database.read_sync(lambda session: session.execute(text('SELECT name, hash FROM api_token')).one())
    assert stored.name == 'mailer'
    assert token not in stored.hash
    assert [token.name for token in ApiTokens(database).list_all()] == ['mailer']
    for name in ('mailer', '', 'a b'):
        with pytest.raises(ApiTokenError):
            ApiTokens(database).add(name)
    with pytest.raises(ApiTokenError):
        ApiTokens(database).add('other', 'Нет такой')
    with pytest.raises(ApiTokenError):
        ApiTokens(database).revoke('nobody')


async def test_a_token_of_one_organisation_knows_of_no_other(client: httpx.AsyncClient, database: Database) -> None:
    theirs = message_json(organization='ГБУЗ МО «Другая больница»')
    await client.post('/messages', json=[theirs, message_json()])
    bound = {'Authorization': f'Bearer {ApiTokens(database).add("bound", ORGANIZATION)}'}
    assert (await client.post('/messages', json=message_json(), headers=bound)).json()['outcome'] == 'created'
    assert assert_problem(await client.post('/messages', json=theirs, headers=bound), 422, 'foreign', 'organization')
    stolen = {**theirs, 'organization': ORGANIZATION}
    assert assert_problem(await client.post('/messages', json=stolen, headers=bound), 422, 'foreign', 'organization')
    assert assert_problem(await client.get(f'/messages/{theirs["id"]}', headers=bound), 404, 'no_such_message')
    status = {'status': 'failed', 'at': '2026-11-22T10:05:00+03:00'}
    response = await client.post(f'/messages/{theirs["id"]}/status', json=status, headers=bound)
    assert assert_problem(response, 404, 'no_such_message')


async def test_a_token_of_an_organisation_follows_its_names_and_merges(
    client: httpx.AsyncClient, database: Database
) -> None:
    other = message_json(organization='Другая больница')
    await client.post('/messages', json=[message_json(), other])
    bound = {'Authorization': f'Bearer {ApiTokens(database).add("bound", ORGANIZATION.lower())}'}
    for name in (ORGANIZATION.upper(), 'ГБУЗ МО "Химкинская областная больница".'):
        response = await client.post('/messages', json=message_json(organization=name), headers=bound)
        assert response.json()['outcome'] == 'created'
    editor = DictionaryEditor(database, ORGANIZATION_TABLE, '')
    ids = {entry.name: entry.id for entry in await editor.entries()}
    await editor.merge(None, ids['Другая больница'], ids[ORGANIZATION])
    await editor.rename(None, ids[ORGANIZATION], 'Общая больница')
    for name in ('Общая больница', ORGANIZATION, 'Другая больница'):
        response = await client.post('/messages', json=message_json(organization=name), headers=bound)
        assert response.json()['outcome'] == 'created'
    assert (await client.get(f'/messages/{other["id"]}', headers=bound)).json()['organization'] == 'Общая больница'
    assert ApiTokens(database).list_all()[-1].organizations == ('Общая больница',)
    foreign = message_json(organization='Третья больница')
    assert assert_problem(await client.post('/messages', json=foreign, headers=bound), 422, 'foreign', 'organization')


async def test_too_many_requests_are_told_when_to_come_again(database: Database, settings: Settings) -> None:
    transport = httpx.ASGITransport(api_app.build_api(compose(settings.model_copy(update={'api_rate': 6}), database)))
    headers = {'Authorization': f'Bearer {ApiTokens(database).add("eager")}'}
    async with httpx.AsyncClient(transport=transport, base_url='http://journal', headers=headers) as eager:
        await eager.get(f'/messages/{uuid4()}')
        response = await eager.get(f'/messages/{uuid4()}')
    assert assert_problem(response, 429, 'too_often')
    assert 1 <= int(response.headers['retry-after']) <= 10


async def test_a_message_shows_all_that_happened_to_it(client: httpx.AsyncClient) -> None:
    message = message_json()
    await client.post('/messages', json=message)
    statuses = [
        {'status': 'failed', 'at': '2026-11-22T10:09:00+03:00', 'error_code': '6', 'error_name': 'Абонент не в сети'},
        {'status': 'sent', 'at': '2026-11-22T10:01:00+03:00', 'provider': 'smsru', 'provider_id': '202611-1'},
    ]
    url = f'/messages/{message["id"]}'
    outcomes = [
        (await client.post(f'{url}/status', json=status)).json()['outcome'] for status in (*statuses, *statuses)
    ]
    assert outcomes == ['updated', 'updated', 'unchanged', 'unchanged']
    details = (await client.get(url)).json()
    assert (details['status'], details['sent_at'], details['error_code'], details['cost']) == (
        'failed',
        None,
        '6',
        '3.10',
    )
    assert [fact['status'] for fact in details['history']] == ['pending', 'sent', 'failed']
    assert {fact['told_by'] for fact in details['history']} == {'mailer'}


@pytest.mark.parametrize(
    ('status', 'field'),
    [
        ({'status': 'sent'}, 'at'),
        ({'status': 'sent', 'at': 'yesterday'}, 'at'),
        ({'status': 'sent', 'at': '2026-11-22T10:01:00+03:00', 'provider': 'smsru'}, 'provider_id'),
        ({'status': 'sent', 'at': '2026-11-22T10:01:00+03:00', 'provider': 'other', 'provider_id': '1'}, 'provider'),
        ({'status': 'read', 'at': '2026-11-22T10:01:00+03:00'}, 'status'),
    ],
)
async def test_an_invalid_status_names_its_field(client: httpx.AsyncClient, status: dict[str, str], field: str) -> None:
    response = await client.post(f'/messages/{uuid4()}/status', json=status)
    assert response.status_code == 422
    assert response.json()['field'] == field


async def test_the_documentation_loads_nothing_from_other_sites(client: httpx.AsyncClient) -> None:
    page = (await client.get('/docs')).text
    assert 'swagger' in page
    assert 'https://' not in page.replace('https://fastapi.tiangolo.com', '')


async def test_the_same_id_with_another_person_or_text_is_a_conflict(client: httpx.AsyncClient) -> None:
    message = message_json()
    await client.post('/messages', json=message)
    for field, value in (
        ('phone', '+79990000002'),
        ('recipient_name', 'Другая Анна Петровна'),
        ('text', 'Другой текст'),
    ):
        other = {**message, field: value, 'cost': '9.00'}
        response = await client.post('/messages', json=other)
        assert assert_problem(response, 409, 'conflict', field)
        assert '"replace": true' in response.json()['detail']
        (result,) = (await client.post('/messages', json=[other])).json()
        assert (result['outcome'], result['code'], result['field']) == ('refused', 'conflict', field)
    stored = (await client.get(f'/messages/{message["id"]}')).json()
    assert (stored['recipient_name'], stored['cost']) == (message['recipient_name'], '3.10')
    corrected = {**message, 'recipient_name': 'Королёв Иван Павлович', 'replace': True}
    outcomes = [(await client.post('/messages', json=corrected)).json()['outcome'] for _ in range(2)]
    assert outcomes == ['updated', 'unchanged']
