"""Reasons of failures: each code has a name and advice, unknown ones name whom to ask."""

from urllib.parse import urlencode
from uuid import UUID

import httpx
import pytest_asyncio

from models import Role
from services.accounts.identity import Identity
from services.composition import Services
from services.receipts.operator_codes import OperatorCode
from services.receipts.provider_codes import ProviderCodes
from services.settings import PROJECT_ROOT
from tests.helpers.api_requests import message_json

CODES = ProviderCodes.load(PROJECT_ROOT / 'data' / 'provider_codes.csv')
SENT_AT = 1795334460
RECEIPT = 'id:1 sub:001 dlvrd:000 submit date:2611221000 done date:2611221001 stat:{stat} err:{err} text:'


class Journal:
    """A journal, its latest message, and the receipts for that."""

    def __init__(self, client: httpx.AsyncClient, services: Services) -> None:
        self._client = client
        self._services = services
        self._id = ''

    async def add_message(self) -> None:
        """Submit a pending message, to which all that follows applies."""
        message = message_json()
        self._id = message['id']
        await self._client.post('/messages', json=message)

    async def receive_kannel(self, status: int, reply: str, smsc: str = '') -> None:
        """Receive a receipt of Kannel."""
        fields = {'key': 'k-kannel-0123456789', 'id': self._id, 'status': status, 'reply': reply, 'ts': SENT_AT}
        query = urlencode(fields | ({'smsc': smsc} if smsc else {}))
        assert (await self._client.get(f'/receipts/kannel?{query}')).status_code == 200

    async def receive_smsc(self, **fields: str) -> None:
        """Receive a receipt of SMSC.ru."""
        form = {'id': self._id, 'ts': str(SENT_AT), **fields}
        assert (await self._client.post('/receipts/smsc?key=k-smsc-0123456789', data=form)).status_code == 200

    async def receive_smsru(self, code: str) -> None:
        """Receive a receipt of SMS.ru."""
        form = {'data[0]': f'sms_status\n{self._id}\n{code}\n{SENT_AT}'}
        assert (await self._client.post('/receipts/smsru?key=k-smsru-0123456789', data=form)).status_code == 200

    async def error(self) -> tuple[str, str]:
        """Return the code and the name of the message's error."""
        details = (await self._client.get(f'/messages/{self._id}')).json()
        assert details['status'] == 'failed'
        return details['error_code'], details['error_name']

    async def advice(self) -> str:
        """Return the advice that an opened row shows."""
        details = await self._services.messages.details(UUID(self._id))
        assert details
        codes = self._services.provider_codes.with_operator_codes(await self._services.operator_codes.list_all())
        return codes.advice(details.message.error_name, details.decisive_event) or ''


@pytest_asyncio.fixture
async def journal(client: httpx.AsyncClient, services: Services) -> Journal:
    """A journal with a pending message."""
    journal = Journal(client, services)
    await journal.add_message()
    return journal


@pytest_asyncio.fixture
async def admin(services: Services) -> Identity:
    """An administrator."""
    identity, _ = await services.users.add(None, 'chief', Role.ADMIN)
    return identity


async def test_a_rejection_by_the_operator_tells_its_reason(journal: Journal) -> None:
    for reply, code, name, advice in (
        ('NACK/0x0000000b/Invalid Destination Address', '0x0000000b', 'Неверный номер получателя', 'уточните телефон'),
        ('NACK/0x00000058/Throttling error', '0x00000058', 'Превышена скорость отправки', 'позже'),
        ('NACK/0X0000000B', '0X0000000B', 'Неверный номер получателя', 'уточните телефон'),
        ('NACK/no SMSC', 'no SMSC', 'Нет соединения с оператором', 'сообщите администратору'),
        ('NACK/', '16', 'Отклонено оператором', 'позвоните пациенту'),
    ):
        await journal.add_message()
        await journal.receive_kannel(16, reply)
        assert await journal.error() == (code, name)
        assert advice in await journal.advice()


async def test_an_unknown_command_status_is_shown_as_it_came_with_whom_to_ask(journal: Journal) -> None:
    await journal.receive_kannel(16, 'NACK/0x00000455/Vendor-specific error, please refer to your SMPP provider')
    assert await journal.error() == ('0x00000455', 'Отклонено оператором')
    assert 'Код 0x00000455 журналу неизвестен: что он значит, спросите в поддержке Kannel.' in await journal.advice()


async def test_the_state_of_a_delivery_receipt_is_the_reason(journal: Journal) -> None:
    for stat, name, advice in (
        ('EXPIRED', 'Просрочено: телефон был недоступен', 'слишком долго'),
        ('REJECTD', 'Отклонено центром СМС', 'отклонил'),
        ('UNDELIV', 'Доставить невозможно', 'не смог доставить'),
        ('DELETED', 'Удалено оператором', 'снял'),
        ('UNKNOWN', 'Состояние неизвестно оператору', 'не знает'),
    ):
        await journal.add_message()
        await journal.receive_kannel(2, RECEIPT.format(stat=stat, err='000'))
        assert await journal.error() == (stat, name)
        assert advice in await journal.advice()


async def test_an_operators_error_is_explained_by_the_administrators_table(
    journal: Journal, services: Services, admin: Identity
) -> None:
    await services.operator_codes.add(admin, OperatorCode('', '00b', 'Абонент недоступен', 'Позвоните позже.'))
    await services.operator_codes.add(admin, OperatorCode('mts', '00B', 'Нет такого абонента', 'Уточните телефон.'))
    await journal.receive_kannel(2, RECEIPT.format(stat='UNDELIV', err='00b'), smsc='MTS')
    assert await journal.error() == ('00b', 'Нет такого абонента')
    assert await journal.advice() == 'Уточните телефон.'


async def test_an_operator_without_codes_of_its_own_has_those_of_any(
    journal: Journal, services: Services, admin: Identity
) -> None:
    await services.operator_codes.add(admin, OperatorCode('', '00b', 'Абонент недоступен', 'Позвоните позже.'))
    await services.operator_codes.add(admin, OperatorCode('mts', '00b', 'Нет такого абонента', 'Уточните телефон.'))
    await journal.receive_kannel(2, RECEIPT.format(stat='UNDELIV', err='00b'), smsc='megafon')
    assert await journal.error() == ('00b', 'Абонент недоступен')
    assert await journal.advice() == 'Позвоните позже.'


async def test_a_code_that_is_described_later_explains_earlier_messages(
    journal: Journal, services: Services, admin: Identity
) -> None:
    code = '1044-long-code-of-an-operator'
    await journal.receive_kannel(2, RECEIPT.format(stat='UNDELIV', err=code))
    assert await journal.error() == (code, 'Доставить невозможно')
    assert f'Код {code} журналу неизвестен' in await journal.advice()
    await services.operator_codes.add(admin, OperatorCode('', code, 'Абонент не найден', 'Уточните телефон.'))
    assert await journal.advice() == 'Абонент не найден. Уточните телефон.'


async def test_a_later_report_without_a_failure_does_not_hide_the_advice(journal: Journal) -> None:
    await journal.receive_smsc(status='20', err='13')
    await journal.receive_smsc(status='777', ts=str(SENT_AT + 5))
    assert 'уточните другой телефон' in await journal.advice()


async def test_the_errors_of_smsc(journal: Journal) -> None:
    for err, name, advice in (
        ('13', 'Абонент заблокирован', 'другой телефон'),
        ('220', 'Переполнена очередь у оператора', 'недоступен'),
        ('238', 'Нет шаблона', 'шаблон'),
        ('241', 'Ошибка конвертации или переданы не все части SMS-сообщения', 'не целиком'),
        ('244', 'Рассылка запрещена', 'запретил'),
    ):
        await journal.add_message()
        await journal.receive_smsc(status='20', err=err)
        assert await journal.error() == (err, name)
        assert advice in await journal.advice()


async def test_an_unknown_error_of_smsc_is_shown_as_it_came_with_whom_to_ask(journal: Journal) -> None:
    await journal.receive_smsc(status='20', err='099')
    assert await journal.error() == ('099', 'Невозможно доставить')
    advice = await journal.advice()
    assert advice.startswith('Оператор не смог доставить сообщение')
    assert advice.endswith('Код 099 журналу неизвестен: что он значит, спросите в поддержке SMSC.')


async def test_the_refusals_of_smsru_are_failures_with_a_reason(journal: Journal) -> None:
    for code in ('133', '207', '214', '230', '233'):
        await journal.add_message()
        await journal.receive_smsru(code)
        known = CODES.find('smsru', 'status', code)
        assert known
        assert await journal.error() == (code, known.name)
        assert await journal.advice() == known.advice
