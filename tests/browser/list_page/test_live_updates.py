"""An open page follows the database, and nothing moves under the operator's hand."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services import texts
from tests.helpers.journal_operator import Operator, wait_for_text_soon
from tests.helpers.program import Program
from tests.helpers.sample_data import KOROLEVA, KOROLYOV, fill_journal, moment, sample_messages

SHOW_MESSAGE = 'Показать сообщение'
LIVE_RECIPIENT = 'Ладыжников Ефим Савельевич'


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample."""
    return fill_journal(journal_url, sample_messages())


@pytest.fixture(scope='module')
def api(journal: Program) -> httpx.Client:
    """A mailing system that hands messages over to the running program."""
    made = journal.run('token', 'add', 'mailer')
    token = made.stdout.split()[-1]
    return httpx.Client(base_url=f'{journal.url}/api/v1', headers={'Authorization': f'Bearer {token}'}, trust_env=False)


def submit_message(api: httpx.Client, **changes: str) -> dict[str, Any]:
    told = {
        'id': str(uuid4()),
        'recipient_name': LIVE_RECIPIENT,
        'phone': '+79990000001',
        'organization': 'ГБУЗ МО «Химкинская областная больница»',
        'kind': 'Напоминание',
        'text': 'Ждём Вас',
        'cost': '3.10',
        'queued_at': moment(0).isoformat(),
        **changes,
    }
    answer = api.post('/messages', json=told)
    assert answer.json()['outcome'] == 'created', answer.text
    return told


def test_a_row_on_screen_follows_its_message(operator: Operator, api: httpx.Client) -> None:
    told = submit_message(api)
    operator.search_messages(RECIPIENT='ладыжников')
    operator.wait_for_recipients(LIVE_RECIPIENT)
    (status,) = operator.column(texts.STATUS)
    assert status.startswith('Ожидает отправки')
    operator.click_in_row(SHOW_MESSAGE)
    operator.wait_for_expanded_rows(1)
    operator.wait(lambda: operator.expanded_rows, 'The row does not open')
    failed = {
        'status': 'failed',
        'at': (moment(0) + timedelta(minutes=1)).isoformat(),
        'error_code': '1',
        'error_name': 'Абонент не существует',
    }
    assert api.post(f'/messages/{told["id"]}/status', json=failed).json()['outcome'] == 'updated'
    wait_for_text_soon(operator, 'уточните телефон у пациента')
    assert operator.column(texts.STATUS) == ['Ошибка отправки Абонент не существует']
    (shown,) = operator.expanded_rows
    assert shown['Ошибка'] == 'Абонент не существует'
    assert shown['История'].count('\n') == 1
    operator.wait_for_expanded_rows(1)


def test_new_messages_wait_until_they_are_asked_for(operator: Operator, api: httpx.Client) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    submit_message(api, recipient_name='Королёв Пётр Новый')
    submit_message(api, recipient_name='Посторонний Пётр')
    wait_for_text_soon(operator, 'Новых: 1')
    operator.wait_for_column(texts.RECIPIENT, [KOROLYOV, KOROLEVA])
    submit_message(api, recipient_name='Королёва Анна Новая')
    wait_for_text_soon(operator, 'Новых: 2')
    operator.click('Новых: 2')
    operator.wait(lambda: len(operator.column(texts.RECIPIENT)) == 4, 'The new messages are not brought')
    operator.wait(lambda: not operator.shows('Новых'), 'The chip stays')
    operator.wait_for_text('1–4 из 4')


def test_before_a_search_nothing_is_told(operator: Operator, api: httpx.Client) -> None:
    submit_message(api, status='sent', sent_at=moment(0).isoformat(), cost='1.00')
    wait_for_text_soon(operator, 'Отправлено сообщений на сумму: 16,50 руб.')
    operator.wait_for_text(texts.NO_DATA)
    assert not operator.shows('Новых')
