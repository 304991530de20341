"""Turning pages and sorting: over the whole result, never over the page alone."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from models import MessageKind, MessageStatus
from services import texts
from services.ingest.message_parsing import IncomingMessage
from tests.helpers.factories import incoming_message
from tests.helpers.journal_operator import Operator
from tests.helpers.sample_data import DUBNA, KHIMKI, PODOLSK, fill_journal, moment

COUNT = 53
KINDS, STATUSES = list(MessageKind), list(MessageStatus)
KEYS: dict[str, Callable[[IncomingMessage], Any]] = {
    'Код': lambda message: message.id.bytes,
    'ФИО получателя': lambda message: message.recipient_name,
    'Номер телефона': lambda message: message.phone,
    'Дата и время записи': lambda message: message.appointment_at,
    'Наименование МО': lambda message: message.organization,
    'Вид сообщения': lambda message: message.kind,
    'Дата и время отправки СМС': lambda message: message.sent_at,
    'Статус отправки СМС': lambda message: texts.STATUSES[message.status],
    'Стоимость СМС, руб': lambda message: message.cost,
}
"""What each column sorts by."""


def recipient_name(number: int) -> str:
    """Call the recipient of a message by a number that sorts as words do."""
    return f'Номеров Номер {number:02}'


def numbered_message(number: int) -> IncomingMessage:
    """Give a message: number 1 is the newest; each column would be sorted otherwise."""
    status = STATUSES[number % 3]
    when = moment(1, 20) - timedelta(hours=number)
    return incoming_message(
        recipient_name=recipient_name(number),
        phone=f'+7916000{number * 37 % COUNT:04}',
        appointment_at=moment(-number * 11 % COUNT - 60) if number % 7 else None,
        organization=(DUBNA, KHIMKI, PODOLSK)[number % 3],
        kind=KINDS[number % 4],
        status=status,
        queued_at=when,
        sent_at=when if status is MessageStatus.SENT else None,
        cost=Decimal(number) / 100,
    )


MESSAGES = [numbered_message(number) for number in range(1, COUNT + 1)]


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """So many messages that a page cannot hold them."""
    return fill_journal(journal_url, MESSAGES)


def sorted_recipients(title: str, order: str) -> list[str]:
    """Give the recipients by a column; nothing known comes last both ways, and of equals the newest first."""
    key = KEYS[title]
    known = [message for message in MESSAGES if key(message) is not None]
    unknown = [message for message in MESSAGES if key(message) is None]
    known.sort(key=key, reverse=order == 'descending')
    return [message.recipient_name for message in [*known, *unknown]]


def wait_for_page(operator: Operator, first: int, last: int) -> None:
    """See the messages from the one number to the other, and the paging bar say so."""
    operator.wait_for_column(texts.RECIPIENT, [recipient_name(number) for number in range(first, last + 1)])
    operator.wait_for_text(f'{first}–{last} из {COUNT}')


def test_pages_turn_by_buttons_and_by_number(operator: Operator) -> None:
    operator.click('Найти')
    wait_for_page(operator, 1, 20)
    operator.wait_for_text('из 3', 'на сумму 14,31 руб.')
    operator.click('Следующая страница')
    wait_for_page(operator, 21, 40)
    operator.wait_for_value('Номер страницы', '2')
    operator.click('Последняя страница')
    wait_for_page(operator, 41, 53)
    operator.wait_for_value('Номер страницы', '3')
    assert not operator.button('Следующая страница').is_enabled()
    assert not operator.button('Последняя страница').is_enabled()
    operator.click('Предыдущая страница')
    wait_for_page(operator, 21, 40)
    operator.click('Первая страница')
    wait_for_page(operator, 1, 20)
    assert not operator.button('Предыдущая страница').is_enabled()
    assert not operator.button('Первая страница').is_enabled()
    go_to(operator, '2')
    wait_for_page(operator, 21, 40)
    go_to(operator, '1000000')
    wait_for_page(operator, 41, 53)
    operator.wait_for_value('Номер страницы', '3')
    go_to(operator, '0')
    wait_for_page(operator, 1, 20)
    operator.wait_for_value('Номер страницы', '1')
    go_to(operator, '-')
    operator.wait_for_value('Номер страницы', '1')
    wait_for_page(operator, 1, 20)


def test_the_number_of_rows_is_chosen_and_remembered(operator: Operator) -> None:
    operator.wait_for_value('Строк на странице', '20')
    operator.click('Найти')
    wait_for_page(operator, 1, 20)
    operator.click_element(lambda: operator.field('Строк на странице'))
    operator.wait(lambda: operator.names(('option',)) == ['5', '10', '20'], lambda: str(operator.names(('option',))))
    operator.click('5')
    wait_for_page(operator, 1, 5)
    operator.wait_for_text('из 11')
    operator.click('Последняя страница')
    wait_for_page(operator, 51, 53)
    operator.choose('Строк на странице', '10')
    wait_for_page(operator, 1, 10)
    operator.open('/messages')
    operator.wait_for_value('Строк на странице', '10')
    operator.click('Найти')
    wait_for_page(operator, 1, 10)
    operator.choose('Строк на странице', '20')
    wait_for_page(operator, 1, 20)


def test_what_is_found_is_counted_and_added_up(operator: Operator) -> None:
    operator.click('Отправлено')
    operator.click('Найти')
    cost = sum(message.cost for message in MESSAGES if message.status is MessageStatus.SENT)
    operator.wait_for_text('1–18 из 18', f'на сумму {cost} руб.'.replace('.', ',', 1))
    operator.search_messages(RECIPIENT=recipient_name(13))
    operator.wait_for_text('1–1 из 1', 'на сумму 0,13 руб.')


def test_every_column_sorts_the_whole_result_both_ways(operator: Operator) -> None:
    operator.choose('Строк на странице', '5')
    operator.click('Найти')
    wait_for_page(operator, 1, 5)
    for title in KEYS:
        for order in ('ascending', 'descending'):
            operator.click(title)
            operator.wait_for_column(texts.RECIPIENT, sorted_recipients(title, order)[:5])
            assert operator.find(('columnheader',), title).get_attribute('aria-sort') == order
    operator.click('Последняя страница')
    operator.wait_for_column(texts.RECIPIENT, sorted_recipients('Стоимость СМС, руб', 'descending')[50:])
    operator.click('Стоимость СМС, руб')
    wait_for_page(operator, 1, 5)
    operator.choose('Строк на странице', '20')
    wait_for_page(operator, 1, 20)


def test_a_column_sorts_by_keyboard(operator: Operator) -> None:
    operator.click('Найти')
    wait_for_page(operator, 1, 20)
    operator.focus_by_keyboard('Подробности')
    operator.focus_by_keyboard('Стоимость СМС, руб', 'ArrowRight')
    operator.press('Enter', 'Enter')
    operator.wait_for_column(texts.RECIPIENT, sorted_recipients('Стоимость СМС, руб', 'descending')[:20])


def go_to(operator: Operator, number: str) -> None:
    """Type the number of a page."""
    operator.fill('Номер страницы', number)
    operator.press('Enter')
