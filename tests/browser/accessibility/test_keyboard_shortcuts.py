"""Hands that stay on the keyboard: the keys of the journal, and that none of them is in the way of typing."""

import pytest

from services import texts
from tests.helpers.journal_operator import Operator
from tests.helpers.sample_data import IVANOV, IVANOVA, KOROLEVA, KOROLYOV, MONTH, SIGNS, fill, messages

STILL = 'return document.getAnimations().length === 0'


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample, of which a clerk may set up how much of it he sees."""
    return fill(journal_url, messages())


def press_on_a_russian_keyboard(operator: Operator, key: str, code: str, shift: bool = False) -> None:
    """Press a key that types another sign than on an English keyboard."""
    event = {'key': key, 'code': code, 'text': key, 'modifiers': 8 if shift else 0}
    operator.driver.execute_cdp_cmd('Input.dispatchKeyEvent', {'type': 'keyDown', **event})
    operator.driver.execute_cdp_cmd('Input.dispatchKeyEvent', {'type': 'keyUp', **event})


def see_focus(operator: Operator, name: str) -> None:
    """Wait until the focus is on what is named so."""
    operator.wait(lambda: operator.focus == name, lambda: f'The focus is on «{operator.focus}», not on «{name}»')


def test_slash_goes_to_the_first_field_and_in_a_field_it_is_a_sign(operator: Operator) -> None:
    operator.find_messages()
    operator.see_found(*MONTH)
    operator.press('/')
    see_focus(operator, texts.RECIPIENT)
    operator.type('кор/')
    operator.see_value(texts.RECIPIENT, 'кор/')
    operator.click(texts.FOLD_PANEL)
    operator.click_element(lambda: operator.find(('columnheader',), texts.RECIPIENT))
    press_on_a_russian_keyboard(operator, '.', 'Slash')
    see_focus(operator, texts.RECIPIENT)
    operator.type('королёв')
    operator.see_value(texts.RECIPIENT, 'королёв')
    operator.press('Enter')
    operator.see_found(KOROLYOV, KOROLEVA)
    # the panel folds after a search as before: the key opens it for once
    folded = operator.wait(
        lambda: [name for name in operator.names(('button',)) if name.endswith(texts.UNFOLD_PANEL)],
        'The panel does not fold again',
    )
    operator.click(folded[0])
    operator.see(texts.CLEAR)


def test_arrows_go_over_the_rows_and_space_opens(operator: Operator) -> None:
    operator.fill(texts.RECIPIENT, 'иванов')
    operator.press('Enter')
    operator.see_found(IVANOV, IVANOVA)
    operator.press('ArrowDown')
    see_focus(operator, texts.SHOW_MESSAGE)
    operator.press('Space')
    operator.see_opened(1)
    operator.wait(lambda: operator.opened, 'The row does not open')
    operator.press('ArrowDown', 'Enter')
    operator.see_opened(2)
    operator.press('ArrowDown', 'ArrowUp', 'Space')
    operator.see_opened(1)
    operator.wait(lambda: len(operator.opened) == 1, 'The first row does not close')
    operator.press('End', 'Space')
    operator.see_opened(0)
    operator.press('Home', 'Space')
    operator.see_opened(1)
    operator.press('ArrowUp', 'Space')
    operator.see_opened(0)


def test_pages_turn_by_keys_but_not_while_one_types(operator: Operator) -> None:
    operator.choose(texts.PAGE_SIZE, '5')
    operator.find_messages()
    operator.see('1–5 из 6')
    operator.press('ArrowDown', 'PageDown')
    operator.see('6–6 из 6')
    operator.press('ArrowDown', 'Space')
    operator.see_opened(1)
    operator.see_column(texts.RECIPIENT, [SIGNS])
    operator.press('PageUp')
    operator.see('1–5 из 6')
    operator.field(texts.RECIPIENT).click()
    operator.press('PageDown', 'ArrowDown', 'Space')
    operator.see_opened(1)
    operator.see_column(texts.RECIPIENT, MONTH[:5])
    operator.choose(texts.PAGE_SIZE, '20')
    operator.see('1–6 из 6')


def test_escape_takes_back_one_thing_at_a_time(operator: Operator) -> None:
    operator.find_messages(PHONE='9', RECIPIENT='иванова')
    operator.see_found(IVANOVA)
    operator.field(texts.RECIPIENT).click()
    operator.press('Escape')
    operator.see_value(texts.RECIPIENT, '')
    operator.press('Enter')
    operator.see_found(*MONTH)
    operator.press('ArrowDown', 'Space')
    operator.see_opened(1)
    operator.click('Календарь с')
    operator.see('Пн')
    operator.press('Escape')
    operator.wait(lambda: not operator.all(('dialog',)), 'The calendar stays')
    operator.see_opened(1)
    assert not operator.shows(texts.ESCAPE_AGAIN)
    operator.press('Escape')
    operator.see_opened(0)
    operator.see(texts.ESCAPE_AGAIN)
    operator.press('ArrowDown', 'Escape', 'ArrowDown', 'Space')
    operator.see_opened(1)
    operator.see_found(*MONTH)
    operator.press('Escape', 'Escape')
    operator.see(texts.NO_DATA)
    operator.see_found()
    operator.see_value(texts.PHONE, '+7 (___) ___-__-__')


def test_a_question_mark_shows_all_keys_and_both_signs_can_be_switched_off(operator: Operator) -> None:
    def window() -> bool:
        return bool(operator.all(('dialog',), texts.KEYS_TITLE))

    operator.find_messages()
    operator.see_found(*MONTH)
    press_on_a_russian_keyboard(operator, ',', 'Slash', shift=True)
    operator.wait(window, 'The window of the keys does not open')
    operator.see('PgDn', *(meaning for _, meaning in texts.KEYS))
    inside = 'return !!document.activeElement.closest("[role=dialog]")'
    operator.wait(lambda: operator.driver.execute_script(inside), 'The window does not take the focus')
    for key in ('Tab', 'Tab', 'Tab', 'Tab', 'Shift+Tab', 'Shift+Tab'):
        operator.press(key)
        assert operator.focus in {texts.CLOSE, texts.GUIDE_TITLE, texts.CHARACTER_KEYS}, 'The focus leaves the window'
    operator.press('Escape')
    operator.wait(lambda: not window(), 'The window does not close')

    operator.press('?')
    operator.wait(window, 'The window does not open again')
    switch_signs(operator, 'off')
    operator.find_messages()
    operator.see_found(*MONTH)
    operator.press('/', '?', 'ArrowDown', 'Space')
    operator.see_opened(1)
    assert not window()
    operator.click(texts.KEYS_TITLE)
    operator.wait(window, 'The window does not open by its button')
    switch_signs(operator, 'on')
    operator.find_messages()
    operator.press('/')
    see_focus(operator, texts.RECIPIENT)


def switch_signs(operator: Operator, to: str) -> None:
    """Press the check box of the open window, and wait until a page that is built anew has it so."""

    def signs() -> str:
        return str(
            operator.driver.execute_script('return document.querySelector("[data-characters]").dataset.characters')
        )

    def signs_of_a_new_page() -> str:
        operator.open('/messages')
        return signs()

    operator.wait(lambda: operator.driver.execute_script(STILL), 'The window keeps moving')
    operator.click(texts.CHARACTER_KEYS)
    operator.wait(lambda: signs() == to, 'The page does not learn of the choice')
    operator.wait(lambda: signs_of_a_new_page() == to, 'The choice is not kept')


def test_a_number_is_copied_as_it_is_dialled(operator: Operator) -> None:
    operator.find_messages(RECIPIENT='королев')
    operator.see_found(KOROLYOV, KOROLEVA)
    operator.click(f'{texts.COPY_NUMBER} +7 (916) 123-45-67')
    operator.see(texts.NUMBER_COPIED)
    paste(operator)
    operator.see_value(texts.RECIPIENT, '+79161234567')
    operator.press('ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter')
    paste(operator)
    operator.see_value(texts.RECIPIENT, '+79035554433')


def paste(operator: Operator) -> None:
    """Put what was copied into the first field, in place of what was there."""
    operator.press('/', 'Control+a')
    operator.press('Control+v')
