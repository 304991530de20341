"""What an operator has at hand finds the message: a code, a phone in any field, a date as people write it."""

from datetime import timedelta
from uuid import UUID

import pytest

from services import texts
from services.formats import day
from tests.helpers.factories import incoming_message
from tests.helpers.journal_operator import Operator
from tests.helpers.sample_data import KOROLEVA, KOROLYOV, MONTH, fill_journal, moment, sample_messages, today

CODE = '550e8400-e29b-41d4-a716-446655440000'
OLD = 'Давняя Анна Ивановна'
SINCE, UNTIL = f'{texts.PERIOD} {texts.PERIOD_SINCE}', f'{texts.PERIOD} {texts.PERIOD_UNTIL}'
UNDERSTOOD = texts.UNDERSTOOD_AS_CODE.format(code=CODE)
REMEMBER_COPIED = "addEventListener('copy', e => { window.copied = e.clipboardData.getData('text/plain') })"


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample, and a message with a known code, older than the month that a page shows first."""
    message = incoming_message(id=UUID(CODE), recipient_name=OLD, phone='+79160009988', sent_at=moment(90, 10))
    return fill_journal(journal_url, [*sample_messages(), message])


def test_a_code_from_a_ticket_finds_its_message_and_is_shared(operator: Operator) -> None:
    for label in (texts.PHONE, SINCE, texts.ORGANIZATION_FILTER, texts.RECIPIENT):
        operator.paste(label, f' "{CODE.upper()}" ')
        operator.wait_for_text(UNDERSTOOD)
        operator.wait_for_recipients(OLD)
        operator.clear()
        operator.wait_for_no_text(UNDERSTOOD)
    operator.search_messages(PHONE=CODE[:8])
    operator.wait_for_recipients(OLD)
    operator.wait_for_value(texts.RECIPIENT, '')
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)

    operator.open(f'/messages/{CODE}')
    operator.wait_for_recipients(OLD)
    operator.wait_for_expanded_rows(1)
    operator.wait_for_text(UNDERSTOOD)
    operator.driver.execute_script(REMEMBER_COPIED)
    operator.focus_by_keyboard(texts.COPY_FOR_TICKET)
    operator.press('Enter')
    operator.wait_for_text(texts.COPIED)
    ticket = operator.driver.execute_script('return window.copied')
    assert f'{texts.CODE}: {CODE}\n{texts.TICKET_LINK}: {operator.base_url}/messages/{CODE}\n' in ticket
    assert 'Д. А. И. (телефон …9988)' in ticket
    assert not [word for word in (*OLD.split(), '916', '24.11.2026', 'ждём') if word in ticket]
    operator.press('Tab')
    operator.wait_for_focus(texts.COPY_LINK)
    operator.press('Space')
    operator.wait(
        lambda: operator.driver.execute_script('return window.copied') == f'{operator.base_url}/messages/{CODE}',
        'The link is not copied',
    )
    operator.open(f'/messages/{CODE[:-1]}1')
    operator.wait_for_no_results(texts.NO_SUCH_CODE)


def test_fields_understand_each_other_and_dates_are_typed_shortly(operator: Operator) -> None:
    operator.search_messages(RECIPIENT='8 916 123 45 67')
    operator.wait_for_recipients(KOROLYOV)
    operator.wait_for_text(texts.UNDERSTOOD_AS_PHONE)
    operator.wait_for_value(texts.RECIPIENT, '')
    operator.wait_for_value(texts.PHONE, '+7 (916) 123-45-67')
    operator.search_messages(PHONE='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.wait_for_text(texts.UNDERSTOOD_AS_NAME)
    operator.wait_for_value(texts.RECIPIENT, 'королев')

    yesterday = today() - timedelta(days=1)
    operator.fill(SINCE, 'вчера')
    operator.fill(UNTIL, f'{yesterday:%d%m}')
    operator.search_messages()
    operator.wait_for_recipients(KOROLYOV)
    operator.wait_for_no_text(texts.UNDERSTOOD_AS_NAME)
    for label in (SINCE, UNTIL):
        operator.field(label).click()
        operator.press('Tab')
        operator.wait_for_value(label, day(yesterday))
    operator.clear_field(texts.RECIPIENT)
    operator.click(f'{texts.CALENDAR} {texts.PERIOD_SINCE}')
    operator.click(texts.ALL_TIME)
    operator.wait_for_value(SINCE, '')
    operator.search_messages(RECIPIENT='давняя')
    operator.wait_for_recipients(OLD)
    operator.clear()
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)
