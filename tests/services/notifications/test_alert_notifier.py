"""Notifications of alerts: by real SMTP and HTTP, each alert once over nodes and restarts, and its end."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from models import MessageStatus
from services import texts
from services.composition import compose
from services.database.engine import Database
from services.database.tables import ORGANIZATION_TABLE
from services.ingest.message_ingest import ingest_imported_messages
from services.notifications.alert_notifier import AlertNotifier
from services.notifications.email_channel import EmailChannel, EmailServer
from services.notifications.notice import Notice, NoticeNotSentError
from services.notifications.notice_queue import END_AFTER, EXPIRES_AFTER, LEASE
from services.notifications.webhook_channel import WebhookChannel
from services.overview.alert_model import MAX_PART_ALERTS, AlertKey, AlertKind, Finding, Findings
from services.settings import InvalidSettingError, Settings
from services.settings_loader import load_settings
from tests.helpers.factories import incoming_message
from tests.helpers.ports import free_port
from tests.helpers.reference_messages import MOSCOW, NOON
from tests.helpers.smtp_server import smtp_server

MINUTE = timedelta(minutes=1)
STUCK = Findings({AlertKind.QUEUE}, {AlertKey(AlertKind.QUEUE): Finding('Очередь стоит', '/messages?status=waiting')})
CALM = Findings({AlertKind.QUEUE}, {})
NOTHING_KNOWN = Findings(set(), {})
SENDER, RECIPIENTS = 'journal@example.ru', ('duty@example.ru', 'admin@example.ru')


class Clock:
    """A clock that tests advance."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> object:
        return self.now


@dataclass
class RecordingChannel:
    """A channel that stores what it is to send, or fails."""

    name: str = 'webhook'
    is_failing: bool = False
    notices: list[Notice] = field(default_factory=list)

    async def send(self, notice: Notice) -> None:
        """See Channel."""
        if self.is_failing:
            raise NoticeNotSentError('status 500')
        self.notices.append(notice)

    @property
    def sent(self) -> list[tuple[str, bool]]:
        """The texts, and whether each is an end."""
        return [(notice.text, notice.is_end) for notice in self.notices]


def notifier(database: Database, clock: Clock, *channels: RecordingChannel | EmailChannel) -> AlertNotifier:
    """Return the notifier of a node."""
    return AlertNotifier(database, channels, lambda: clock.now, origin='https://journal.example.ru')


async def test_an_alert_is_sent_once_over_nodes_and_restarts_and_then_its_end(database: Database) -> None:
    clock, channel = Clock(), RecordingChannel()
    first, second = notifier(database, clock, channel), notifier(database, clock, channel)
    await asyncio.gather(first.record(STUCK), second.record(STUCK))
    await asyncio.gather(first.send_due(), second.send_due())
    assert channel.sent == [('Очередь стоит', False)]
    assert channel.notices[0].url == 'https://journal.example.ru/messages?status=waiting'

    for minutes in (1, 2, 3, 4):
        clock.now = NOON + minutes * MINUTE
        restarted = notifier(database, clock, channel)
        await restarted.record(STUCK)
        await restarted.record(NOTHING_KNOWN)
        await restarted.send_due()
    assert len(channel.notices) == 1

    clock.now += MINUTE
    await first.record(CALM)
    await first.send_due()
    assert len(channel.notices) == 1, 'what one node does not see, another one has just seen'
    clock.now += END_AFTER
    await asyncio.gather(first.record(CALM), second.record(CALM))
    await asyncio.gather(first.send_due(), second.send_due())
    assert channel.sent[1:] == [(texts.ALERT_ENDS['queue'], True)]
    await first.record(STUCK)
    await first.send_due()
    assert channel.sent[2:] == [('Очередь стоит', False)], 'a new alert is announced again'


async def test_of_many_jumps_a_few_are_announced_and_the_end_of_each_names_its_organisation(database: Database) -> None:
    clock, channel = Clock(), RecordingChannel()
    names = [f'ГБУЗ МО «Больница {number}»' for number in range(MAX_PART_ALERTS + 1)]
    messages = [incoming_message(organization=name) for name in names]
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))
    statement = select(ORGANIZATION_TABLE.c.id).order_by(ORGANIZATION_TABLE.c.name)
    ids = database.read_sync(lambda session: session.execute(statement).scalars().all())

    def jumps(*numbers: int) -> Findings:
        keys = {number: AlertKey(AlertKind.ORGANIZATION_ERRORS, ids[number]) for number in numbers}
        known = {AlertKind.ORGANIZATION_ERRORS, AlertKind.KIND_ERRORS}
        return Findings(known, {key: Finding(f'{number}', '/') for number, key in keys.items()})

    node = notifier(database, clock, channel)
    await node.record(jumps(0, 1, 2, 3))
    await node.send_due()
    assert channel.sent == [('0', False), ('1', False), ('2', False)]
    clock.now += END_AFTER
    restarted = notifier(database, clock, channel)
    await restarted.record(jumps(3, 2, 1))
    await restarted.send_due()
    ended = texts.ALERT_ENDS['organization_errors'].format(name='Больница 0, ГБУЗ МО')
    assert channel.sent[3:] == [(ended, True), ('3', False)]
    assert {notice.kind for notice in channel.notices} == {'organization_errors'}


async def test_a_failure_is_logged_once_and_the_notification_is_sent_later(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    clock, channel = Clock(), RecordingChannel(is_failing=True)
    node = notifier(database, clock, channel)
    await node.record(STUCK)
    for _ in range(3):
        await node.send_due()
        await node.send_due()  # not before the pause is over
        clock.now += 5 * LEASE
    assert [record.message for record in caplog.records] == [
        'alerts cannot be sent by webhook (status 500); they are sent later'
    ]
    channel.is_failing = False
    await node.send_due()
    assert channel.sent == [('Очередь стоит', False)]
    assert caplog.records[-1].message == 'alerts are sent by webhook again'
    await node.send_due()
    assert len(channel.notices) == 1

    channel.is_failing = True
    clock.now += END_AFTER
    await node.record(CALM)
    clock.now += EXPIRES_AFTER + MINUTE
    channel.is_failing = False
    await node.send_due()
    assert len(channel.notices) == 1, 'nobody wants to know of yesterday'


async def test_without_a_channel_nothing_is_written(database: Database) -> None:
    clock, channel = Clock(), RecordingChannel()
    await AlertNotifier(database, (), lambda: clock.now).record(STUCK)
    node = notifier(database, clock, channel)
    await node.send_due()
    await node.record(CALM)
    await node.send_due()
    assert not channel.notices


async def test_an_alert_of_the_journal_arrives_by_smtp_without_anything_about_patients(database: Database) -> None:
    failed = [
        incoming_message(status=MessageStatus.FAILED, queued_at=NOON - MINUTE, recipient_name='Тайнова Секрета')
        for _ in range(5)
    ]
    a_week_ago = NOON - timedelta(weeks=1, minutes=5)
    earlier = incoming_message(queued_at=a_week_ago, sent_at=a_week_ago)
    database.write_sync(lambda session: ingest_imported_messages(session, [*failed, earlier], zone=MOSCOW, now=NOON))
    async with smtp_server(login=('journal', 'secret')) as server:
        settings = Settings(
            database_url=database.url.render_as_string(hide_password=False),
            alert_errors=4,
            alert_email_to=', '.join(RECIPIENTS),
            alert_email_from=SENDER,
            alert_email_host='127.0.0.1',
            alert_email_port=server.port,
            alert_email_security='none',
            alert_email_login='journal',
            alert_email_password='secret',
            alert_link_url='https://journal.example.ru/',
        )
        services = compose(settings, database, lambda: NOON)
        await services.live_updates.refresh()
        await services.overview.poll()
        await services.alerts.check()
        await services.alert_notifier.send_due()
        messages = server.messages
    assert server.recipients == list(RECIPIENTS) * len(messages)
    assert [message['subject'] for message in messages] == [
        'Журнал сообщений: Ошибок за час: 5, обычно 0',
        'Журнал сообщений: Ошибок за час: 5, обычно 0 — Химкинская областная больница, ГБУЗ МО',
        'Журнал сообщений: Ошибок за час: 5, обычно 0 — Напоминание',
    ]
    message = messages[0]
    assert message['from'].addresses[0].addr_spec == SENDER
    body = message.get_content()
    assert 'Началось: ' in body
    assert 'Все ошибки за весь день, не только за час:\nhttps://journal.example.ru/messages?from=' in body
    assert not [each for each in messages if 'Тайнова' in each.as_string() + each.get_content()]


async def test_the_password_is_never_sent_without_encryption_if_it_is_required() -> None:
    async with smtp_server() as server:
        channel = EmailChannel(EmailServer('127.0.0.1', server.port, 'starttls'), SENDER, RECIPIENTS, MOSCOW)
        with pytest.raises(NoticeNotSentError, match='SMTPNotSupportedError'):
            await channel.send(Notice('queue', False, 'Очередь стоит', '', NOON))
        channel = EmailChannel(EmailServer('127.0.0.1', server.port, 'none'), SENDER, RECIPIENTS, MOSCOW)
        server.refusal = '451 try later'
        with pytest.raises(NoticeNotSentError, match='SMTPDataError 451'):
            await channel.send(Notice('queue', False, 'Очередь стоит', '', NOON))
    channel = EmailChannel(EmailServer('127.0.0.1', free_port(), 'none'), SENDER, RECIPIENTS, MOSCOW)
    with pytest.raises(NoticeNotSentError, match='ConnectionRefusedError'):
        await channel.send(Notice('queue', False, 'Очередь стоит', '', NOON))


@contextmanager
def http_server(status: int = 204) -> Iterator[tuple[str, list[tuple[str | None, object]]]]:
    """Run a server that stores the token and the JSON of each request; return its URL and what it has stored."""
    received: list[tuple[str | None, object]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers['content-length']))
            received.append((self.headers['authorization'], json.loads(content)))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(('127.0.0.1', 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_port}/hook?secret=1', received
        server.shutdown()


async def test_a_webhook_gets_json_and_a_refusal_quotes_no_url() -> None:
    with http_server() as (url, received):
        await WebhookChannel(url, 'token').send(Notice('errors', True, 'Ошибок снова как обычно', '', NOON))
    assert received == [
        (
            'Bearer token',
            {
                'kind': 'errors',
                'state': 'ended',
                'text': 'Ошибок снова как обычно',
                'url': '',
                'at': NOON.isoformat(),
            },
        )
    ]
    with http_server(302) as (url, _), pytest.raises(NoticeNotSentError, match='status 302'):
        await WebhookChannel(url).send(Notice('errors', False, '', '', NOON))
    with pytest.raises(NoticeNotSentError, match='ConnectError'):
        await WebhookChannel(f'http://127.0.0.1:{free_port()}/secret').send(Notice('errors', False, '', '', NOON))


@pytest.mark.parametrize(
    ('options', 'line'),
    [
        (['--alert-email-to', 'duty@example.ru'], 'не хватает JOURNAL_ALERT_EMAIL_FROM, JOURNAL_ALERT_EMAIL_HOST'),
        (['--alert-email-to', 'дежурный'], '«дежурный» — нужен адрес почты'),
        (['--alert-webhook-url', 'chat'], '«chat» — нужен адрес страницы'),
    ],
)
def test_incomplete_settings_stop_the_start(options: list[str], line: str) -> None:
    with pytest.raises(InvalidSettingError, match=line):
        load_settings(Settings, options)
