"""The details of a message: its history tells which impossible time a provider reported, and what to do."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any
from uuid import UUID

from journal_ui.pages.message_columns import cost_text
from journal_ui.pages.messages import message_list_definition
from models import CostSource, MessageChannel, MessageStatus
from services import texts
from services.composition import compose
from services.database.engine import Database
from services.ingest.message_ingest import Receipt, Sender, ingest_messages
from services.ingest.status_history import StatusEvent
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.receipts.receipt_ingest import apply_receipts
from services.settings import Settings
from tests.helpers.call_lists import add_messages
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON


async def detail_texts(
    database: Database, *receipts: StatusEvent, parts: Sequence[int | None] = (), **changes: Any
) -> dict[str, list[str]]:
    """Return the displayed details of a message with receipts of SMS.ru, by title; the history as lines.

    `parts` are the numbers of the SMS parts of the receipts, `changes` those of the message.
    """
    message = incoming_message(**{'status': MessageStatus.WAITING, 'queued_at': NOON, 'text': 'Ждём Вас', **changes})
    database.write_sync(lambda session: ingest_messages(session, [(message, Sender('mailer'))], zone=MOSCOW, now=NOON))
    incoming = [
        Receipt('smsru', f'{message.id}-{part}' if part else str(message.id), receipt)
        for receipt, part in zip_longest(receipts, parts)
    ]
    database.write_sync(lambda session: apply_receipts(session, incoming, zone=MOSCOW, now=NOON))
    url = database.url.render_as_string(hide_password=False)
    definition = message_list_definition(compose(Settings(database_url=url), database))
    page = await definition.source.page(MessageQuery(), number=1, size=5)
    fields = await definition.load_details(page.rows[0])
    assert fields is not None
    return {field.title: [f'{entry.time} {entry.text}' for entry in field.timeline] or [field.text] for field in fields}


def smsru(code: str, status: MessageStatus, minutes: int, **more: datetime | str | int | Decimal) -> StatusEvent:
    at = NOON + timedelta(minutes=minutes)
    final = code != '102'
    return StatusEvent(at, 'smsru', status, final, 'smsru', code, **more)  # type: ignore[arg-type]


async def test_the_history_tells_which_impossible_time_a_provider_reported(database: Database) -> None:
    year_2099 = datetime(2099, 1, 1, 7, tzinfo=UTC)
    details = await detail_texts(database, smsru('102', MessageStatus.SENT, 1, claimed_at=year_2099))
    assert details[texts.HISTORY] == [
        '22.11.2026 12:00 Поставлено в очередь · mailer',
        '22.11.2026 12:01 Сообщение отправлено (в пути) (провайдер указал невозможное время 01.01.2099 10:00) · SMS.ru',
    ]


async def test_the_advice_is_about_the_failure_and_not_about_a_late_receipt(database: Database) -> None:
    failed = smsru('104', MessageStatus.FAILED, 1, error_code='104', error_name='Истекло время жизни')
    details = await detail_texts(database, failed, smsru('102', MessageStatus.SENT, 120))
    assert details[texts.ERROR_CODE] == ['104']
    assert details[texts.ADVICE][0].startswith('Телефон был выключен или вне сети')
    titles = list(details)
    assert titles[titles.index(texts.ERROR_NAME) + 1] == texts.ADVICE, 'what to do is right below the error'


async def test_the_history_tells_the_parts_of_a_message_that_was_partly_delivered(database: Database) -> None:
    failed = smsru('105', MessageStatus.FAILED, 1, error_code='105', error_name='Удалено оператором')
    details = await detail_texts(
        database, failed, smsru('103', MessageStatus.SENT, 2), smsru('102', MessageStatus.SENT, 9), text='я' * 90
    )
    assert details[texts.ERROR_CODE] == ['105']
    assert details[texts.ERROR_NAME] == ['Доставлено частично: 1 из 2']
    assert details[texts.ADVICE] == [texts.PARTLY_DELIVERED_ADVICE]
    assert [line.removesuffix(' · SMS.ru') for line in details[texts.HISTORY][1:]] == [
        '22.11.2026 12:01 Не может быть доставлено: удалено оператором: Удалено оператором (одна часть из 2)',
        '22.11.2026 12:02 Сообщение доставлено (одна часть из 2)',
        '22.11.2026 12:09 Сообщение отправлено (в пути)',
    ]


async def test_the_history_tells_the_numbers_of_the_parts(database: Database) -> None:
    receipts = smsru('103', MessageStatus.SENT, 1), smsru('103', MessageStatus.SENT, 2)
    details = await detail_texts(database, *receipts, text='я' * 90, parts=(1, 2))
    assert details[texts.ERROR_NAME] == [texts.NO_ERROR]
    assert [line.removesuffix(' · SMS.ru') for line in details[texts.HISTORY][1:]] == [
        '22.11.2026 12:01 Сообщение доставлено (часть 1 из 2)',
        '22.11.2026 12:02 Сообщение доставлено (часть 2 из 2)',
    ]


async def test_the_history_tells_the_cost_and_the_parts_of_a_receipt(database: Database) -> None:
    details = await detail_texts(database, smsru('103', MessageStatus.SENT, 1, cost=Decimal('3.10'), parts=2))
    assert details[texts.HISTORY][-1].replace('\N{NO-BREAK SPACE}', ' ') == (
        '22.11.2026 12:01 Сообщение доставлено (2 части, 3,10 руб.) · SMS.ru'
    )
    assert details[texts.VOLUME][0].startswith('2')


async def test_an_opened_row_has_the_sender_and_the_channel_only_if_they_are_known(database: Database) -> None:
    details = await detail_texts(database, sender='Здоровье МО', channel=MessageChannel.MAX)
    assert (details[texts.SENDER], details[texts.CHANNEL]) == (['Здоровье МО'], ['MAX'])
    assert texts.VOLUME not in details, 'a message of a messenger has no SMS parts'


async def test_an_opened_row_guesses_no_channel(database: Database) -> None:
    details = await detail_texts(database)
    assert not {texts.SENDER, texts.CHANNEL} & set(details)
    assert texts.VOLUME in details


async def test_an_opened_row_says_that_a_cost_is_not_known_yet(database: Database) -> None:
    details = await detail_texts(database, cost=Decimal(0), cost_source=CostSource.UNKNOWN)
    assert details[texts.COST] == [texts.COST_UNKNOWN]


async def test_an_opened_row_takes_no_free_message_for_one_of_unknown_cost(database: Database) -> None:
    free = smsru('103', MessageStatus.SENT, 1, cost=Decimal(0))
    assert texts.COST not in await detail_texts(database, free, cost=Decimal(0), cost_source=CostSource.UNKNOWN)


async def test_the_list_shows_no_number_for_a_cost_that_is_not_known(database: Database) -> None:
    messages = (
        incoming_message(id=UUID(int=1), cost=Decimal(0)),
        incoming_message(id=UUID(int=2), cost=Decimal(0), cost_source=CostSource.UNKNOWN),
    )
    add_messages(database, *messages)
    rows = await MessageService(database, MOSCOW).rows_by_id([each.id for each in messages])
    assert {key[-1]: cost_text(row) for key, row in rows.items()} == {'1': '0,00', '2': '—'}


async def test_a_sender_may_say_that_a_message_is_free(database: Database) -> None:
    assert texts.COST not in await detail_texts(database, cost=Decimal(0))
