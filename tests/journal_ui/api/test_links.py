"""`POST /links`: another system opens the journal with the messages to a patient, and no URL names the patient."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select

from journal_ui.api import api_app
from journal_ui.api.ingest.idempotency import HEADER
from journal_ui.list_page.url_state import parse_params
from models import AuditEvent, MessageStatus
from services.accounts.accounts import Accounts
from services.accounts.api_tokens import ApiTokens
from services.audit.audit_query import AuditQuery
from services.audit.chain_verification import verify_chain
from services.composition import Services, compose
from services.database.engine import Database
from services.database.tables import LINK_TABLE
from services.errors import DatabaseUnavailableError
from services.lists.query_protocol import ParsedLink, Period
from services.lists.share_links import LAUNCH_TTL, LINK_TTL
from services.messages.message_query import MessageQuery
from services.retention.forgetting import Forgetting
from services.retention.person import PersonKey
from services.retention.purge import Retention
from services.settings import Settings
from tests.helpers.api_requests import NOW, ORGANIZATION, ApiClock, assert_problem, message_json

PATIENT = {'phone': '8 (999) 000-00-01 доб. 5', 'name': 'Королёв Иван'}
OTHER = 'ГБУЗ МО «Другая больница»'


async def create_link(client: httpx.AsyncClient, **body: Any) -> str:
    """Return the URL of a new link."""
    response = await client.post('/links', json=PATIENT | body)
    assert response.status_code == 201, response.text
    return str(response.json()['url'])


async def open_link(services: Services, url: str) -> ParsedLink[MessageQuery] | None:
    """Return what the journal shows by a URL; None if it has expired."""
    return await services.share_links.from_params(parse_params(urlsplit(url).query))


async def opened_query(services: Services, url: str) -> MessageQuery:
    """Return the query of a link that works."""
    link = await open_link(services, url)
    assert link is not None
    assert link.is_complete
    return link.query


def count_links(database: Database) -> int:
    """Return the number of stored links."""
    return database.read_sync(lambda session: len(session.execute(select(LINK_TABLE)).all()))


async def test_a_link_names_nobody_and_finds_the_patient(client: httpx.AsyncClient, services: Services) -> None:
    response = await client.post('/links', json=PATIENT)
    assert (response.status_code, response.json().keys()) == (201, {'url', 'expires_at'})
    assert datetime.fromisoformat(response.json()['expires_at']) == NOW + LAUNCH_TTL
    url = response.json()['url']
    assert url.startswith('http://journal/messages?who=')
    assert len(urlsplit(url).query) == len('who=') + 22
    await client.post('/messages', json=[message_json(), message_json(phone='+79161234567')])
    query = await opened_query(services, url)
    assert query == MessageQuery('Королёв Иван', '+79990000001')
    assert (await services.messages.totals(query)).count == 1


async def test_a_link_has_further_conditions(client: httpx.AsyncClient, services: Services) -> None:
    await client.post('/messages', json=[message_json(), message_json(organization=OTHER)])
    url = await create_link(client, organization=[OTHER], status=['failed'], **{'from': '2026-11-01'})
    query = await opened_query(services, url)
    assert (query.period, query.statuses) == (Period(date(2026, 11, 1)), frozenset({MessageStatus.FAILED}))
    assert [each.name for each in query.organizations] == [OTHER]


async def test_a_token_links_to_its_organisation_only(
    client: httpx.AsyncClient, services: Services, database: Database
) -> None:
    await client.post('/messages', json=[message_json(), message_json(organization=OTHER)])
    client.headers['Authorization'] = f'Bearer {ApiTokens(database).add("clinic", ORGANIZATION)}'
    query = await opened_query(services, await create_link(client))
    assert [each.name for each in query.organizations] == [ORGANIZATION]
    assert (await services.messages.totals(query)).count == 1
    response = await client.post('/links', json=PATIENT | {'organization': [OTHER]})
    assert assert_problem(response, 422, 'foreign', 'organization')
    del client.headers['Authorization']
    assert assert_problem(await client.post('/links', json=PATIENT), 401, 'no_token')


async def test_a_link_expires_after_an_hour_although_it_is_opened(
    client: httpx.AsyncClient, services: Services, clock: ApiClock, database: Database
) -> None:
    url = await create_link(client)
    clock.time += LAUNCH_TTL
    assert await open_link(services, url) is not None
    clock.time += timedelta(seconds=1)
    assert await open_link(services, url) is None
    await services.share_links.purge()
    assert count_links(database) == 0


async def test_the_opened_page_has_a_link_of_its_user(
    client: httpx.AsyncClient, services: Services, clock: ApiClock, database: Database
) -> None:
    Accounts(database).add('clerk', 'WebAdmin', 'correct horse battery')
    url = await create_link(client)
    launched = await open_link(services, url)
    assert launched is not None
    own = await services.share_links.to_params(launched.query, 1, launched)
    assert own.params['who'] not in url
    clock.time += LINK_TTL - LAUNCH_TTL
    await services.share_links.purge()
    assert await open_link(services, url) is None
    assert await services.share_links.from_params(own.params) == own


async def test_a_link_is_recorded_with_its_token_and_its_conditions(
    client: httpx.AsyncClient, services: Services
) -> None:
    await create_link(client)
    query = AuditQuery(act=AuditEvent.LINK_CREATED, words='+7 999 000-00-01')
    (record,) = (await services.audit_records.page(query, number=1, size=20)).rows
    assert (record.name, record.address, record.section) == (
        'токен mailer',
        '127.0.0.1',
        'Журнал отправленных сообщений',
    )
    assert record.what == 'ФИО «Королёв Иван», телефон +7 (999) 000-00-01'
    assert verify_chain(services.database, key=services.data_key).is_intact


async def test_without_a_record_there_is_no_link(
    client: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> int:
        raise DatabaseUnavailableError

    monkeypatch.setattr(services.audit_log, 'record', fail)
    assert assert_problem(await client.post('/links', json=PATIENT), 503, 'unavailable')


async def test_a_repeated_request_gets_the_same_link(client: httpx.AsyncClient, database: Database) -> None:
    answers = [await client.post('/links', json=PATIENT, headers={HEADER: 'a'}) for _ in range(2)]
    assert {each.status_code for each in answers} == {201}
    assert answers[0].json() == answers[1].json()
    assert count_links(database) == 1
    other = await client.post('/links', json=PATIENT | {'name': ''}, headers={HEADER: 'a'})
    assert assert_problem(other, 422, 'key_reused', HEADER)


@pytest.mark.parametrize(
    ('body', 'code', 'field'),
    [
        ({}, 'missing', 'phone'),
        ({'phone': '916 12'}, 'wrong_value', 'phone'),
        ({'phone': '+79990000001', 'name': '—'}, 'wrong_value', 'name'),
        ({'phone': '+79990000001', 'name': 'о' * 2_000}, 'wrong_value', 'name'),
        ({'phone': '+79990000001', 'snils': '112-233-445 95'}, 'unknown_field', 'snils'),
        ({'phone': '+79990000001', 'from': '2026-11-23', 'to': '2026-11-22'}, 'wrong_value', 'from'),
        ([], 'not_an_object', None),
    ],
)
async def test_a_wrong_body_is_named(
    client: httpx.AsyncClient, database: Database, body: object, code: str, field: str | None
) -> None:
    assert assert_problem(await client.post('/links', json=body), 422, code, field)
    assert count_links(database) == 0


@pytest.mark.parametrize(
    ('changes', 'prefix'),
    [
        ({'tls': True}, 'https://journal/'),
        ({'alert_link_url': 'https://portal.example.ru/journal/'}, 'https://portal.example.ru/journal/'),
    ],
)
async def test_the_url_is_that_of_the_browsers(
    database: Database, settings: Settings, changes: dict[str, object], prefix: str
) -> None:
    services = compose(settings.model_copy(update=changes), database)
    transport = httpx.ASGITransport(api_app.build_api(services))
    headers = {'Authorization': f'Bearer {ApiTokens(database).add("card")}'}
    async with httpx.AsyncClient(transport=transport, base_url='http://journal', headers=headers) as client:
        assert (await create_link(client)).startswith(f'{prefix}messages?who=')


async def test_a_forgotten_person_is_in_no_link(
    client: httpx.AsyncClient, services: Services, database: Database
) -> None:
    urls = [await create_link(client), await create_link(client, phone='+79161234567', name='')]
    forgetting = Forgetting(database, services.data_key, services.now)
    found = forgetting.find(PersonKey.parse('+79990000001', None))
    assert forgetting.forget(found, 'по заявлению', lambda done, total: None, wait=lambda seconds: None).links == 1
    assert await open_link(services, urls[0]) is None
    assert await open_link(services, urls[1]) is not None


async def test_a_purge_removes_expired_links(
    client: httpx.AsyncClient, services: Services, clock: ApiClock, database: Database
) -> None:
    await create_link(client)
    clock.time += LAUNCH_TTL + timedelta(seconds=1)
    await create_link(client)  # it removes the first one
    clock.time += timedelta(seconds=1)
    assert count_links(database) == 1
    clock.time += LAUNCH_TTL
    retention = Retention(database, services.settings.zone, now=services.now)
    expired = retention.count_expired(NOW.date() - timedelta(days=365))
    assert expired.counts.links == 1
    retention.purge(expired, lambda done, total: None, wait=lambda seconds: None)
    assert count_links(database) == 0
