"""The API for documents: a result for each item, no document twice, none of another organisation."""

from typing import Any

import httpx
import pytest

from models import AuditEvent
from services import texts
from services.accounts.api_tokens import ApiTokens
from services.audit.audit_query import AuditQuery
from services.audit.chain_verification import verify_chain
from services.composition import Services
from services.database.engine import Database
from tests.helpers.api_requests import ORGANIZATION, assert_problem, document_json


async def test_a_document_is_created_once_and_moves_on(client: httpx.AsyncClient) -> None:
    document = document_json()
    failed = {
        **document,
        'at': '2026-11-22T10:05:00+03:00',
        'status': 'failed',
        'error_code': 'E7',
        'error_text': 'Нет',
    }
    outcomes = [
        (await client.post('/documents', json=each)).json()['outcome']
        for each in (document, document, failed, document)
    ]
    assert outcomes == ['created', 'unchanged', 'updated', 'unchanged']
    details = (await client.get(f'/documents/{document["id"]}')).json()
    history = details.pop('history')
    assert details == {
        **failed,
        'at': '2026-11-22T07:05:00Z',
        'snils': '11223344595',
        'remd_number': None,
        'doctor': None,
    }
    assert history == [
        {'at': '2026-11-22T07:00:00Z', 'status': 'processing', 'words': None},
        {'at': '2026-11-22T07:05:00Z', 'status': 'failed', 'words': 'Нет'},
    ]


async def test_each_item_of_a_batch_gets_its_own_result(client: httpx.AsyncClient) -> None:
    known = document_json(snils=..., operation='Изменение', status='Зарегистрирован')
    batch = [known, known, document_json(snils='112-233-445 96'), document_json(extra=1), 5, document_json(kind=...)]
    response = await client.post('/documents', json=batch)
    assert response.status_code == 200
    assert [(result['outcome'], result.get('field'), result.get('code')) for result in response.json()] == [
        ('created', None, None),
        ('unchanged', None, None),
        ('refused', 'snils', 'wrong_snils'),
        ('refused', 'extra', 'unknown_field'),
        ('refused', None, 'not_an_object'),
        ('refused', 'kind', 'missing'),
    ]


@pytest.mark.parametrize(
    ('changes', 'code', 'field'),
    [
        ({'id': 'x'}, 'not_uuid', 'id'),
        ({'at': '2026-11-22T10:00:00'}, 'not_moment', 'at'),
        ({'at': ''}, 'not_moment', 'at'),
        ({'snils': '1'}, 'not_snils', 'snils'),
        ({'operation': 'lost'}, 'unknown_operation', 'operation'),
        ({'status': 'sent'}, 'unknown_document_status', 'status'),
        ({'error_code': 'E7'}, 'not_failed', 'error_code'),
        ({'doctor': 'a\x00b'}, 'unreadable', 'doctor'),
        ({'patient_name': 'я' * 301}, 'too_long', 'patient_name'),
    ],
)
async def test_what_is_wrong_is_named(
    client: httpx.AsyncClient, changes: dict[str, Any], code: str, field: str
) -> None:
    assert assert_problem(await client.post('/documents', json=document_json(**changes)), 422, code, field)


async def test_a_token_of_one_organisation_knows_of_no_other(client: httpx.AsyncClient, database: Database) -> None:
    theirs = document_json(organization='ГБУЗ МО «Другая больница»')
    await client.post('/documents', json=[theirs, document_json()])
    bound = {'Authorization': f'Bearer {ApiTokens(database).add("bound", ORGANIZATION)}'}
    stolen = {**theirs, 'organization': ORGANIZATION}
    for each in (theirs, stolen):
        assert assert_problem(await client.post('/documents', json=each, headers=bound), 422, 'foreign', 'organization')
    assert assert_problem(await client.get(f'/documents/{theirs["id"]}', headers=bound), 404, 'no_such_document')
    assert assert_problem(await client.post('/documents', json=theirs, headers={'Authorization': ''}), 401, 'no_token')


async def test_the_same_id_with_another_patient_is_a_conflict(
    client: httpx.AsyncClient, services: Services, database: Database
) -> None:
    document = document_json()
    other = {**document, 'patient_name': 'Другая Анна Петровна', 'snils': '16000000158'}
    await client.post('/documents', json=document)
    response = await client.post('/documents', json=other)
    assert assert_problem(response, 409, 'conflict', 'patient_name')
    assert '"replace": true' in response.json()['detail']
    results = (await client.post('/documents', json=[other, {**other, 'replace': True}, other])).json()
    assert [each['outcome'] for each in results] == ['refused', 'updated', 'unchanged']
    assert (await client.get(f'/documents/{document["id"]}')).json()['snils'] == '16000000158'
    query = AuditQuery(seen=str(document['id']), act=AuditEvent.API_CORRECTED)
    (record,) = (await services.audit_records.page(query, number=1, size=20)).rows
    assert (record.name, record.section, record.what) == (
        'токен mailer',
        texts.DOCUMENTS_TITLE,
        'заменён пациент, документов: 1',
    )
    assert verify_chain(database, key=services.data_key).is_intact
