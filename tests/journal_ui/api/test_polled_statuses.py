"""A provider that sends no receipts is asked for statuses: which messages, when, how often, and what follows."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
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


def own_messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [entry.getMessage() for entry in caplog.records if entry.name == status_poller.__name__]


@dataclass(frozen=True)
class PolledJournal:
    """A journal that asks Билайн for statuses, the client of its mailing system, and Билайн itself."""

    client: httpx.AsyncClient
    services: Services
    clock: ApiClock
    server: StatusServer

    @property
    def poller(self) -> StatusPoller:
        """The poller of the journal."""
        assert self.services.status_poller
        return self.services.status_poller

    @property
    def metrics(self) -> str:
        """What `/metrics` returns."""
        return self.services.metrics.render().decode()

    async def create(self, provider_id: str = '6666', provider: str = 'beeline', **changes: str) -> str:
        """Submit a message that was queued just now; return its id."""
        message = {'queued_at': NOW.isoformat(), 'provider': provider, 'provider_id': provider_id, **changes}
        return await create_message(self.client, **message)

    async def pass_time(self, minutes: float, rounds_per_minute: int = 6) -> None:
        """Advance the clock in the steps of the rounds."""
        await self.poller.poll_due()
        for _ in range(round(minutes * rounds_per_minute)):
            self.clock.time += MINUTE / rounds_per_minute
            await self.poller.poll_due()

    async def status(self, id: str) -> str:
        """Return the status of a message."""
        return str((await details(self.client, id))['status'])

    def with_settings(self, settings: Settings) -> 'PolledJournal':
        """Return another node of the journal, or this one after a restart, with the given settings."""
        return replace(self, services=compose(settings, self.services.database, now=self.clock))

    def queue_length(self) -> int:
        """Return how many messages are still to be asked for."""
        statement = select(func.count()).select_from(STATUS_POLL_TABLE)
        return self.services.database.read_sync(lambda session: session.scalar(statement) or 0)


@pytest.fixture
def journal(client: httpx.AsyncClient, services: Services, clock: ApiClock, server: StatusServer) -> PolledJournal:
    """The journal of a test."""
    return PolledJournal(client, services, clock, server)


async def test_a_final_answer_ends_the_questions(journal: PolledJournal) -> None:
    id = await journal.create()
    await journal.poller.poll_due()
    assert journal.server.forms == []
    journal.server.statuses['6666'] = 'delivered', '22.11.26 15:00:40'
    await journal.pass_time(1)
    assert journal.server.forms == [
        {'user': LOGIN, 'pass': PASSWORD, 'gzip': 'none', 'action': 'status', 'sms_id': '6666'}
    ]
    message = await details(journal.client, id)
    assert (message['status'], message['delivery']) == ('sent', 'delivered')
    assert message['sent_at'] == '2026-11-22T12:00:40Z'
    assert await codes(journal.client, id) == ['delivered']
    await journal.pass_time(10)
    assert journal.server.requested_ids == ['6666']
    assert journal.queue_length() == 0
    assert 'journal_status_polls_total{outcome="answered",provider="beeline"} 1.0' in journal.metrics
    assert 'journal_receipts_total{outcome="updated",provider="beeline"} 1.0' in journal.metrics


async def test_an_older_message_is_asked_for_less_often_and_finally_no_more(journal: PolledJournal) -> None:
    id = await journal.create()
    journal.server.statuses['6666'] = 'accepted', ''
    asked_at = []
    for minute in range(1, 128):
        before = len(journal.server.forms)
        await journal.pass_time(1, rounds_per_minute=2)
        asked_at += [minute] * (len(journal.server.forms) - before)
    assert asked_at == [1, 3, 7, 15, 31, 63, 127]
    assert await journal.status(id) == 'sent'
    assert await codes(journal.client, id) == ['accepted']
    hours = [journal.clock.time]
    while journal.queue_length():
        journal.clock.time += timedelta(hours=1)
        before = len(journal.server.forms)
        await journal.poller.poll_due()
        if len(journal.server.forms) > before:
            hours.append(journal.clock.time)
        assert journal.clock.time < NOW + timedelta(hours=72 + 13)
    assert max(hours) <= NOW + timedelta(hours=72)
    assert len(journal.server.forms) < 20


async def test_every_status_of_the_provider_has_its_meaning(journal: PolledJournal) -> None:
    expected = {
        'queued': 'pending', 'wait': 'sent', 'accepted': 'sent', 'delivered': 'sent', 'not_delivered': 'failed',
        'undeliverable': 'failed', 'rejected': 'failed', 'error': 'failed', 'failed': 'failed', 'expired': 'failed',
        'aborted': 'failed', 'unknown': 'pending', 'something_new': 'pending',
    }  # fmt: skip
    ids = {}
    for number, code in enumerate(expected, start=1):
        ids[code] = await journal.create(str(number))
        journal.server.statuses[str(number)] = code, '22.11.2026 15:00:30'
    await journal.pass_time(1)
    assert {code: await journal.status(id) for code, id in ids.items()} == expected
    assert [await codes(journal.client, id) for id in ids.values()] == [[code] for code in expected]
    undeliverable = await details(journal.client, ids['undeliverable'])
    assert undeliverable['error_name'] == 'Невозможно доставить: абонент недоступен'


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
    journal: PolledJournal,
    settings: Settings,
    fault: dict[str, object],
    reason: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    id = await journal.create()
    journal.server.statuses['6666'] = 'delivered', '22.11.26 15:00:40'
    fault = dict(fault)
    url = str(fault.pop('url', journal.server.url))
    journal = journal.with_settings(settings.model_copy(update={'poll_url': url}))
    monkeypatch.setattr(journal.poller, '_timeout_seconds', 0.3)
    for name, value in fault.items():
        setattr(journal.server, name, value)
    with caplog.at_level(logging.DEBUG):
        await journal.pass_time(1)
        failed = 'journal_status_polls_total{outcome="failed",provider="beeline"}'
        assert f'{failed} 1.0' in journal.metrics
        # One minute without questions, then one of two minutes: not every round.
        await journal.pass_time(3)
        assert f'{failed} 3.0' in journal.metrics
        assert await journal.status(id) == 'pending'
        failure = f'Билайн does not answer status queries ({reason}); they are repeated later'
        assert own_messages(caplog) == [failure]
        if url == journal.server.url:
            journal.server.body, journal.server.status, journal.server.delay = None, 200, 0.0
            await journal.pass_time(4.5)
            assert await journal.status(id) == 'sent'
            assert own_messages(caplog) == [failure, 'Билайн answers status queries again']
    log = caplog.text
    assert PASSWORD not in log
    assert PATIENT not in log


async def test_a_message_that_the_provider_does_not_know_hinders_no_other(journal: PolledJournal) -> None:
    unknown = await journal.create()
    known = await journal.create('7777')
    journal.server.statuses['7777'] = 'delivered', ''
    await journal.pass_time(1)
    assert await journal.status(unknown) == 'pending'
    assert await journal.status(known) == 'sent'
    assert 'journal_status_polls_total{outcome="unknown",provider="beeline"} 1.0' in journal.metrics
    journal.server.statuses['6666'] = 'delivered', ''
    await journal.pass_time(2)
    assert await journal.status(unknown) == 'sent'


async def test_an_error_about_a_message_is_logged_once_and_hinders_no_other(
    journal: PolledJournal,
    caplog: pytest.LogCaptureFixture,
) -> None:
    id = await journal.create()
    journal.server.body = f'<output><errors><error code="-20200">{PATIENT}</error></errors></output>'.encode()
    await journal.pass_time(8)
    assert journal.server.requested_ids == ['6666'] * 3
    assert own_messages(caplog) == ['Билайн answers a status query with error -20200']
    assert 'journal_status_polls_total{outcome="refused",provider="beeline"} 3.0' in journal.metrics
    journal.server.body, journal.server.statuses['6666'] = None, ('delivered', '')
    await journal.pass_time(8)
    assert await journal.status(id) == 'sent'


async def test_only_messages_of_the_account_without_a_final_status_are_asked_for(journal: PolledJournal) -> None:
    await journal.create('1', provider='smsc')
    await journal.create('2', provider_account='another')
    await journal.create('3', provider_account=LOGIN)
    claimed = await create_message(journal.client, queued_at=NOW.isoformat())
    await claim(journal.client, claimed, 'beeline', '0004')
    withdrawn = await journal.create('5')
    assert (await journal.client.post(f'/messages/{withdrawn}/withdrawal')).status_code == 200
    await journal.create('6', queued_at=(NOW - timedelta(hours=73)).isoformat())
    await create_message(journal.client, queued_at=NOW.isoformat())
    await journal.pass_time(1)
    assert sorted(journal.server.requested_ids) == ['3', '4']


async def test_a_round_is_bounded_and_two_nodes_share_the_questions(journal: PolledJournal, settings: Settings) -> None:
    count = 2 * POLLS_PER_ROUND + 30
    messages = [
        message_json(queued_at=NOW.isoformat(), provider='beeline', provider_id=str(number))
        for number in range(1, count + 1)
    ]
    assert (await journal.client.post('/messages', json=messages)).status_code == 200
    journal.server.statuses = {str(number): ('delivered', '') for number in range(1, count + 1)}
    await journal.poller.poll_due()
    journal.clock.time += MINUTE
    await journal.poller.poll_due()
    assert len(journal.server.requested_ids) == POLLS_PER_ROUND
    other = journal.with_settings(settings)
    await asyncio.gather(journal.poller.poll_due(), other.poller.poll_due())
    await asyncio.gather(journal.poller.poll_due(), other.poller.poll_due())
    assert Counter(journal.server.requested_ids) == dict.fromkeys(journal.server.statuses, 1)


async def test_what_a_node_did_not_finish_is_asked_for_after_a_restart(
    journal: PolledJournal, settings: Settings
) -> None:
    id = await journal.create()
    await journal.poller.poll_due()
    journal.clock.time += MINUTE
    journal.server.delay = 30.0
    dying = asyncio.create_task(journal.poller.poll_due())
    while not journal.server.forms:
        await asyncio.sleep(0.01)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    journal.server.delay, journal.server.statuses['6666'] = 0.0, ('delivered', '')
    await journal.with_settings(settings).pass_time(6)
    assert journal.server.requested_ids == ['6666', '6666']
    assert await journal.status(id) == 'sent'


async def test_the_task_asks_by_itself_and_ends(journal: PolledJournal) -> None:
    id = await journal.create()
    journal.server.statuses['6666'] = 'delivered', ''
    poller = journal.poller
    poller._interval_seconds = 0.01
    await poller.start()
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while await journal.status(id) != 'sent':
                journal.clock.time += MINUTE / 6
                await asyncio.sleep(0.01)
    finally:
        await poller.stop()
    assert journal.server.requested_ids == ['6666']


def test_without_the_setting_nobody_is_asked(settings: Settings, database: Database) -> None:
    assert compose(settings.model_copy(update={'poll_source': 'none'}), database).status_poller is None


async def test_a_provider_that_is_asked_sends_no_receipts(client: httpx.AsyncClient) -> None:
    response = await client.post('/receipts/beeline?key=', data={'id': '6666', 'status': 'delivered'})
    assert_problem(response, 422, 'wrong_type', 'provider')
