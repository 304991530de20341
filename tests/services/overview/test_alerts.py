"""Alerts: raised once, kept while they hold or nothing is known, and ended by themselves."""

from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs

import pytest
from sqlalchemy import select, update

from models import MessageStatus
from services import texts
from services.balance.ledger_balance import LedgerBalanceSource
from services.composition import Services, compose
from services.database.engine import Database
from services.database.tables import ORGANIZATION_TABLE
from services.ingest.message_ingest import Receipt, Sender, ingest_imported_messages, ingest_messages
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import WITHDRAWN, StatusEvent
from services.messages import query_params
from services.overview.alert_model import SHOWN_AFTER_END, Alert, AlertKey, AlertKind, Finding, Findings, next_alerts
from services.overview.error_jumps import COUNTS_BY_PART, JumpThresholds
from services.overview.last_hour import LastHour, read_last_hour
from services.overview.queue_health import range_params
from services.receipts.receipt_ingest import apply_receipts
from services.settings import Settings
from tests.helpers.factories import incoming_message
from tests.helpers.query_plans import query_plan
from tests.helpers.reference_messages import MOSCOW, NOON

HOUR, MINUTE, WEEK = timedelta(hours=1), timedelta(minutes=1), timedelta(weeks=1)
KHIMKI, DUBNA = 'ГБУЗ МО «Химкинская областная больница»', 'ГАУЗ МО «Дубненская городская больница»'
USUAL = JumpThresholds(errors=4, growth=3)


def holding(**found: str | None) -> Findings:
    """Return findings with the texts of the alerts that hold, by kind; None for one that is not known."""
    known = {kind for kind in AlertKind if found.get(kind.value, '') is not None}
    return Findings(
        known, {AlertKey(AlertKind(kind)): Finding(text, '/messages') for kind, text in found.items() if text}
    )


def of_organizations(*ids: int) -> Findings:
    """Return findings with a jump of errors in each of the organisations, the largest first."""
    keys = [AlertKey(AlertKind.ORGANIZATION_ERRORS, id) for id in ids]
    return Findings(
        set(AlertKind), {key: Finding(str(key.entry_id), '/messages', f'МО {key.entry_id}') for key in keys}
    )


def test_an_alert_is_raised_once_and_keeps_its_text_while_it_holds() -> None:
    alerts = next_alerts((), holding(errors='57'), NOON)
    assert alerts == (Alert(AlertKey(AlertKind.ERRORS), Finding('57', '/messages'), NOON),)
    assert next_alerts(alerts, holding(errors='58'), NOON + MINUTE) == alerts


def test_an_alert_stays_while_it_is_not_known_whether_it_holds() -> None:
    assert next_alerts((), holding(queue=None), NOON) == ()
    alerts = next_alerts((), holding(queue='stuck'), NOON)
    assert next_alerts(alerts, holding(queue=None), NOON + HOUR) == alerts


def test_the_end_is_shown_for_a_while_after_the_active_alerts() -> None:
    alerts = next_alerts((), holding(queue='stuck'), NOON)
    end = NOON + HOUR
    ended = next_alerts(alerts, holding(balance='low'), end)
    assert [(each.text, each.ended_at) for each in ended] == [('low', None), (texts.ALERT_ENDS['queue'], end)]
    assert len(next_alerts(ended, holding(balance='low'), end + SHOWN_AFTER_END - MINUTE)) == 2
    assert len(next_alerts(ended, holding(balance='low'), end + SHOWN_AFTER_END)) == 1
    again = next_alerts(ended, holding(queue='stuck again', balance='low'), end + MINUTE)
    assert [each.text for each in again] == ['stuck again', 'low'], 'an alert that holds again is not shown as ended'


def test_of_many_organisations_the_largest_jumps_are_raised_and_stay_while_they_hold() -> None:
    alerts = next_alerts((), of_organizations(7, 8, 9, 10), NOON)
    assert [each.text for each in alerts] == ['7', '8', '9']
    alerts = next_alerts(alerts, of_organizations(10, 9, 8, 7), NOON + MINUTE)
    assert [each.text for each in alerts] == ['7', '8', '9'], 'an alert that holds has not ended'
    alerts = next_alerts(alerts, of_organizations(10, 9, 7), NOON + 2 * MINUTE)
    assert [each.text for each in alerts] == ['7', '9', '10', 'Ошибок снова как обычно — МО 8']


def test_a_stored_key_is_read_again_and_an_unknown_one_is_not() -> None:
    for key in (AlertKey(AlertKind.QUEUE), AlertKey(AlertKind.ORGANIZATION_ERRORS, 17)):
        assert AlertKey.parse(str(key)) == key
    assert str(AlertKey(AlertKind.QUEUE)) == 'queue', 'as the previous version has stored it'
    assert AlertKey.parse('of_a_later_version/3') is None


def add(database: Database, *messages: IncomingMessage) -> None:
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))


def failed(at: datetime, count: int, **fields: str) -> list[IncomingMessage]:
    return [incoming_message(status=MessageStatus.FAILED, queued_at=at, **fields) for _ in range(count)]  # type: ignore[arg-type]


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
    return database.read_sync(lambda session: read_last_hour(session, now, HOUR, USUAL))


def test_the_errors_of_the_last_hour_are_compared_with_the_same_hour_of_the_weeks_before(database: Database) -> None:
    assert last_hour(database) == LastHour(0, None, None, False)
    add(database, *failed(NOON - HOUR, 5), *failed(NOON - HOUR - MINUTE, 9), *failed(NOON, 9))
    add(database, *failed(NOON - WEEK - MINUTE, 3), *failed(NOON - WEEK - 2 * HOUR, 9))
    add(database, sent(NOON - 2 * WEEK - MINUTE), sent(NOON - 3 * WEEK - 2 * HOUR))
    assert (last_hour(database).failed, last_hour(database).usual_failed) == (5, Decimal('1.5'))


def test_the_jumps_of_kinds_and_organisations_are_found_among_all_errors(database: Database) -> None:
    assert jumps(database) == []
    khimki, dubna = {'organization': KHIMKI}, {'organization': DUBNA}
    add(database, *failed(NOON - MINUTE, 5, kind='Прикрепление', **khimki), *failed(NOON - MINUTE, 3, **dubna))
    assert jumps(database) == [], 'there is nothing to compare with'
    add(database, *failed(NOON - WEEK - MINUTE, 7, **dubna), sent(NOON - 2 * WEEK - MINUTE))
    assert last_hour(database).usual_failed == Decimal('3.5'), 'all errors together are no jump'
    assert jumps(database) == [(KHIMKI, 5, 0), ('Прикрепление', 5, 0)]
    add(database, *failed(NOON - MINUTE, 1, **dubna))
    assert jumps(database) == [(KHIMKI, 5, 0), ('Прикрепление', 5, 0)], 'in the other it is about as usual'


def test_withdrawn_messages_raise_no_alert(database: Database) -> None:
    add(database, sent(NOON - WEEK - MINUTE), *failed(NOON - WEEK - MINUTE, 2, error_code=WITHDRAWN))
    add(database, *failed(NOON - MINUTE, 9, error_code=WITHDRAWN), *failed(NOON - 2 * MINUTE, 3))
    assert (last_hour(database).failed, last_hour(database).usual_failed) == (3, Decimal(0))
    assert jumps(database) == []
    add(database, *failed(NOON - MINUTE, 1))
    assert {count for _, count, _ in jumps(database)} == {4}


def test_the_spellings_of_an_organisation_are_one(database: Database) -> None:
    add(database, sent(NOON - WEEK - MINUTE), *failed(NOON - MINUTE, 2, organization=KHIMKI))
    add(database, *failed(NOON - MINUTE, 2, organization='Химкинская ОБ', kind='Прикрепление'))
    assert jumps(database) == []
    table = ORGANIZATION_TABLE
    known = select(table.c.id).where(table.c.name == KHIMKI).scalar_subquery()
    merged = update(table).where(table.c.name == 'Химкинская ОБ').values(merged_into=known)
    database.write_sync(lambda session: session.execute(merged) and None)
    assert jumps(database) == [(KHIMKI, 4, 0)]


def test_the_errors_of_an_hour_are_counted_by_part_without_reading_other_messages(database: Database) -> None:
    add(database, *failed(NOON - MINUTE, 9), *[sent(NOON - MINUTE) for _ in range(50)])
    plan = query_plan(database, COUNTS_BY_PART, range_params(NOON - HOUR, NOON), 'SET enable_seqscan = off')
    assert 'message_error' in plan, 'the withdrawn messages are looked up in the index of errors'
    # PostgreSQL may use another index of failed messages, as long as there are few.
    assert (
        'COVERING INDEX message_unsent' in plan if database.dialect == 'sqlite' else 'Seq Scan on message' not in plan
    )


def jumps(database: Database) -> list[tuple[str, int, float]]:
    """Return the name, the errors of the last hour and the usual ones of each kind and organisation that jumps."""
    return [(each.part.name, each.count, float(each.usual)) for each in last_hour(database).error_jumps]


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
    raised = [
        'Очередь стоит',
        'Ошибок за час: 4, обычно 0',
        'Ошибок за час: 4, обычно 0 — Напоминание',
        'Ошибок за час: 4, обычно 0 — Химкинская областная больница, ГБУЗ МО',
        'Нет отчётов о доставке с 22.11.2026 09:00',
        'Мало денег на балансе: 99,99\xa0руб.',
    ]
    assert await check(services) == raised
    links = {each.key.kind: each.url for each in services.alerts.current}
    day = '/messages?from=2026-11-22&to=2026-11-22'
    assert links[AlertKind.ERRORS] == f'{day}&delivery=failed'
    assert links[AlertKind.KIND_ERRORS] == f'{day}&kind=reminder&delivery=failed'
    assert links[AlertKind.ORGANIZATION_ERRORS] == f'{day}&org=1&delivery=failed'
    notes = {each.key.kind: each.finding.list_note for each in services.alerts.current}
    about_errors = (AlertKind.ERRORS, AlertKind.KIND_ERRORS, AlertKind.ORGANIZATION_ERRORS)
    assert {kind: note for kind, note in notes.items() if note} == dict.fromkeys(
        about_errors, 'В списке все ошибки за 22.11.2026'
    ), 'the list has more than was counted'
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
    names = {'kind_errors': 'Напоминание', 'organization_errors': 'Химкинская областная больница, ГБУЗ МО'}
    ends = {text.format(name=names.get(kind)) for kind, text in texts.ALERT_ENDS.items()}
    assert set(await check(services)) == ends
    now[0] += SHOWN_AFTER_END
    assert await check(services) == []
    assert len(received) == 2


async def test_the_link_of_an_alert_lists_the_messages_that_were_counted(database: Database) -> None:
    midnight = NOON + 12 * HOUR
    assert (midnight + 20 * MINUTE).astimezone(MOSCOW).hour == 0
    now = [midnight + 20 * MINUTE]
    services = services_at(database, now)
    add(database, sent(now[0] - WEEK - MINUTE))
    counted = [*failed(midnight - MINUTE, 3, organization=KHIMKI), *failed(midnight + MINUTE, 2, organization=KHIMKI)]
    add(database, *counted, *failed(midnight, 7, organization=KHIMKI, error_code=WITHDRAWN))
    add(database, *failed(midnight, 1, organization=DUBNA), sent(midnight))
    await services.dictionaries.poll()
    await check(services)
    found = {}
    for alert in services.alerts.current:
        params = parse_qs(alert.url.partition('?')[2])
        link = query_params.from_params(params, services.dictionaries.snapshot)
        assert link.is_complete
        page = await services.messages.page(link.query, number=1, size=20)
        assert (await services.messages.totals(link.query)).count == len(page.rows)
        found[alert.key.kind] = {row.code for row in page.rows}
        assert f'{len(page.rows)}, обычно 0' in alert.text
        assert alert.finding.list_note == 'В списке все ошибки с\xa022.11.2026 по\xa023.11.2026'
    assert found[AlertKind.ORGANIZATION_ERRORS] == {message.id for message in counted}
    assert len(found[AlertKind.ERRORS]) == len(counted) + 1


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
