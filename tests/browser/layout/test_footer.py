"""The footer: always visible, and updated while the page is open; and the short messages above it."""

from pathlib import Path

import pytest

from services import texts
from tests.helpers.factories import message_cells, write_csv
from tests.helpers.journal_operator import Operator, wait_for_text_soon
from tests.helpers.program import Program
from tests.helpers.sample_data import fill_journal, sample_messages

SHOW_NOTICES = """
window.notices = [1, 2, 3].map(number => Quasar.Notify.create(
    {message: `${number}. ${arguments[0]}`, position: 'bottom', timeout: 0, multiLine: true}));
"""
VISIBLE_NOTICES = """
const boxOf = element => element.getBoundingClientRect();
const others = [...document.querySelectorAll('.head, .q-page-container, .foot')].map(boxOf);
const covers = (box, other) => box.top < other.bottom && box.bottom > other.top;
return [...document.querySelectorAll('.q-notification')].map(boxOf).filter(box =>
    box.height && box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth
    && !others.some(other => covers(box, other))).length;
"""
"""The number of short messages that are completely visible, and lie neither on the list nor on header or footer."""


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample journal, whose messages cost 15.50 roubles."""
    return fill_journal(journal_url, sample_messages())


def test_the_footer_shows_sums_before_any_search_and_follows_the_database(
    operator: Operator, journal: Program, tmp_path: Path
) -> None:
    operator.wait_for_text('Нет данных для отображения')
    assert operator.shows('Отправлено сообщений на сумму: 15,50 руб.')
    assert operator.shows('Баланс: нет данных')

    write_csv(tmp_path / 'new.csv', [message_cells({texts.COST: '1 000,25'}), message_cells({texts.COST: '0,50'})])
    imported = journal.run('import', str(tmp_path / 'new.csv'))
    assert imported.returncode == 0, imported.stderr
    wait_for_text_soon(operator, 'Отправлено сообщений на сумму: 1 016,25 руб.')

    assert journal.run('balance', 'set', '1234.56').returncode == 0
    wait_for_text_soon(operator, 'Баланс: 1 234,56 руб.')
    assert journal.run('balance', 'set', '-10').returncode == 0
    wait_for_text_soon(operator, 'Баланс: -10,00 руб.')
    operator.wait_for_text('Нет данных для отображения')


def test_the_footer_and_short_messages_cover_nothing_on_any_screen(operator: Operator) -> None:
    operator.search_messages()
    operator.wait_for_text('1–')
    for width, height in ((1366, 768), (390, 844), (360, 640)):
        size = {'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': False}
        operator.driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', size)
        operator.wait(lambda: footer_is_visible(operator), f'At {width} × {height} the footer is not visible')
        assert_notices_cover_nothing(operator, f'{width} × {height}')
    operator.driver.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})


def assert_notices_cover_nothing(operator: Operator, size: str) -> None:
    """Show three long messages, and check that they are beside everything else, and move nothing above them."""
    driver = operator.driver
    paging_bar = driver.find_element('css selector', '.paging')
    before = paging_bar.rect['y']
    driver.execute_script(SHOW_NOTICES, texts.DATABASE_DOWN_RETRY)
    operator.wait(
        lambda: driver.execute_script(VISIBLE_NOTICES) == 3,
        lambda: f'At {size} only {driver.execute_script(VISIBLE_NOTICES)} of 3 messages cover nothing',
    )
    assert paging_bar.rect['y'] == before
    driver.execute_script('window.notices.forEach(remove => remove())')
    operator.wait(lambda: not driver.find_elements('css selector', '.q-notification'), 'The messages stay')


def footer_is_visible(operator: Operator) -> bool:
    """Return whether the whole footer is inside the window and shows its sums."""
    footer = operator.find_all(('contentinfo',))[0]
    inside: bool = operator.driver.execute_script(
        'const box = arguments[0].getBoundingClientRect();'
        'return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth',
        footer,
    )
    return inside and 'Отправлено сообщений на сумму' in footer.text and 'Баланс' in footer.text
