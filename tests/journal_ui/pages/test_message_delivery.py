"""The list and the details of a message: its delivery, and the messages that repeat it or that it repeats."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from journal_ui.list_page.list_definition import ListDefinition
from journal_ui.pages.messages import message_list_definition
from models import MessageStatus
from services import texts
from services.composition import compose
from services.database.engine import Database
from services.ingest.message_ingest import Receipt, Sender, ingest_messages
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from services.messages.message_query import MessageQuery, MessageRow
from services.receipts.receipt_ingest import apply_receipts
from services.settings import Settings
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

HOUR = timedelta(hours=1)
SENT, FAILED, WAITING = MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.WAITING


class MessagesPage:
    """The page «Журнал отправленных сообщений» at noon."""

    def __init__(self, database: Database) -> None:
        self._write = database.write_sync
        url = database.url.render_as_string(hide_password=False)
        services = compose(Settings(database_url=url), database, now=lambda: NOON)
        self._definition: ListDefinition[MessageQuery, MessageRow] = message_list_definition(services)

    def add(self, *messages: IncomingMessage) -> None:
        """Submit messages by the API."""
        sent = [(message, Sender('mailer')) for message in messages]
        self._write(partial(ingest_messages, messages=sent, zone=MOSCOW, now=NOON))

    def receive(self, message: IncomingMessage, at: datetime, *, final: bool) -> None:
        """Receive a receipt that the message was handed over or delivered."""
        event = StatusEvent(at, 'smsru', SENT, final, 'smsru', '103' if final else '102')
        self._write(partial(apply_receipts, receipts=[Receipt('smsru', str(message.id), event)], zone=MOSCOW, now=NOON))

    async def status_cells(self) -> list[tuple[str, str]]:
        """Return the status and its note in each row of the list."""
        (column,) = (column for column in self._definition.columns if column.field == 'status')
        assert column.get_note
        return [(column.get_text(row), _plain(column.get_note(row))) for row in await self._rows()]

    async def details(self, message: IncomingMessage) -> dict[str, str]:
        """Return the details of a message, by title."""
        (row,) = (row for row in await self._rows() if row.code == message.id)
        fields = await self._definition.load_details(row)
        assert fields is not None
        return {field.title: _plain(field.text) for field in fields}

    async def _rows(self) -> list[MessageRow]:
        return list((await self._definition.source.page(MessageQuery(), number=1, size=20)).rows)


def _plain(text: str) -> str:
    return text.replace('\N{NO-BREAK SPACE}', ' ')


@pytest.fixture
def page(database: Database) -> MessagesPage:
    """The page over an empty journal, on each engine."""
    return MessagesPage(database)


def waiting(hours: int, **fields: object) -> IncomingMessage:
    """Build a message that has waited for some hours at noon; its appointment is two days ahead."""
    values: dict[str, object] = {
        'status': WAITING,
        'queued_at': NOON - hours * HOUR,
        'appointment_at': NOON + 48 * HOUR,
        **fields,
    }
    return incoming_message(**values)  # type: ignore[arg-type]


async def test_the_list_and_the_details_tell_the_delivery(page: MessagesPage) -> None:
    delivered, handed_over, unanswered = waiting(3), waiting(6), waiting(100)
    page.add(delivered, handed_over, unanswered)
    page.receive(delivered, NOON - 2 * HOUR, final=True)
    page.receive(handed_over, NOON - 5 * HOUR, final=False)
    page.receive(unanswered, NOON - 98 * HOUR, final=False)
    assert await page.status_cells() == [
        ('Отправлено', 'Доставлено'),
        ('Отправлено', 'Ответа нет 5 ч'),
        ('Отправлено', 'Ответа не будет'),
    ]
    assert [(await page.details(message))[texts.DELIVERY] for message in (delivered, handed_over, unanswered)] == [
        'Доставлено',
        'Передано оператору, ответа нет 5 ч',
        'Ответа не будет: передано оператору 4 дн. назад',
    ]


async def test_the_list_and_the_details_tell_that_a_message_waits_too_long(page: MessagesPage) -> None:
    new, old, late = waiting(1), waiting(30), waiting(31, appointment_at=NOON - HOUR)
    page.add(new, old, late)
    assert await page.status_cells() == [
        ('Ожидает отправки', 'Ждёт 1 ч'),
        ('Ожидает отправки', 'Ждёт 30 ч'),
        ('Ожидает отправки', 'Ждёт 31 ч, запись прошла'),
    ]
    assert texts.DELIVERY not in await page.details(new)
    assert (await page.details(old))[texts.DELIVERY] == 'Не отправлено, ждёт 30 ч'
    assert (await page.details(late))[texts.DELIVERY] == 'Запись прошла, а сообщение не отправлено'


async def test_nothing_is_claimed_about_the_delivery_of_what_a_sender_reports_as_sent(page: MessagesPage) -> None:
    message = incoming_message(sent_at=NOON - HOUR, queued_at=NOON - 2 * HOUR)
    page.add(message)
    assert await page.status_cells() == [('Отправлено', '')]
    assert not {texts.DELIVERY, texts.RESENT_AS, texts.RESEND_OF} & set(await page.details(message))


async def test_a_failed_message_and_its_repeat_name_each_other(page: MessagesPage) -> None:
    failed = waiting(5, status=FAILED)
    repeat, second_repeat = waiting(3, status=FAILED), waiting(1)
    page.add(failed, repeat, second_repeat)
    page.receive(second_repeat, NOON, final=True)
    details = await page.details(failed)
    assert details[texts.RESENT_AS] == f'{repeat.id}: ошибка отправки\n{second_repeat.id}: отправлено'
    assert texts.RESEND_OF not in details
    details = await page.details(second_repeat)
    assert details[texts.RESEND_OF] == f'{failed.id}: ошибка отправки\n{repeat.id}: ошибка отправки'
    assert texts.RESENT_AS not in details
