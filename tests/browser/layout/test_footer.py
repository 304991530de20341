"""The footer: always visible, and updated while the page is open."""

from pathlib import Path

import pytest

from services import texts
from tests.helpers.factories import message_cells, write_csv
from tests.helpers.journal_operator import Operator, wait_for_text_soon
from tests.helpers.program import Program
from tests.helpers.sample_data import fill_journal, sample_messages


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


def test_the_footer_stays_visible_under_a_full_list_and_on_a_phone(operator: Operator) -> None:
    operator.search_messages()
    operator.wait_for_text('1–')
    for width, height in ((1366, 768), (360, 640)):
        size = {'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': False}
        operator.driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', size)
        operator.wait(lambda: footer_is_visible(operator), f'At {width} × {height} the footer is not visible')
    operator.driver.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})


def footer_is_visible(operator: Operator) -> bool:
    """Return whether the whole footer is inside the window and shows its sums."""
    footer = operator.find_all(('contentinfo',))[0]
    inside: bool = operator.driver.execute_script(
        'const box = arguments[0].getBoundingClientRect();'
        'return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth',
        footer,
    )
    return inside and 'Отправлено сообщений на сумму' in footer.text and 'Баланс' in footer.text
