"""The keyboard shortcuts of a list page, and that none of them interferes with typing."""

import pytest

from services import texts
from tests.helpers.journal_operator import Operator
from tests.helpers.sample_data import (
    IVANOV,
    IVANOVA,
    KOROLEVA,
    KOROLYOV,
    MONTH,
    SPECIAL_CHARACTERS,
    fill_journal,
    sample_messages,
)

PAGE_IS_STILL = 'return document.getAnimations().length === 0'


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """A sample journal of this module, because its tests change preferences."""
    return fill_journal(journal_url, sample_messages())


def press_on_a_russian_keyboard(operator: Operator, key: str, code: str, shift: bool = False) -> None:
    """Press a key that types another character than on an English keyboard."""
    event = {'key': key, 'code': code, 'text': key, 'modifiers': 8 if shift else 0}
    operator.driver.execute_cdp_cmd('Input.dispatchKeyEvent', {'type': 'keyDown', **event})
    operator.driver.execute_cdp_cmd('Input.dispatchKeyEvent', {'type': 'keyUp', **event})


def wait_for_focus(operator: Operator, name: str) -> None:
    """Wait until the element with this name has the focus."""
    operator.wait(
        lambda: operator.focused_name == name, lambda: f'The focus is on «{operator.focused_name}», not on «{name}»'
    )


def test_slash_focuses_the_first_field_and_is_a_character_in_a_field(operator: Operator) -> None:
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)
    operator.press('/')
    wait_for_focus(operator, texts.RECIPIENT)
    operator.type('кор/')
    operator.wait_for_value(texts.RECIPIENT, 'кор/')
    operator.click(texts.COLLAPSE_PANEL)
    operator.click_element(lambda: operator.find(('columnheader',), texts.RECIPIENT))
    press_on_a_russian_keyboard(operator, '.', 'Slash')
    wait_for_focus(operator, texts.RECIPIENT)
    operator.type('королёв')
    operator.wait_for_value(texts.RECIPIENT, 'королёв')
    operator.press('Enter')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    # the shortcut expands the panel until the next search only
    folded = operator.wait(
        lambda: [name for name in operator.names(('button',)) if name.endswith(texts.EXPAND_PANEL)],
        'The panel does not fold again',
    )
    operator.click(folded[0])
    operator.wait_for_text(texts.CLEAR)


def test_arrows_move_over_the_rows_and_space_expands(operator: Operator) -> None:
    operator.fill(texts.RECIPIENT, 'иванов')
    operator.press('Enter')
    operator.wait_for_recipients(IVANOV, IVANOVA)
    operator.press('ArrowDown')
    operator.wait(
        lambda: operator.focused_name.startswith(texts.SHOW_MESSAGE),
        lambda: f'The focus is on «{operator.focused_name}»',
    )
    operator.press('Space')
    operator.wait_for_expanded_rows(1)
    operator.wait(lambda: operator.expanded_rows, 'The row does not open')
    operator.press('ArrowDown', 'Enter')
    operator.wait_for_expanded_rows(2)
    operator.press('ArrowDown', 'ArrowUp', 'Space')
    operator.wait_for_expanded_rows(1)
    operator.wait(lambda: len(operator.expanded_rows) == 1, 'The first row does not close')
    operator.press('End', 'Space')
    operator.wait_for_expanded_rows(0)
    operator.press('Home', 'Space')
    operator.wait_for_expanded_rows(1)
    operator.press('ArrowUp', 'Space')
    operator.wait_for_expanded_rows(0)


def test_page_keys_turn_pages_except_in_a_field(operator: Operator) -> None:
    operator.choose(texts.PAGE_SIZE, '5')
    operator.search_messages()
    operator.wait_for_text('1–5 из 6')
    operator.press('ArrowDown', 'PageDown')
    operator.wait_for_text('6–6 из 6')
    operator.press('ArrowDown', 'Space')
    operator.wait_for_expanded_rows(1)
    operator.wait_for_column(texts.RECIPIENT, [SPECIAL_CHARACTERS])
    operator.press('PageUp')
    operator.wait_for_text('1–5 из 6')
    operator.field(texts.RECIPIENT).click()
    operator.press('PageDown', 'ArrowDown', 'Space')
    operator.wait_for_expanded_rows(1)
    operator.wait_for_column(texts.RECIPIENT, MONTH[:5])
    operator.choose(texts.PAGE_SIZE, '20')
    operator.wait_for_text('1–6 из 6')


def test_escape_undoes_one_step_at_a_time(operator: Operator) -> None:
    operator.search_messages(PHONE='9', RECIPIENT='иванова')
    operator.wait_for_recipients(IVANOVA)
    operator.field(texts.RECIPIENT).click()
    operator.press('Escape')
    operator.wait_for_value(texts.RECIPIENT, '')
    operator.press('Enter')
    operator.wait_for_recipients(*MONTH)
    operator.press('ArrowDown', 'Space')
    operator.wait_for_expanded_rows(1)
    operator.click('Календарь с')
    operator.wait_for_text('Пн')
    operator.press('Escape')
    operator.wait(lambda: not operator.find_all(('dialog',)), 'The calendar does not close')
    operator.wait_for_expanded_rows(1)
    assert not operator.shows(texts.ESCAPE_AGAIN)
    operator.press('Escape')
    operator.wait_for_expanded_rows(0)
    operator.wait_for_text(texts.ESCAPE_AGAIN)
    operator.press('ArrowDown', 'Escape', 'ArrowDown', 'Space')
    operator.wait_for_expanded_rows(1)
    operator.wait_for_recipients(*MONTH)
    operator.press('Escape', 'Escape')
    operator.wait_for_text(texts.NO_DATA)
    operator.wait_for_recipients()
    operator.wait_for_value(texts.PHONE, '+7 (___) ___-__-__')


def test_a_question_mark_shows_the_shortcuts_and_single_characters_can_be_disabled(operator: Operator) -> None:
    def is_dialog_open() -> bool:
        return bool(operator.find_all(('dialog',), texts.SHORTCUTS_TITLE))

    operator.search_messages()
    operator.wait_for_recipients(*MONTH)
    press_on_a_russian_keyboard(operator, ',', 'Slash', shift=True)
    operator.wait(is_dialog_open, 'The dialog of the shortcuts does not open')
    operator.wait_for_text('PgDn', *(meaning for _, meaning in texts.SHORTCUTS))
    inside = 'return !!document.activeElement.closest("[role=dialog]")'
    operator.wait(lambda: operator.driver.execute_script(inside), 'The dialog does not get the focus')
    for key in ('Tab', 'Tab', 'Tab', 'Tab', 'Shift+Tab', 'Shift+Tab'):
        operator.press(key)
        assert operator.focused_name in {texts.CLOSE, texts.GUIDE_TITLE, texts.CHARACTER_SHORTCUTS}, (
            'The focus leaves the dialog'
        )
    operator.press('Escape')
    operator.wait(lambda: not is_dialog_open(), 'The dialog does not close')

    operator.press('?')
    operator.wait(is_dialog_open, 'The dialog does not open again')
    toggle_character_shortcuts(operator, 'off')
    operator.search_messages()
    operator.wait_for_recipients(*MONTH)
    operator.press('/', '?', 'ArrowDown', 'Space')
    operator.wait_for_expanded_rows(1)
    assert not is_dialog_open()
    operator.click(texts.HELP)
    operator.wait(is_dialog_open, 'The dialog does not open by its button')
    toggle_character_shortcuts(operator, 'on')
    operator.search_messages()
    operator.press('/')
    wait_for_focus(operator, texts.RECIPIENT)


def toggle_character_shortcuts(operator: Operator, to: str) -> None:
    """Click the check box of the open dialog, and wait until a new page has the stored value."""

    def page_value() -> str:
        return str(
            operator.driver.execute_script('return document.querySelector("[data-characters]").dataset.characters')
        )

    def new_page_value() -> str:
        operator.open('/messages')
        return page_value()

    operator.wait(lambda: operator.driver.execute_script(PAGE_IS_STILL), 'The animation of the dialog does not end')
    operator.click(texts.CHARACTER_SHORTCUTS)
    operator.wait(lambda: page_value() == to, 'The page does not get the new value')
    operator.wait(lambda: new_page_value() == to, 'The value is not stored')


def test_a_phone_number_is_copied_as_it_is_dialled(operator: Operator) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.click(f'{texts.COPY_NUMBER} +7 (916) 123-45-67')
    operator.wait_for_text(texts.NUMBER_COPIED)
    paste(operator)
    operator.wait_for_value(texts.RECIPIENT, '+79161234567')
    operator.press('ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter')
    paste(operator)
    operator.wait_for_value(texts.RECIPIENT, '+79035554433')


def paste(operator: Operator) -> None:
    """Replace the content of the first field by the clipboard."""
    operator.press('/', 'Control+a')
    operator.press('Control+v')
