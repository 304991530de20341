"""Everyday questions of an operator, each within its number of gestures and seconds."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from models import MessageStatus
from services import texts
from tests.browser.axe import assert_accessible
from tests.helpers.factories import incoming_message
from tests.helpers.gesture_counter import CountingOperator
from tests.helpers.program import Program, StartProgram
from tests.helpers.sample_data import KHIMKI, PODOLSK, fill_journal, moment, today

CODE = '550e8400-e29b-41d4-a716-446655440000'
IVANOV, IVANOVNA, SELIVANOV = 'Иванов Сергей Юрьевич', 'Петрова Мария Ивановна', 'Селиванов Иван Ильич'
PHONE, MISHEARD = '+79161234567', '89161234576'
REMEMBER_COPIED = "addEventListener('copy', e => { window.copied = e.clipboardData.getData('text/plain') })"
DOWNLOAD_TIMEOUT = 60
"""Seconds for a file: its process gives way to everybody else's, on a busy machine for long."""


def next_tuesday() -> date:
    """Return the first Tuesday after today."""
    return today() + timedelta(days=(1 - today().weekday()) % 7 or 7)


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """A journal with what the questions are about."""
    tuesday = moment((today() - next_tuesday()).days)
    absent = partial(incoming_message, status=MessageStatus.FAILED, error_code='1042', error_name='Абонент не в сети')
    sent = partial(incoming_message, queued_at=None)
    return fill_journal(
        journal_url,
        [
            absent(
                id=UUID(CODE), recipient_name=IVANOV, phone=PHONE, organization=KHIMKI, queued_at=moment(1),
                appointment_at=tuesday,
            ),
            sent(
                recipient_name=IVANOVNA, phone='+79035554433', organization=PODOLSK, sent_at=moment(2),
                appointment_at=tuesday,
            ),
            absent(recipient_name=SELIVANOV, phone='+79261112233', organization=PODOLSK, queued_at=moment(3)),
            incoming_message(
                recipient_name='Давний Ждун', phone='+79990000001', status=MessageStatus.WAITING, queued_at=moment(9)
            ),
            sent(recipient_name=IVANOV, phone=PHONE, organization=KHIMKI, sent_at=moment(90)),
        ],
    )  # fmt: skip


@pytest.fixture(scope='module')
def journal(start_program: StartProgram, journal_url: str) -> Program:
    """A running journal that the questions share."""
    return start_program(journal_url)


def test_a_phone_read_aloud_with_one_digit_wrong(counting_operator: CountingOperator) -> None:
    operator = counting_operator
    operator.open('/messages')
    with operator.question('a phone with two digits swapped', gestures=3, seconds=6):
        operator.fill(texts.PHONE, MISHEARD)
        operator.press('Enter')
        operator.wait_for_no_results(texts.SIMILAR_PHONES)
        assert texts.CHECK_NUMBER.split(':')[0] in operator.text
        operator.click('+7 (916) 123-45-67: 2')
        operator.wait_for_recipients(IVANOV, IVANOV)
    operator.wait_for_focus(texts.FIND)
    operator.wait_for_value(texts.PHONE, '+7 (916) 123-45-67')
    operator.wait_for_value(f'{texts.PERIOD} {texts.PERIOD_SINCE}', '')
    operator.wait_for_url_parts('who=')
    assert '916' not in operator.path

    operator.clear()
    operator.search_messages(RECIPIENT='селивонов')
    operator.wait_for_no_results(texts.SIMILAR_NAMES, 'Селиванов: 1')
    operator.search_messages(RECIPIENT='селиванов', PHONE=MISHEARD)
    operator.wait_for_no_results(texts.RELAXED_SEARCHES, 'Без телефона: 1')
    assert_accessible(operator, 'nothing found')
    operator.click('Без телефона: 1')
    operator.wait_for_recipients(SELIVANOV)
    operator.wait_for_value(texts.RECIPIENT, 'селиванов')


def sort_by_recipient(operator: CountingOperator) -> None:
    """Click the header until the list is sorted: the panel folds after a search, and may move the header away."""

    def is_sorted() -> bool:
        header = operator.find(('columnheader',), texts.RECIPIENT)
        if header.get_attribute('aria-sort') == 'ascending':
            return True
        header.click()
        return False

    operator.wait(is_sorted, 'The list is not sorted')
    operator.wait(lambda: 'sort=recipient_name' in operator.driver.current_url, 'The order is not in the URL')


def test_why_a_person_with_an_appointment_got_no_message(counting_operator: CountingOperator) -> None:
    operator = counting_operator
    operator.open('/messages')
    with operator.question('Иванов, next Tuesday', gestures=4, seconds=10):
        operator.fill(texts.RECIPIENT, 'иванов')
        for side in (texts.PERIOD_SINCE, texts.PERIOD_UNTIL):
            operator.fill(f'{texts.APPOINTMENT_FILTER} {side}', f'{next_tuesday():%d%m}')
        operator.press('Enter')
        operator.wait_for_recipients(IVANOV, IVANOVNA)
        assert 'Ошибка отправки Абонент не в сети' in operator.column(texts.STATUS)
    sort_by_recipient(operator)
    operator.wait_for_column(texts.RECIPIENT, [IVANOV, IVANOVNA])
    with operator.question('only the surname', gestures=1, seconds=2):
        operator.click('Только фамилия: 1')
        operator.wait_for_recipients(IVANOV)
    operator.wait_for_focus(texts.FIND)
    operator.wait(
        lambda: {'surname=1', 'sort=recipient_name'} <= set(operator.path.partition('?')[2].split('&')),
        lambda: operator.path,
    )
    assert_accessible(operator, 'only the surname')
    operator.driver.refresh()
    operator.wait_for_recipients(IVANOV)
    operator.click(texts.REMOVE_CONDITION.format(condition=texts.CONDITION_SURNAME))
    operator.search_messages()
    operator.wait_for_recipients(IVANOV, IVANOVNA)
    operator.search_messages(RECIPIENT='«иванов»')
    operator.wait_for_recipients(IVANOV)


def test_a_code_a_ticket_and_a_link(counting_operator: CountingOperator) -> None:
    operator = counting_operator
    operator.open('/messages')
    operator.driver.execute_script(REMEMBER_COPIED)
    with operator.question('a code from a ticket', gestures=2, seconds=4):
        operator.paste(texts.RECIPIENT, CODE)
        operator.wait_for_recipients(IVANOV)
        operator.click_in_row(texts.SHOW_MESSAGE)
        operator.wait_for_expanded_rows(1)
    with operator.question('the row into a ticket, as text', gestures=1, seconds=2):
        operator.click_in_row(texts.COPY_FOR_TICKET)
        operator.wait(lambda: CODE in copied(operator), 'The text is not copied')
    with operator.question('a link for a colleague', gestures=1, seconds=2):
        operator.click_in_row(texts.COPY_LINK)
        link = f'{operator.base_url}/messages/{CODE}'
        operator.wait(lambda: copied(operator) == link, 'The link is not copied')


def test_whether_the_queue_is_stuck(counting_operator: CountingOperator) -> None:
    operator = counting_operator
    operator.open('/messages')
    with operator.question('the queue', gestures=1, seconds=2):
        operator.wait_for_text(f'старшее ждёт {(datetime.now(UTC) - moment(9)).days} дн')
        operator.click_element(lambda: operator.driver.find_element('css selector', '.queue a'))
        operator.driver.switch_to.window(operator.driver.window_handles[-1])
        operator.wait_for_recipients('Давний Ждун')


def test_failures_of_an_organisation_this_week_into_excel(counting_operator: CountingOperator, downloads: Path) -> None:
    operator = counting_operator
    operator.open('/messages')
    with operator.question('failures into Excel', gestures=6, seconds=13):
        operator.fill(texts.ORGANIZATION_FILTER, 'химк')
        operator.find(('option',), KHIMKI)
        operator.click_element(lambda: operator.check_box(texts.STATUSES[MessageStatus.FAILED]))
        operator.wait_for_value(texts.ORGANIZATION_FILTER, KHIMKI)
        operator.fill(f'{texts.PERIOD} {texts.PERIOD_SINCE}', f'{today() - timedelta(days=6):%d%m}')
        operator.press('Enter')
        operator.wait_for_recipients(IVANOV)
        operator.click(texts.EXPORT)
        operator.click(texts.EXCEL)
        operator.wait(lambda: list(downloads.glob('*.xlsx')), 'No workbook has come', timeout=DOWNLOAD_TIMEOUT)


def copied(operator: CountingOperator) -> str:
    """Return what the page has copied."""
    return str(operator.driver.execute_script('return window.copied || ""'))
