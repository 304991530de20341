"""Alerts: raised once, kept while they hold or nothing is known, and ended by themselves."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from models import MessageStatus
from services import texts
from services.balance.ledger_balance import LedgerBalanceSource
from services.composition import Services, compose
from services.database.engine import Database
from services.ingest.message_ingest import Receipt, Sender, apply_receipts, ingest_imported_messages, ingest_messages
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from services.overview.alerts import SHOWN_AFTER_END, Alert, AlertKind, next_alerts
from services.overview.last_hour import LastHour, read_last_hour
from services.settings import Settings
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

HOUR, MINUTE, WEEK = timedelta(hours=1), timedelta(minutes=1), timedelta(weeks=1)
URLS = dict.fromkeys(AlertKind, '/messages')


def holding(**texts_by_kind: str | None) -> Mapping[AlertKind, str | None]:
    """Return the texts of all kinds: none of the others holds."""
    return {kind: texts_by_kind.get(kind.value, '') for kind in AlertKind}


def test_an_alert_is_raised_once_and_keeps_its_text_while_it_holds() -> None:
    alerts = next_alerts((), holding(errors='57'), URLS, NOON)
    assert alerts == (Alert(AlertKind.ERRORS, '57', '/messages', NOON),)
    assert next_alerts(alerts, holding(errors='58'), URLS, NOON + MINUTE) == alerts


def test_an_alert_stays_while_it_is_not_known_whether_it_holds() -> None:
    assert next_alerts((), holding(queue=None), URLS, NOON) == ()
    alerts = next_alerts((), holding(queue='stuck'), URLS, NOON)
    assert next_alerts(alerts, holding(queue=None), URLS, NOON + HOUR) == alerts


def test_the_end_is_shown_for_a_while_after_the_active_alerts() -> None:
    alerts = next_alerts((), holding(queue='stuck'), URLS, NOON)
    end = NOON + HOUR
    ended = next_alerts(alerts, holding(balance='low'), URLS, end)
    assert [(each.text, each.ended_at) for each in ended] == [('low', None), (texts.ALERT_ENDS['queue'], end)]
    assert len(next_alerts(ended, holding(balance='low'), URLS, end + SHOWN_AFTER_END - MINUTE)) == 2
    assert len(next_alerts(ended, holding(balance='low'), URLS, end + SHOWN_AFTER_END)) == 1
    again = next_alerts(ended, holding(queue='stuck again', balance='low'), URLS, end + MINUTE)
    assert [each.text for each in again] == ['stuck again', 'low'], 'an alert that holds again is not shown as ended'


def add(database: Database, *messages: IncomingMessage) -> None:
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))


def failed(at: datetime, count: int) -> list[IncomingMessage]:
    return [incoming_message(status=MessageStatus.FAILED, queued_at=at) for _ in range(count)]


def sent(at: datetime) -> IncomingMessage:
    return incoming_message(queued_at=at, sent_at=at)


def receive(database: Database, at: datetime) -> None:
    """Receive a message through the API, and then its receipt, at one moment."""
    message = incoming_message(queued_at=at, status=MessageStatus.WAITING)
    database.write_sync(lambda session: ingest_messages(session, [(message, Sender('mailer'))], zone=MOSCOW, now=at))
    event = StatusEvent(at, 'smsru', MessageStatus.SENT, True, 'smsru', '103')
    receipt = Receipt('smsru', str(message.id), event)
    database.write_sync(lambda session: apply_receipts(session, [receipt], zone=MOSCOW, now=at))


def last_hour(database: Database, now: datetime = NOON) -> LastHour:
    return database.read_sync(lambda session: read_last_hour(session, now, HOUR))


def test_the_errors_of_the_last_hour_are_compared_with_the_same_hour_of_the_weeks_before(database: Database) -> None:
    assert last_hour(database) == LastHour(0, None, None, False)
    add(database, *failed(NOON - HOUR, 5), *failed(NOON - HOUR - MINUTE, 9), *failed(NOON, 9))
    add(database, *failed(NOON - WEEK - MINUTE, 3), *failed(NOON - WEEK - 2 * HOUR, 9))
    add(database, sent(NOON - 2 * WEEK - MINUTE), sent(NOON - 3 * WEEK - 2 * HOUR))
    assert (last_hour(database).failed, last_hour(database).usual_failed) == (5, Decimal('1.5'))


def test_receipts_are_missed_only_if_messages_were_sent_since_the_last_one(database: Database) -> None:
    receive(database, NOON - 2 * HOUR)
    assert last_hour(database).last_receipt == NOON - 2 * HOUR
    assert not last_hour(database).lacks_receipts, 'nothing was sent since'
    add(database, sent(NOON - 10 * MINUTE))
    assert not last_hour(database).lacks_receipts, 'the receipt may still come'
    add(database, sent(NOON - 90 * MINUTE))
    assert last_hour(database).lacks_receipts
    assert not last_hour(database, NOON - 61 * MINUTE).lacks_receipts, 'not for an hour yet'
    assert last_hour(database, NOON + 8 * 24 * HOUR).last_receipt is None


def services_at(database: Database, now: list[datetime]) -> Services:
    """Build the services with a clock that shows the only item of `now`."""
    url = database.url.render_as_string(hide_password=False)
    settings = Settings(database_url=url, balance_alert=Decimal(100), alert_errors=4)
    return compose(settings, database, lambda: now[0])


async def check(services: Services) -> list[str]:
    """Read everything once, and return the texts of the alerts."""
    await services.live_updates.refresh()
    await services.overview.poll()
    await services.alerts.check()
    return [each.text for each in services.alerts.current]


async def test_every_alert_is_raised_announced_once_and_ended(database: Database) -> None:
    now = [NOON]
    services = services_at(database, now)
    assert await check(services) == []
    balance = LedgerBalanceSource(database)
    balance.set_balance(Decimal('99.99'))
    waiting = incoming_message(status=MessageStatus.WAITING, queued_at=NOON - 3 * HOUR)
    receive(database, NOON - 3 * HOUR)
    add(database, waiting, sent(NOON - 150 * MINUTE), *failed(NOON - MINUTE, 4), sent(NOON - WEEK - MINUTE))
    raised = ['Очередь стоит', 'Ошибок за час: 4, обычно 0', 'Нет отчётов о доставке с 22.11.2026 09:00']
    assert await check(services) == [*raised, 'Мало денег на балансе: 99,99\xa0руб.']
    received: list[tuple[Alert, ...]] = []
    services.alerts.subscribe(received.append)
    now[0] += MINUTE
    await check(services)
    assert not received, 'announced once'
    now[0] += 2 * HOUR
    balance.set_balance(Decimal(100))
    add(database, sent(now[0] - 2 * WEEK - MINUTE))
    add(database, IncomingMessage(**{**vars(waiting), 'status': MessageStatus.SENT, 'sent_at': now[0]}))
    receive(database, now[0])
    assert set(await check(services)) == set(texts.ALERT_ENDS.values())
    now[0] += SHOWN_AFTER_END
    assert await check(services) == []
    assert len(received) == 2


async def test_the_alerts_stay_while_the_database_does_not_answer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = services_at(database, [NOON])
    add(database, incoming_message(status=MessageStatus.WAITING, queued_at=NOON - 3 * HOUR))
    assert await check(services) == ['Очередь стоит']
    services.overview.set_available(False)
    monkeypatch.setattr('services.overview.alerts.READ_TIMEOUT_SECONDS', 0)
    await services.alerts.check()
    assert [each.text for each in services.alerts.current] == ['Очередь стоит']
