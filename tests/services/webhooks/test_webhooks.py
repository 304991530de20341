"""Webhooks: signed, in order, at least once over nodes and failures, and nothing about a person."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from models import AuditEvent, MessageStatus
from services.database.engine import Database
from services.database.tables import ACCESS_RECORD_TABLE, CHANGE_TABLE, WEBHOOK_TABLE
from services.ingest.message_ingest import Sender, ingest_messages
from services.ingest.message_parsing import IncomingMessage
from services.keys.data_key import DataKey
from services.webhooks import delivery_queue
from services.webhooks.webhook_sender import WebhookSender
from services.webhooks.webhooks import WebhookError, Webhooks
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

KEY = DataKey('k' * 32)
URL = 'https://receiver.example.ru/hook?token=secret'
OTHER = 'Другая больница'
DAY = timedelta(days=1)


@dataclass
class Receiver:
    """A program that receives webhooks, and the clock of the senders."""

    status: int = 204
    now: datetime = NOON
    requests: list[httpx.Request] = field(default_factory=list)

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """Store a request and answer with `status`."""
        await request.aread()
        self.requests.append(request)
        return httpx.Response(self.status, headers={'location': 'https://elsewhere.example.ru'})

    def node(self, database: Database) -> WebhookSender:
        """Return the sender of a node."""
        return WebhookSender(database, KEY, lambda: self.now, transport=httpx.MockTransport(self.handle))


def messages_in(requests: Sequence[httpx.Request]) -> list[dict[str, Any]]:
    """Return the messages of requests."""
    return [each for request in requests for each in json.loads(request.content)['data']['messages']]


def ids_in(requests: Sequence[httpx.Request]) -> list[str]:
    """Return the ids of the messages of requests."""
    return [each['id'] for each in messages_in(requests)]


def record(database: Database, *messages: IncomingMessage) -> None:
    """Record messages as a program sends them."""
    sent = [(message, Sender('mailer')) for message in messages]
    database.write_sync(lambda session: ingest_messages(session, sent, zone=MOSCOW, now=NOON))


def webhooks(database: Database) -> Webhooks:
    """Return the administration of webhooks."""
    return Webhooks(database, KEY, lambda: NOON)


async def send_all(*nodes: WebhookSender) -> None:
    """Send on all nodes at the same time until there is nothing to do at the moment."""
    while any(await asyncio.gather(*(node.send_due() for node in nodes))):
        pass


async def test_a_delivery_is_signed_and_names_no_person(database: Database) -> None:
    receiver, message = (
        Receiver(),
        incoming_message(status=MessageStatus.FAILED, error_code='20', error_name='Королёву не звонить'),
    )
    before = incoming_message()
    record(database, before)
    secret = webhooks(database).add('mailer', URL)
    record(database, message)
    await send_all(receiver.node(database))
    (request,) = receiver.requests
    assert (request.method, str(request.url)) == ('POST', URL)
    signed = b'.'.join(
        [request.headers[f'webhook-{name}'].encode() for name in ('id', 'timestamp')] + [request.content]
    )
    key = base64.b64decode(secret.removeprefix('whsec_'))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers['webhook-signature'] == f'v1,{expected}'
    assert request.headers['webhook-timestamp'] == str(int(NOON.timestamp()))
    (sent,) = messages_in([request])
    assert sent == {
        'id': str(message.id),
        'status': 'failed',
        'delivery': None,
        'queued_at': '2026-11-20T10:50:00+00:00',
        'attempted_at': sent['attempted_at'],
        'sent_at': None,
        'error_code': '20',
    }
    for personal in (message.recipient_name, message.phone, message.text, 'Королёв'):
        assert personal not in request.content.decode()
    stored = database.read_sync(lambda session: session.execute(select(WEBHOOK_TABLE.c.secret)).scalar_one())
    assert secret not in stored


async def test_every_message_is_sent_once_and_in_order_over_nodes(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_queue, 'MESSAGES_PER_DELIVERY', 2)
    receiver = Receiver()
    own, other = [incoming_message() for _ in range(5)], incoming_message(organization=OTHER)
    record(database, first := incoming_message())
    webhooks(database).add('all', 'https://all.example.ru')
    webhooks(database).add('clinic', 'https://clinic.example.ru', first.organization)
    record(database, other, *own)
    with closing(Database(database_url)) as other_connection:
        await send_all(receiver.node(database), receiver.node(other_connection))
    for host, expected in (('all.example.ru', [other, *own]), ('clinic.example.ru', own)):
        requests = [request for request in receiver.requests if request.url.host == host]
        assert ids_in(requests) == [str(message.id) for message in expected]
        assert len({request.headers['webhook-id'] for request in requests}) == len(requests) == 3
    await send_all(receiver.node(database))
    assert len(receiver.requests) == 6


async def test_a_failed_delivery_is_repeated_and_later_ones_wait(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    receiver, first = Receiver(status=307), incoming_message(status=MessageStatus.WAITING)
    node = receiver.node(database)
    webhooks(database).add('mailer', URL)
    record(database, first)
    await send_all(node)
    await send_all(node)  # not before the pause is over
    assert len(receiver.requests) == 1, 'a redirect is not followed'
    second = incoming_message()
    record(database, second)
    receiver.now += delivery_queue.FIRST_PAUSE
    await send_all(receiver.node(database))
    (info,) = await webhooks(database).list_all()
    assert (info.failure, info.next_attempt_at) == ('status 307', receiver.now + 3 * delivery_queue.FIRST_PAUSE)
    receiver.status, receiver.now = 200, receiver.now + DAY
    await send_all(node)
    one, other, repeated, last = receiver.requests
    assert one.content == other.content == repeated.content
    assert len({request.headers['webhook-id'] for request in (one, other, repeated)}) == 1
    assert ids_in([last]) == [str(second.id)]
    assert [entry.message for entry in caplog.records if 'token=secret' in entry.message] == []
    assert caplog.records[-1].message == 'webhook mailer accepts deliveries again'


async def test_what_is_given_up_is_listed_and_can_be_sent_again(database: Database) -> None:
    receiver, first, second = Receiver(status=500), incoming_message(), incoming_message()
    node, hooks = receiver.node(database), webhooks(database)
    hooks.add('mailer', URL)
    record(database, first)
    for _ in range(delivery_queue.MAX_ATTEMPTS):
        await send_all(node)
        receiver.now += delivery_queue.MAX_PAUSE
    (given_up,) = await hooks.given_up()
    assert (given_up.webhook, given_up.attempts, given_up.failure) == (
        'mailer',
        delivery_queue.MAX_ATTEMPTS,
        'status 500',
    )
    receiver.requests.clear()
    receiver.status = 200
    record(database, second)
    await send_all(node)
    assert ids_in(receiver.requests) == [str(second.id)]
    assert hooks.retry('mailer') == 1
    await send_all(node)
    assert ids_in(receiver.requests) == [str(second.id), str(first.id)]
    assert await hooks.given_up() == []


async def test_changes_that_are_not_kept_are_said_to_be_lost(database: Database) -> None:
    receiver = Receiver()
    record(database, incoming_message())
    webhooks(database).add('mailer', URL)
    record(database, incoming_message())
    kept = incoming_message()
    record(database, kept)
    newest = select(CHANGE_TABLE.c.number).order_by(CHANGE_TABLE.c.number.desc()).limit(1).scalar_subquery()
    database.write_sync(lambda session: session.execute(CHANGE_TABLE.delete().where(CHANGE_TABLE.c.number < newest)))
    await send_all(receiver.node(database))
    record(database, replace(kept, parts=2))
    await send_all(receiver.node(database))
    assert [json.loads(request.content)['type'] for request in receiver.requests] == [
        'changes.lost',
        'messages.changed',
    ]


def events(database: Database) -> Sequence[AuditEvent]:
    """Return the events of the audit log."""
    return database.read_sync(lambda session: session.execute(select(ACCESS_RECORD_TABLE.c.act)).scalars().all())


async def test_webhooks_are_administered_on_record(database: Database) -> None:
    hooks = webhooks(database)
    for name, url in (
        ('no name', URL),
        ('mailer', 'ftp://x'),
        ('mailer', 'receiver'),
        ('mailer', f'https://{"x" * 2_000}'),
    ):
        with pytest.raises(WebhookError):
            hooks.add(name, url)
    with pytest.raises(WebhookError, match='Нет такой'):
        hooks.add('mailer', URL, 'Нет такой')
    assert list(events(database)) == []
    hooks.add('mailer', URL)
    with pytest.raises(WebhookError, match='уже есть'):
        hooks.add('mailer', URL)
    hooks.retry('mailer')
    record(database, incoming_message())
    await send_all(Receiver(status=500).node(database))
    hooks.remove('mailer')
    assert list(events(database)) == [AuditEvent.WEBHOOK_CHANGED] * 3
    assert hooks.list_sync() == []
    for act in (hooks.retry, hooks.remove):
        with pytest.raises(WebhookError, match='mailer'):
            act('mailer')


async def test_without_webhooks_nothing_is_written(database: Database) -> None:
    receiver = Receiver()
    record(database, incoming_message())
    assert not await receiver.node(database).send_due()
    assert not receiver.requests
