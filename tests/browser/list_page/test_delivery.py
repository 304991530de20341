"""The delivery on the screen: next to the status, in an opened row, by the filter, and as it changes."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services import texts
from tests.helpers.api_requests import message_json
from tests.helpers.journal_operator import Operator, wait_for_text_soon
from tests.helpers.program import Program
from tests.helpers.sample_data import fill_journal, moment

LADYZHNIKOV, SHCHUKINA, YUDIN = 'Ладыжников Ефим Савельевич', 'Щукина Ольга', 'Юдин Пётр'
RECEIPT_KEY = 'k-kannel-0123456789'


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """A journal with accounts and without messages."""
    return fill_journal(journal_url, [])


@pytest.fixture(scope='module')
def journal(start_program: Any, journal_url: str) -> Program:
    """A running journal that accepts receipts of Kannel."""
    program: Program = start_program(journal_url, JOURNAL_RECEIPT_KEYS=f'{{"kannel": "{RECEIPT_KEY}"}}')
    return program


@pytest.fixture(scope='module')
def api(journal: Program) -> httpx.Client:
    """A mailing system, which also passes on the receipts of its gateway."""
    token = journal.run('token', 'add', 'mailer').stdout.split()[-1]
    return httpx.Client(base_url=f'{journal.url}/api/v1', headers={'Authorization': f'Bearer {token}'}, trust_env=False)


def submit(api: httpx.Client, name: str, phone: str, days_ago: int, **changes: str) -> str:
    """Submit a message that was queued some days ago; return its id."""
    body = message_json(
        recipient_name=name,
        phone=phone,
        queued_at=moment(days_ago).isoformat(),
        appointment_at=moment(-5).isoformat(),
        **changes,
    )
    assert api.post('/messages', json=body).json()['outcome'] == 'created'
    return str(body['id'])


def receive(api: httpx.Client, id: str, status: str, days_ago: int) -> None:
    """Receive a receipt of Kannel an hour after the message was queued: 8 handed over, 1 delivered, 2 failed."""
    at = moment(days_ago) + timedelta(hours=1)
    params = {'key': RECEIPT_KEY, 'id': id, 'status': status, 'ts': str(int(at.timestamp()))}
    assert api.get('/receipts/kannel', params=params).status_code == 200


def test_the_delivery_is_told_found_and_followed(operator: Operator, api: httpx.Client) -> None:
    id = submit(api, LADYZHNIKOV, '+79161230001', 8)
    receive(api, id, '8', 8)
    submit(api, YUDIN, '+79161230003', 6)
    operator.search_messages()
    operator.wait_for_recipients(YUDIN, LADYZHNIKOV)
    waiting, sent = operator.column(texts.STATUS)
    assert waiting.startswith('Ожидает отправки Ждёт ')
    assert sent == 'Отправлено Ответа не будет'
    operator.choose(texts.DELIVERY, texts.DELIVERY_CONDITIONS['unanswered'])
    operator.search_messages()
    operator.wait_for_recipients(LADYZHNIKOV)
    operator.click_in_row(texts.SHOW_MESSAGE)
    operator.wait_for_expanded_rows(1)
    operator.wait(lambda: operator.expanded_rows, 'The row does not open')
    assert operator.expanded_rows[0][texts.DELIVERY].startswith('Ответа не будет: передано оператору')
    operator.wait_for_url_parts('delivery=unanswered')
    operator.driver.refresh()
    operator.wait_for_recipients(LADYZHNIKOV)
    operator.wait_for_value(texts.DELIVERY, 'Ответа не будет')
    receive(api, id, '1', 7)
    wait_for_text_soon(operator, 'Доставлено')
    assert operator.column(texts.STATUS) == ['Отправлено Доставлено']
    operator.wait(lambda: operator.expanded_rows[0][texts.DELIVERY] == 'Доставлено', 'The opened row does not follow')


def test_a_failed_message_and_its_repeat_name_each_other(operator: Operator, api: httpx.Client) -> None:
    first = submit(api, SHCHUKINA, '+79161230002', 3)
    receive(api, first, '2', 3)
    operator.open('/callbacks')
    operator.wait_for_text(SHCHUKINA)
    second = submit(api, SHCHUKINA, '+79161230002', 2)
    receive(api, second, '8', 2)
    operator.wait(lambda: not operator.shows(SHCHUKINA), 'The recipient stays on the list')
    operator.open('/messages')
    operator.search_messages(RECIPIENT='щукина')
    operator.wait_for_recipients(SHCHUKINA, SHCHUKINA)
    for number in (1, 2):
        operator.click_in_row(texts.SHOW_MESSAGE)
        operator.wait_for_expanded_rows(number)
    operator.wait(lambda: len(operator.expanded_rows) == 2, 'Two rows are not open')
    repeat, failed = operator.expanded_rows
    assert repeat[texts.RESEND_OF] == f'{first}: ошибка отправки'
    assert failed[texts.RESENT_AS] == f'{second}: отправлено'
