"""What is known about the delivery of a message: from receipts alone, in words, and by how long ago it was sent."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from models import DeliveryState, MessageStatus
from services.database.engine import Database
from services.ingest.message_ingest import (
    Sender,
    StatusUpdate,
    apply_status_updates,
    ingest_imported_messages,
    ingest_messages,
)
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from services.messages.delivery import DeliveryCondition, DeliveryTimeouts
from services.messages.message_query import MessageQuery, MessageRow
from services.messages.message_service import MessageService
from services.providers.registry import PROVIDERS
from services.receipts.delivery_report import DeliveryReport
from services.receipts.provider_codes import ProviderCodes
from services.receipts.receipt_ingest import apply_receipts
from services.receipts.receipt_mapping import to_receipt
from services.settings import PROJECT_ROOT
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

CODES = ProviderCodes.load(PROJECT_ROOT / 'data' / 'provider_codes.csv')
MAILER_SENDER = Sender('mailer')
WAITING, SENT, FAILED = MessageStatus.WAITING, MessageStatus.SENT, MessageStatus.FAILED
HOUR = timedelta(hours=1)
NO_BREAK = '\N{NO-BREAK SPACE}'


class JournalAtNoon:
    """A journal of some messages, which are read at noon."""

    def __init__(self, database: Database, timeouts: DeliveryTimeouts) -> None:
        self._write = database.write_sync
        self.messages = MessageService(database, MOSCOW, lambda: NOON, timeouts=timeouts)

    def submit(self, **fields: object) -> UUID:
        """Submit a message by the API; by default it was queued five hours ago and waits."""
        message = _message(**fields)
        self._write(partial(ingest_messages, messages=[(message, MAILER_SENDER)], zone=MOSCOW, now=NOON))
        return message.id

    def import_again(self, message: IncomingMessage) -> None:
        """Import a message from a file."""
        self._write(partial(ingest_imported_messages, messages=[message], zone=MOSCOW, now=NOON))

    def receive(self, id: UUID, code: str, *, at: datetime, provider: str = 'smsru') -> None:
        """Receive a receipt of a provider."""
        receipt = to_receipt(PROVIDERS[provider], DeliveryReport(str(id), code, at=at), CODES, NOON, zone=MOSCOW)
        self._write(partial(apply_receipts, receipts=[receipt], zone=MOSCOW, now=NOON))

    def report(self, id: UUID, status: MessageStatus, *, at: datetime) -> None:
        """Report a status as the mailing system does."""
        update = StatusUpdate(id, StatusEvent(at, 'mailer', status, status == FAILED), MAILER_SENDER)
        self._write(partial(apply_status_updates, updates=[update], zone=MOSCOW, now=NOON))

    async def row(self) -> MessageRow:
        """Return the only row of the journal."""
        (row,) = (await self.messages.page(MessageQuery(), number=1, size=20)).rows
        return row

    async def note(self) -> str:
        """Return the note next to the status of the only row."""
        return self.messages.status_note(await self.row()).replace(NO_BREAK, ' ')

    async def conditions(self) -> set[DeliveryCondition]:
        """Return the conditions that find the only message; totals agree with the page."""
        found = set()
        for condition in DeliveryCondition:
            query = MessageQuery(delivery=condition)
            count = len((await self.messages.page(query, number=1, size=20)).rows)
            assert (await self.messages.totals(query)).count == count
            found |= {condition} if count else set()
        return found


def _message(**fields: object) -> IncomingMessage:
    values: dict[str, object] = {
        'status': WAITING,
        'queued_at': NOON - 5 * HOUR,
        'appointment_at': NOON + 48 * HOUR,
        **fields,
    }
    return incoming_message(**values)  # type: ignore[arg-type]


@pytest.fixture
def journal(database: Database) -> JournalAtNoon:
    """An empty journal on each engine, with the default timeouts."""
    return JournalAtNoon(database, DeliveryTimeouts())


@pytest.mark.parametrize(
    ('provider', 'handed_over', 'delivered'),
    [('smsc', '0', '1'), ('smsc', '0', '2'), ('smsru', '102', '103'), ('smsaero', '3', '1'), ('kannel', '8', '1')],
)
async def test_a_final_receipt_means_delivered_and_an_interim_one_handed_over(
    journal: JournalAtNoon, provider: str, handed_over: str, delivered: str
) -> None:
    id = journal.submit()
    journal.receive(id, handed_over, at=NOON - 4 * HOUR, provider=provider)
    row = await journal.row()
    assert (row.status, row.delivery) == (SENT, DeliveryState.HANDED_OVER)
    assert await journal.note() == 'Ответа нет 4 ч'
    assert await journal.conditions() == {DeliveryCondition.AWAITING}
    journal.receive(id, delivered, at=NOON - 3 * HOUR, provider=provider)
    row = await journal.row()
    assert (row.status, row.delivery, row.sent_at) == (SENT, DeliveryState.DELIVERED, NOON - 4 * HOUR)
    assert await journal.note() == 'Доставлено'
    assert await journal.conditions() == {DeliveryCondition.DELIVERED}


async def test_nothing_is_claimed_about_what_only_the_sender_reports(journal: JournalAtNoon) -> None:
    id = journal.submit()
    journal.report(id, SENT, at=NOON - 4 * HOUR)
    row = await journal.row()
    assert (row.status, row.delivery, await journal.note()) == (SENT, None, '')
    assert await journal.conditions() == set()


async def test_nothing_is_claimed_about_an_imported_message(journal: JournalAtNoon) -> None:
    journal.import_again(_message(status=SENT, sent_at=NOON - 100 * HOUR, queued_at=NOON - 101 * HOUR))
    assert (await journal.row()).delivery is None
    assert await journal.conditions() == set()


async def test_a_failure_and_a_new_attempt_forget_the_delivery_before(journal: JournalAtNoon) -> None:
    id = journal.submit()
    journal.receive(id, '102', at=NOON - 4 * HOUR)
    journal.receive(id, '104', at=NOON - 3 * HOUR)
    assert ((await journal.row()).status, (await journal.row()).delivery) == (FAILED, None)
    journal.report(id, WAITING, at=NOON - 2 * HOUR)
    journal.report(id, SENT, at=NOON - HOUR)
    assert ((await journal.row()).status, (await journal.row()).delivery) == (SENT, None)


async def test_a_file_that_repeats_a_message_does_not_change_its_delivery(journal: JournalAtNoon) -> None:
    id = journal.submit()
    journal.receive(id, '103', at=NOON - 4 * HOUR)
    for text in (_message().text, 'Уточнённый текст'):
        journal.import_again(_message(id=id, status=SENT, sent_at=NOON - 4 * HOUR, text=text))
        assert (await journal.row()).delivery == DeliveryState.DELIVERED


@pytest.mark.parametrize(
    ('age', 'note', 'condition'),
    [
        (timedelta(minutes=5), 'Ответа нет 5 мин', DeliveryCondition.AWAITING),
        (30 * HOUR, 'Ответа нет 30 ч', DeliveryCondition.AWAITING),
        (72 * HOUR, 'Ответа нет 3 дн.', DeliveryCondition.AWAITING),
        (72 * HOUR + timedelta(seconds=1), 'Ответа не будет', DeliveryCondition.UNANSWERED),
    ],
)
async def test_no_answer_is_expected_after_72_hours(
    journal: JournalAtNoon, age: timedelta, note: str, condition: DeliveryCondition
) -> None:
    id = journal.submit(queued_at=NOON - 90 * HOUR)
    journal.receive(id, '102', at=NOON - age)
    assert (await journal.note(), await journal.conditions()) == (note, {condition})


async def test_a_late_answer_counts(journal: JournalAtNoon) -> None:
    id = journal.submit(queued_at=NOON - 500 * HOUR)
    journal.receive(id, '102', at=NOON - 400 * HOUR)
    details = await journal.messages.details(id)
    assert details
    sentence = journal.messages.describe_delivery(details.message).replace(NO_BREAK, ' ')
    assert sentence == 'Ответа не будет: передано оператору 16 дн. назад'
    journal.receive(id, '103', at=NOON - HOUR)
    assert (await journal.note(), await journal.conditions()) == ('Доставлено', {DeliveryCondition.DELIVERED})


@pytest.mark.parametrize(
    ('queued', 'appointment', 'note', 'sentence'),
    [
        (30 * HOUR, HOUR, 'Ждёт 30 ч', 'Не отправлено, ждёт 30 ч'),
        (24 * HOUR, None, 'Ждёт 24 ч', 'Не отправлено, ждёт 24 ч'),
        (2 * HOUR, timedelta(0), 'Ждёт 2 ч, запись прошла', 'Запись прошла, а сообщение не отправлено'),
        (30 * HOUR, -HOUR, 'Ждёт 30 ч, запись прошла', 'Запись прошла, а сообщение не отправлено'),
        (100 * HOUR, None, 'Ждёт 4 дн.', 'Не отправлено, ждёт 4 дн.'),
        (23 * HOUR, timedelta(seconds=1), 'Ждёт 23 ч', ''),
    ],
)
async def test_a_message_that_waits_too_long_is_marked(
    journal: JournalAtNoon, queued: timedelta, appointment: timedelta | None, note: str, sentence: str
) -> None:
    id = journal.submit(queued_at=NOON - queued, appointment_at=None if appointment is None else NOON + appointment)
    assert await journal.note() == note
    details = await journal.messages.details(id)
    assert details
    assert journal.messages.describe_delivery(details.message).replace(NO_BREAK, ' ') == sentence
    assert await journal.conditions() == ({DeliveryCondition.OVERDUE} if sentence else set())


async def test_a_message_that_is_not_waiting_is_not_overdue(journal: JournalAtNoon) -> None:
    journal.import_again(_message(status=FAILED, queued_at=NOON - 90 * HOUR, appointment_at=NOON - HOUR))
    assert (await journal.note(), await journal.conditions()) == ('', {DeliveryCondition.FAILED})


async def test_the_timeouts_are_settings(database: Database) -> None:
    journal = JournalAtNoon(database, DeliveryTimeouts(answer=HOUR, waiting=3 * HOUR))
    id = journal.submit()
    assert (await journal.note(), await journal.conditions()) == ('Ждёт 5 ч', {DeliveryCondition.OVERDUE})
    journal.receive(id, '102', at=NOON - 2 * HOUR)
    assert (await journal.note(), await journal.conditions()) == ('Ответа не будет', {DeliveryCondition.UNANSWERED})


@pytest.mark.parametrize(
    ('error', 'note'),
    [
        ({'error_code': '104', 'error_name': 'Истекло время жизни'}, 'Истекло время жизни'),
        ({'error_code': '104'}, 'Код 104'),
        ({'error_name': 'Отказ'}, 'Отказ'),
        ({}, ''),
    ],
)
async def test_a_failed_message_has_its_error_below_the_status(
    journal: JournalAtNoon, error: dict[str, str], note: str
) -> None:
    journal.import_again(_message(status=FAILED, **error))
    assert await journal.note() == note
    row = await journal.row()
    assert journal.messages.waiting_time(row) == ''


async def test_a_waiting_message_has_no_error_below_the_status(journal: JournalAtNoon) -> None:
    journal.import_again(_message(error_code='104', error_name='Истекло время жизни'))
    assert await journal.note() == 'Ждёт 5 ч'
    assert journal.messages.waiting_time(await journal.row()).replace(NO_BREAK, ' ') == '5 ч'
