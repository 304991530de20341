"""The field of the phone number: Russian numbers appear in a mask, anything else as it is typed."""

import pytest

from services import texts
from tests.helpers.factories import incoming_message
from tests.helpers.journal_operator import Operator
from tests.helpers.sample_data import KOROLEVA, KOROLYOV, MONTH, SEMYONOV, fill_journal, moment, sample_messages

EMPTY = '+7 (___) ___-__-__'
YUSUPOV, NAMESAKE, NOVIK = 'Юсупов Азиз Рустамович', 'Юсупова Анна Азизовна', 'Новик Янина Адамовна'


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample, a number of Uzbekistan, a Russian one with the same digits, and one of Belarus with an extension."""
    others = [
        incoming_message(recipient_name=YUSUPOV, phone='+998901234567', sent_at=moment(7)),
        incoming_message(recipient_name=NAMESAKE, phone='+79989012345', sent_at=moment(8)),
        incoming_message(recipient_name=NOVIK, phone='+375291231540', phone_note='доб. 12', sent_at=moment(9)),
    ]
    return fill_journal(journal_url, [*sample_messages(), *others])


def test_a_number_of_another_country_is_found_as_it_is_typed_or_pasted(operator: Operator) -> None:
    for typed in ('+998 90 123-45-67', '998901234567', '+99890'):
        operator.search_messages(PHONE=typed)
        operator.wait_for_recipients(YUSUPOV)
        operator.wait_for_value(texts.PHONE, typed)
        operator.clear()
    operator.paste(texts.PHONE, ' +998 90 123-45-67 ')
    operator.wait_for_value(texts.PHONE, '+998 90 123-45-67')
    operator.search_messages()
    operator.wait_for_recipients(YUSUPOV)
    operator.search_messages(PHONE='80291231540')
    operator.wait_for_recipients(NOVIK)
    operator.search_messages(PHONE='79989012345')
    operator.wait_for_value(texts.PHONE, '+7 (998) 901-23-45')
    operator.wait_for_recipients(NAMESAKE)


def test_a_part_of_a_number_is_drawn_as_it_is_typed(operator: Operator) -> None:
    for typed, shown, found in (
        ('1540', '1540', [NOVIK]),
        ('4567', '4567', [KOROLYOV, YUSUPOV]),
        ('8916', '8916', [KOROLYOV, SEMYONOV]),
        ('916', '+7 (916) ___-__-__', [KOROLYOV, SEMYONOV]),
        ('9012', '9012', [YUSUPOV, NAMESAKE]),
        ('+79012', '+7 (901) 2__-__-__', [YUSUPOV, NAMESAKE]),
        ('91612', '+7 (916) 12_-__-__', [KOROLYOV]),
        ('+7903', '+7 (903) ___-__-__', [KOROLEVA]),
        ('89161234567', '+7 (916) 123-45-67', [KOROLYOV]),
    ):
        operator.search_messages(PHONE=typed)
        operator.wait_for_value(texts.PHONE, shown)
        operator.wait_for_recipients(*found)
    operator.fill(texts.PHONE, '9012')
    operator.wait_for_value(texts.PHONE, '+7 (901) 2__-__-__')
    operator.press('Enter')
    operator.wait_for_value(texts.PHONE, '9012')
    operator.wait_for_recipients(YUSUPOV, NAMESAKE)
    operator.fill(texts.PHONE, '89161234567')
    operator.open('/messages')
    operator.wait_for_value(texts.PHONE, '+7 (916) 123-45-67')
    operator.clear()
    operator.wait_for_value(texts.PHONE, EMPTY)


def test_a_number_in_the_mask_is_edited_like_a_text(operator: Operator) -> None:
    operator.fill(texts.PHONE, '+7 916 123')
    operator.wait_for_value(texts.PHONE, '+7 (916) 123-__-__')
    operator.press('Backspace', 'Backspace')
    operator.wait_for_value(texts.PHONE, '+7 (916) 1__-__-__')
    operator.press('ArrowLeft', 'ArrowLeft', 'Backspace', '0')
    operator.wait_for_value(texts.PHONE, '+7 (910) 1__-__-__')
    operator.press('End', 'Backspace', 'Backspace')
    operator.wait_for_value(texts.PHONE, '+7 (91_) ___-__-__')
    operator.fill(texts.PHONE, '')
    operator.press('Tab')
    operator.wait_for_value(texts.PHONE, EMPTY)
    operator.search_messages()
    operator.wait_for_recipients(*MONTH, YUSUPOV, NAMESAKE, NOVIK)


def test_the_button_that_clears_the_field_is_shown_only_when_there_is_something_to_clear(operator: Operator) -> None:
    def is_clearable() -> bool:
        return bool(operator.find_all(('button',), 'Очистить', operator.field_container(texts.PHONE)))

    assert not is_clearable()
    operator.field(texts.PHONE).click()
    operator.press('Tab')
    assert not is_clearable()
    operator.fill(texts.PHONE, '4567')
    operator.press('Tab')
    operator.wait(is_clearable, 'The field cannot be cleared')
    operator.clear_field(texts.PHONE)
    operator.search_messages()
    operator.wait_for_value(texts.PHONE, EMPTY)
    operator.wait_for_recipients(*MONTH, YUSUPOV, NAMESAKE, NOVIK)


def test_an_opened_row_tells_what_was_written_with_the_number(operator: Operator) -> None:
    operator.search_messages(PHONE='+375')
    operator.wait_for_recipients(NOVIK)
    operator.click_in_row(texts.SHOW_MESSAGE)
    operator.wait_for_expanded_rows(1)
    assert operator.expanded_rows[0][texts.PHONE_NOTE] == 'доб. 12'
