"""A message as plain text for a ticket: what support needs, and of the patient only initials and four digits."""

from decimal import Decimal
from uuid import UUID

from models import MessageChannel, MessageStatus
from services.ingest.anonymized_messages import anonymize_message
from services.ingest.status_history import StatusEvent
from services.messages.message_details import MessageDetails
from services.messages.ticket_text import ticket_text
from services.receipts.provider_codes import ProviderCodes
from services.settings import PROJECT_ROOT
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

CODES = ProviderCodes.load(PROJECT_ROOT / 'data' / 'provider_codes.csv')
CODE = UUID('550e8400-e29b-41d4-a716-446655440000')


def test_a_ticket_has_what_support_needs() -> None:
    message = incoming_message(
        id=CODE,
        recipient_name='Королёв-Ким  Иван Петрович оглы',
        phone='+79161234567',
        status=MessageStatus.FAILED,
        queued_at=NOON,
        attempted_at=NOON,
        sent_at=None,
        error_code='6',
        error_name='Абонент не в сети',
        cost=Decimal('6.20'),
        text='Иван Петрович, ждём Вас',
        parts=2,
        sender='MosOblMed',
        channel=MessageChannel.SMS,
    )
    event = StatusEvent(NOON, 'smsc', MessageStatus.FAILED, provider='smsc', provider_id='5001')
    text = ticket_text(MessageDetails(message, [event, event]), '', '{origin}/messages/1', MOSCOW, CODES)
    assert text.split('\n') == [
        f'Код: {CODE}',
        'Ссылка: {origin}/messages/1',
        'Получатель: К. И. П. (телефон …4567)',
        f'Наименование МО: {message.organization}',
        'Вид сообщения: Напоминание',
        'Дата и время создания: 22.11.2026 12:00',
        'Дата и время попытки отправки: 22.11.2026 12:00',
        'Статус отправки СМС: Ошибка отправки',
        'Ошибка: 6, Абонент не в сети',
        'Отправитель: MosOblMed',
        'Канал: СМС',
        'Номер у провайдера: SMSC 5001',
        'Стоимость: 6,20\N{NO-BREAK SPACE}руб., 2\N{NO-BREAK SPACE}части',
    ]


def test_an_anonymized_message_has_no_person() -> None:
    message = anonymize_message(incoming_message(id=CODE))
    text = ticket_text(MessageDetails(message, []), 'Доставлено', '', MOSCOW, CODES)
    assert 'Получатель' not in text
    assert 'Доставка: Доставлено' in text
