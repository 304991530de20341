"""A provider that sends no receipts is asked for statuses: which messages, when, how often, and what follows."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select

from services.composition import Services, compose
from services.database.engine import Database
from services.database.tables import STATUS_POLL_TABLE
from services.settings import Settings
from services.status_polling import status_poller
from services.status_polling.poll_queue import POLLS_PER_ROUND
from services.status_polling.status_poller import StatusPoller
from tests.helpers.api_requests import NOW, ApiClock, assert_problem, message_json
from tests.helpers.fake_status_provider import LOGIN, PASSWORD, PATIENT, WRONG_PASSWORD, StatusServer, status_server
from tests.helpers.receipt_requests import claim, codes, create_message, details

INTERVAL = 60
MINUTE = timedelta(minutes=1)
WAIT_SECONDS = 30
BEELINE = {'provider': 'beeline', 'provider_id': '6666'}


@pytest.fixture
def server() -> Iterator[StatusServer]:
    """Билайн, which knows no message yet."""
    with status_server() as running:
        yield running


@pytest.fixture
def settings(database: Database, server: StatusServer) -> Settings:
    """Settings of a program that asks Билайн."""
    return Settings(
        database_url=database.url.render_as_string(hide_password=False),
        poll_source='beeline',
        poll_login=LOGIN,
        poll_key=PASSWORD,
        poll_url=server.url,
        poll_interval_seconds=INTERVAL,
    )


@pytest.fixture
def recent() -> dict[str, str]:
    """The times of a message that was queued just now."""
    return {'queued_at': NOW.isoformat()}


def queue_length(database: Database) -> int:
    return database.read_sync(lambda session: session.scalar(select(func.count()).select_from(STATUS_POLL_TABLE)) or 0)


def poller_of(services: Services) -> StatusPoller:
    assert services.status_poller
    return services.status_poller


def own_messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [entry.getMessage() for entry in caplog.records if entry.name == status_poller.__name__]


async def pass_time(services: Services, clock: ApiClock, minutes: float) -> None:
    """Advance the clock in the steps of the rounds."""
    await poller_of(services).ask_due()
    for _ in range(round(minutes * 6)):
        clock.time += MINUTE / 6
        await poller_of(services).ask_due()


async def test_a_final_answer_ends_the_questions(
    client: httpx.AsyncClient,
    services: Services,
    clock: ApiClock,
    server: StatusServer,
    database: Database,
    recent: dict[str, str],
) -> None:
    id = await create_message(client, **recent, **BEELINE)
    await poller_of(services).ask_due()
    assert server.forms == []
    server.statuses['6666'] = 'delivered', '22.11.26 15:00:40'
    await pass_time(services, clock, 1)
    assert server.forms == [{'user': LOGIN, 'pass': PASSWORD, 'gzip': 'none', 'action': 'status', 'sms_id': '6666'}]
    message = await details(client, id)
    assert (message['status'], message['delivery']) == ('sent', 'delivered')
    assert message['sent_at'] == '2026-11-22T12:00:40Z'
    assert await codes(client, id) == ['delivered']
    await pass_time(services, clock, 10)
    assert server.asked == ['6666']
    assert queue_length(database) == 0
    assert 'journal_status_polls_total{outcome="answered",provider="beeline"} 1.0' in services.metrics.render().decode()
    assert 'journal_receipts_total{outcome="updated",provider="beeline"} 1.0' in services.metrics.render().decode()


async def test_an_older_message_is_asked_for_less_often_and_finally_no_more(
    client: httpx.AsyncClient,
    services: Services,
    clock: ApiClock,
    server: StatusServer,
    database: Database,
    recent: dict[str, str],
) -> None:
    id = await create_message(client, **recent, **BEELINE)
    server.statuses['6666'] = 'accepted', ''
    asked_at = []
    for minute in range(1, 128):
        before = len(server.forms)
        await pass_time(services, clock, 1)
        asked_at += [minute] * (len(server.forms) - before)
    assert asked_at == [1, 3, 7, 15, 31, 63, 127]
    assert (await details(client, id))['status'] == 'sent'
    assert await codes(client, id) == ['accepted']
    hours = [clock.time]
    while queue_length(database):
        clock.time += timedelta(hours=1)
        before = len(server.forms)
        await poller_of(services).ask_due()
        if len(server.forms) > before:
            hours.append(clock.time)
        assert clock.time < NOW + timedelta(hours=72 + 13)
    assert max(hours) <= NOW + timedelta(hours=72)
    assert len(server.forms) < 20


async def test_every_status_of_the_provider_has_its_meaning(
    client: httpx.AsyncClient, services: Services, clock: ApiClock, server: StatusServer, recent: dict[str, str]
) -> None:
    expected = {
        'queued': 'pending', 'wait': 'sent', 'accepted': 'sent', 'delivered': 'sent', 'not_delivered': 'failed',
        'undeliverable': 'failed', 'rejected': 'failed', 'error': 'failed', 'failed': 'failed', 'expired': 'failed',
        'aborted': 'failed', 'unknown': 'pending', 'something_new': 'pending',
    }  # fmt: skip
    ids = {}
    for number, code in enumerate(expected, start=1):
        ids[code] = await create_message(client, **recent, provider='beeline', provider_id=str(number))
        server.statuses[str(number)] = code, '22.11.2026 15:00:30'
    await pass_time(services, clock, 1)
    assert {code: (await details(client, id))['status'] for code, id in ids.items()} == expected
    assert [await codes(client, id) for id in ids.values()] == [[code] for code in expected]
    assert (await details(client, ids['undeliverable']))['error_name'] == 'Невозможно доставить: абонент недоступен'


@pytest.mark.parametrize(
    ('fault', 'reason'),
    [
        ({'body': b'<output><MESSAGES>'}, 'unreadable: no XML'),
        ({'body': WRONG_PASSWORD.encode()}, 'error -20107'),
        ({'status': 503}, 'status 503'),
        ({'status': 302}, 'status 302'),
        ({'body': b'<output>' + b' ' * 100_000 + b'</output>'}, 'too long an answer'),
        ({'delay': 5.0}, 'no answer in 0.3 s'),
        ({'url': 'http://127.0.0.1:9/'}, 'ConnectError'),
    ],
    ids=lambda value: value if isinstance(value, str) else '',
)
async def test_a_provider_that_does_not_answer_is_asked_again_later(
    client: httpx.AsyncClient,
    settings: Settings,
    database: Database,
    clock: ApiClock,
    server: StatusServer,
    recent: dict[str, str],
    fault: dict[str, object],
    reason: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    id = await create_message(client, **recent, **BEELINE)
    server.statuses['6666'] = 'delivered', '22.11.26 15:00:40'
    fault = dict(fault)
    url = str(fault.pop('url', server.url))
    services = compose(settings.model_copy(update={'poll_url': url}), database, now=clock)
    poller = poller_of(services)
    monkeypatch.setattr(poller, '_timeout_seconds', 0.3)
    for name, value in fault.items():
        setattr(server, name, value)
    with caplog.at_level(logging.DEBUG):
        await pass_time(services, clock, 1)
        failed = 'journal_status_polls_total{outcome="failed",provider="beeline"}'
        assert f'{failed} 1.0' in services.metrics.render().decode()
        # One minute without questions, then one of two minutes: not every round.
        await pass_time(services, clock, 3)
        assert f'{failed} 3.0' in services.metrics.render().decode()
        assert (await details(client, id))['status'] == 'pending'
        failure = f'Билайн does not answer status queries ({reason}); they are repeated later'
        assert own_messages(caplog) == [failure]
        if url == server.url:
            server.body, server.status, server.delay = None, 200, 0.0
            await pass_time(services, clock, 4.5)
            assert (await details(client, id))['status'] == 'sent'
            assert own_messages(caplog) == [failure, 'Билайн answers status queries again']
    log = caplog.text
    assert PASSWORD not in log
    assert PATIENT not in log


async def test_a_message_that_the_provider_does_not_know_hinders_no_other(
    client: httpx.AsyncClient, services: Services, clock: ApiClock, server: StatusServer, recent: dict[str, str]
) -> None:
    unknown = await create_message(client, **recent, **BEELINE)
    known = await create_message(client, **recent, provider='beeline', provider_id='7777')
    server.statuses['7777'] = 'delivered', ''
    await pass_time(services, clock, 1)
    assert (await details(client, unknown))['status'] == 'pending'
    assert (await details(client, known))['status'] == 'sent'
    assert 'journal_status_polls_total{outcome="unknown",provider="beeline"} 1.0' in services.metrics.render().decode()
    server.statuses['6666'] = 'delivered', ''
    await pass_time(services, clock, 2)
    assert (await details(client, unknown))['status'] == 'sent'


async def test_an_error_about_a_message_is_logged_once_and_hinders_no_other(
    client: httpx.AsyncClient,
    services: Services,
    clock: ApiClock,
    server: StatusServer,
    recent: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    id = await create_message(client, **recent, **BEELINE)
    server.body = f'<output><errors><error code="-20200">{PATIENT}</error></errors></output>'.encode()
    await pass_time(services, clock, 8)
    assert server.asked == ['6666'] * 3
    assert own_messages(caplog) == ['Билайн answers a status query with error -20200']
    assert 'journal_status_polls_total{outcome="refused",provider="beeline"} 3.0' in services.metrics.render().decode()
    server.body, server.statuses['6666'] = None, ('delivered', '')
    await pass_time(services, clock, 8)
    assert (await details(client, id))['status'] == 'sent'


async def test_only_messages_of_the_account_without_a_final_status_are_asked_for(
    client: httpx.AsyncClient, services: Services, clock: ApiClock, server: StatusServer, recent: dict[str, str]
) -> None:
    await create_message(client, **recent, provider='smsc', provider_id='1')
    await create_message(client, **recent, provider='beeline', provider_id='2', provider_account='another')
    await create_message(client, **recent, provider='beeline', provider_id='3', provider_account=LOGIN)
    claimed = await create_message(client, **recent)
    await claim(client, claimed, 'beeline', '0004')
    withdrawn = await create_message(client, **recent, provider='beeline', provider_id='5')
    assert (await client.post(f'/messages/{withdrawn}/withdrawal')).status_code == 200
    await create_message(client, queued_at=(NOW - timedelta(hours=73)).isoformat(), provider='beeline', provider_id='6')
    await create_message(client, **recent)
    await pass_time(services, clock, 1)
    assert sorted(server.asked) == ['3', '4']


async def test_a_round_is_bounded_and_two_nodes_share_the_questions(
    client: httpx.AsyncClient,
    services: Services,
    settings: Settings,
    database: Database,
    clock: ApiClock,
    server: StatusServer,
    recent: dict[str, str],
) -> None:
    count = 2 * POLLS_PER_ROUND + 30
    messages = [message_json(**recent, provider='beeline', provider_id=str(number)) for number in range(1, count + 1)]
    assert (await client.post('/messages', json=messages)).status_code == 200
    server.statuses = {str(number): ('delivered', '') for number in range(1, count + 1)}
    await poller_of(services).ask_due()
    clock.time += MINUTE
    await poller_of(services).ask_due()
    assert len(server.asked) == POLLS_PER_ROUND
    other = compose(settings, database, now=clock)
    await asyncio.gather(poller_of(services).ask_due(), poller_of(other).ask_due())
    await asyncio.gather(poller_of(services).ask_due(), poller_of(other).ask_due())
    assert Counter(server.asked) == dict.fromkeys(server.statuses, 1)
    other.database.close()


async def test_what_a_node_did_not_finish_is_asked_for_after_a_restart(
    client: httpx.AsyncClient,
    services: Services,
    settings: Settings,
    database: Database,
    clock: ApiClock,
    server: StatusServer,
    recent: dict[str, str],
) -> None:
    id = await create_message(client, **recent, **BEELINE)
    await poller_of(services).ask_due()
    clock.time += MINUTE
    server.delay = 30.0
    dying = asyncio.create_task(poller_of(services).ask_due())
    while not server.forms:
        await asyncio.sleep(0.01)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    server.delay, server.statuses['6666'] = 0.0, ('delivered', '')
    restarted = compose(settings, database, now=clock)
    await pass_time(restarted, clock, 6)
    assert server.asked == ['6666', '6666']
    assert (await details(client, id))['status'] == 'sent'


async def test_the_task_asks_by_itself_and_ends(
    client: httpx.AsyncClient, services: Services, clock: ApiClock, server: StatusServer, recent: dict[str, str]
) -> None:
    id = await create_message(client, **recent, **BEELINE)
    server.statuses['6666'] = 'delivered', ''
    poller = poller_of(services)
    poller._interval_seconds = 0.01
    await poller.start()
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while (await details(client, id))['status'] != 'sent':
                clock.time += MINUTE / 6
                await asyncio.sleep(0.01)
    finally:
        await poller.stop()
    assert server.asked == ['6666']


def test_without_the_setting_nobody_is_asked(settings: Settings, database: Database) -> None:
    assert compose(settings.model_copy(update={'poll_source': 'none'}), database).status_poller is None


async def test_a_provider_that_is_asked_sends_no_receipts(client: httpx.AsyncClient) -> None:
    response = await client.post('/receipts/beeline?key=', data={'id': '6666', 'status': 'delivered'})
    assert_problem(response, 422, 'wrong_type', 'provider')
