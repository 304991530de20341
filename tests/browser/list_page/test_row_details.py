"""Opening a row: by mouse and by keyboard, whatever the message holds."""

import pytest
from selenium.common.exceptions import NoAlertPresentException

from journal_ui.pages.messages import format_volume
from models import MessageStatus
from services import texts
from tests.helpers.factories import incoming_message
from tests.helpers.journal_operator import Operator
from tests.helpers.sample_data import KOROLEVA, KOROLYOV, fill_journal, moment, sample_messages

SHOW_MESSAGE, HIDE_MESSAGE = 'Показать сообщение', 'Скрыть сообщение'
LONG = ' '.join(f'слово{number:03}' for number in range(250))[:2000]
HOSTILE = {
    'img': '<img src=x onerror=alert(1)>',
    'script': '</script><script>alert(2)</script><svg onload=alert(3)>',
    'vue': '{{ constructor.constructor("alert(4)")() }} ${alert(5)}',
    'formula': '=HYPERLINK("http://evil.example";"Нажмите")+cmd|\' /C calc\'!A0',
    'emoji': 'Ждём Вас 👩🏽‍⚕️ 👨‍👩‍👧‍👦 🇷🇺 завтра',
    'long': LONG,
    'unbroken': '1' * 2000,
    'lines': 'Первая строка\nВторая строка\n\nЧетвёртая',
    'markup': '&lt;b&gt; &amp;nbsp; "кавычки" \'апострофы\' `обратные`',
    'backwards': 'слева \u202eналево\u202c направо',
}
"""What a message may hold, by the given name of its recipient."""
OVERLAPPING = """
const boxes = [...document.querySelectorAll('[role=row]')].map(row => row.getBoundingClientRect())
    .sort((one, other) => one.top - other.top);
const over = boxes.filter((box, i) => i && box.top < boxes[i - 1].bottom - 1.5);
const cut = [...document.querySelectorAll('[role=row] dd')].filter(text => text.getClientRects().length
    && text.getBoundingClientRect().bottom > text.closest('[role=row]').getBoundingClientRect().bottom + 1);
return [...over, ...cut].map(found => found.top ?? found.textContent.slice(0, 40));
"""
"""Rows that begin before the one above ends, and texts that end below their row."""
ERROR = ('<b>E</b>', '<img src=y onerror=alert(6)>')


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample, and a month of hostile messages long ago."""
    hostile = [
        incoming_message(
            recipient_name=f'Враждебный {name}',
            text=text,
            status=MessageStatus.FAILED,
            queued_at=moment(200),
            attempted_at=moment(200, 13),
            error_code=ERROR[0],
            error_name=ERROR[1],
        )
        for name, text in HOSTILE.items()
    ]
    script = incoming_message(
        recipient_name='<img src=z onerror=alert(7)>', organization='<i>МО</i>', sent_at=moment(300)
    )
    return fill_journal(journal_url, [*sample_messages(), *hostile, script])


def assert_no_injection(operator: Operator) -> None:
    """See that no text became a part of the page: no alert, no picture, no bold word."""
    with pytest.raises(NoAlertPresentException):
        _ = operator.driver.switch_to.alert.text
    injected = 'return document.querySelectorAll("img, [onerror], [onload], [role=row] b, [role=row] i").length'
    assert operator.driver.execute_script(injected) == 0


def test_a_row_opens_and_closes_by_mouse(operator: Operator) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    sent, failed = f'Королёв И. П., {moment(1):%d.%m}', f'Королева А. С., {moment(2):%d.%m}'
    assert [name for name in operator.names(('button',)) if name.startswith(SHOW_MESSAGE)] == [
        f'{SHOW_MESSAGE}: {sent}',
        f'{SHOW_MESSAGE}: {failed}',
    ]
    operator.click_in_row(SHOW_MESSAGE, 1)
    operator.wait_for_expanded_rows(1)
    day = f'{moment(2):%d.%m.%Y}'
    assert operator.expanded_rows == [
        {
            'Текст сообщения': 'Иван Петрович, ждём Вас 24.11.2026 в 18:48. Отмена: 122',
            'Код ошибки': '1042',
            'Ошибка': 'Абонент не в сети',
            'Что делать': 'Телефон выключен или вне сети: позвоните пациенту позже.',
            'Объём': '1\N{NO-BREAK SPACE}часть',
            'Звонки': texts.CALLS_NOT_RECORDED,
            'Получатель': texts.PERSON_LINK,
            'История': f'{day} 10:00 Поставлено в очередь\n{day} 11:00 Ошибка отправки: Абонент не в сети',
        }
    ]
    assert operator.button(f'{HIDE_MESSAGE}: {failed}').get_attribute('aria-expanded') == 'true'
    assert operator.button(f'{SHOW_MESSAGE}: {sent}').get_attribute('aria-expanded') == 'false'
    for label in (texts.COPY_FOR_TICKET, texts.COPY_LINK):
        operator.button(f'{label}: {failed}')
    operator.link(f'{texts.PERSON_LINK}: {failed}')
    operator.click_in_row(HIDE_MESSAGE)
    operator.wait_for_expanded_rows(0)
    operator.wait(lambda: operator.expanded_rows == [], 'The row does not close')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)


def test_several_rows_are_open_at_once_each_under_its_own(operator: Operator) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.click_in_row(SHOW_MESSAGE)
    operator.wait_for_expanded_rows(1)
    operator.click_in_row(SHOW_MESSAGE)
    operator.wait_for_expanded_rows(2)
    operator.wait(lambda: len(operator.expanded_rows) == 2, 'Two rows are not open')
    assert [details['Код ошибки'] for details in operator.expanded_rows] == ['Нет', '1042']
    operator.click_in_row(HIDE_MESSAGE)
    operator.wait_for_expanded_rows(1)
    operator.wait(lambda: len(operator.expanded_rows) == 1, 'One of two does not close')
    assert operator.expanded_rows[0]['Код ошибки'] == '1042'
    operator.wait_for_column(texts.RECIPIENT, [KOROLYOV, KOROLEVA])


def test_a_row_opens_and_closes_by_keyboard(operator: Operator) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.focus_by_keyboard(SHOW_MESSAGE)
    operator.press('Enter')
    operator.wait_for_expanded_rows(1)
    operator.wait_for_focus(HIDE_MESSAGE)
    operator.press('Tab')
    operator.focus_by_keyboard(SHOW_MESSAGE)
    operator.press('Space')
    operator.wait_for_expanded_rows(2)
    operator.press('Space')
    operator.wait_for_expanded_rows(1)
    operator.press('Shift+Tab')
    operator.focus_by_keyboard(HIDE_MESSAGE, 'Shift+Tab')
    operator.press('Enter')
    operator.wait_for_expanded_rows(0)


def test_a_hostile_text_is_shown_as_text(operator: Operator) -> None:
    operator.clear_field('Дата отправки сообщения с')
    for name, text in HOSTILE.items():
        operator.search_messages(RECIPIENT=f'враждебный {name}')
        operator.wait_for_recipients(f'Враждебный {name}')
        operator.click_in_row(SHOW_MESSAGE)
        operator.wait_for_expanded_rows(1)
        operator.wait(lambda: operator.expanded_rows, 'The row does not open')
        (shown,) = operator.expanded_rows
        assert (shown['Текст сообщения'], shown['Код ошибки'], shown['Ошибка']) == (text, *ERROR)
        assert shown['История'].endswith(f'Ошибка отправки: {ERROR[1]}')
        assert shown['Объём'] == format_volume(incoming_message(text=text))
        assert_no_injection(operator)


def test_long_texts_and_short_ones_are_open_one_under_the_other_and_none_is_cut(operator: Operator) -> None:
    operator.clear_field('Дата отправки сообщения с')
    operator.search_messages(RECIPIENT='враждебный')
    operator.wait_for_recipients(*(f'Враждебный {name}' for name in HOSTILE))
    for number in range(1, len(HOSTILE) + 1):
        operator.click_in_row(SHOW_MESSAGE, len(HOSTILE) - number)
        operator.wait_for_expanded_rows(number)
    operator.wait(lambda: len(operator.expanded_rows) == len(HOSTILE), 'Not all rows are open')
    shown = dict(zip(operator.column('ФИО получателя'), operator.expanded_rows, strict=True))
    assert {name: shown[f'Враждебный {name}']['Текст сообщения'] for name in HOSTILE} == HOSTILE
    operator.wait(lambda: operator.driver.execute_script(OVERLAPPING) == [], 'Rows lie over each other')


def test_a_hostile_name_is_shown_as_text(operator: Operator) -> None:
    operator.clear_field('Дата отправки сообщения с')
    operator.search_messages(RECIPIENT='onerror')
    operator.wait_for_recipients('<img src=z onerror=alert(7)>')
    assert operator.column('Наименование МО') == ['<i>МО</i>']
    assert_no_injection(operator)
    operator.fill('Медицинская организация', '<i>')
    operator.wait(lambda: operator.names(('option',)) == ['<i>МО</i>'], lambda: str(operator.names(('option',))))
    operator.click_element(lambda: operator.find(('option',), '<i>МО</i>'))
    operator.wait(lambda: not operator.names(('option',)), 'The list does not close')
    operator.search_messages()
    operator.wait_for_recipients('<img src=z onerror=alert(7)>')
    operator.search_messages(RECIPIENT='<img src=q onerror=alert(8)>')
    operator.wait_for_no_results('<img src=q onerror=alert(8)>')
    assert_no_injection(operator)


def test_a_new_search_shows_no_row_open(operator: Operator) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.click_in_row(SHOW_MESSAGE)
    operator.wait_for_expanded_rows(1)
    operator.search_messages(RECIPIENT='королева')
    operator.wait_for_recipients(KOROLEVA)
    operator.wait_for_expanded_rows(0)
    assert operator.expanded_rows == []
