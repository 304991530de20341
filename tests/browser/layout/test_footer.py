"""The foot of the page: always in sight, and true while nobody touches the page."""

import time
from pathlib import Path

import pytest

from services import texts
from tests.helpers.factories import cells, csv_file
from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import fill, messages

SOON = 2.0
"""Seconds in which a change in the database is on the screen."""


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample: 15,50 roubles were spent."""
    return fill(journal_url, messages())


def test_sums_stand_at_the_foot_before_any_search_and_follow_the_database(
    operator: Operator, journal: Program, tmp_path: Path
) -> None:
    operator.see('Нет данных для отображения')
    assert operator.shows('Отправлено сообщений на сумму: 15,50 руб.')
    assert operator.shows('Баланс: нет данных')

    csv_file(tmp_path / 'new.csv', [cells({texts.COST: '1 000,25'}), cells({texts.COST: '0,50'})])
    imported = journal.run('import', str(tmp_path / 'new.csv'))
    assert imported.returncode == 0, imported.stderr
    see_soon(operator, 'Отправлено сообщений на сумму: 1 016,25 руб.')

    assert journal.run('balance', 'set', '1234.56').returncode == 0
    see_soon(operator, 'Баланс: 1 234,56 руб.')
    assert journal.run('balance', 'set', '-10').returncode == 0
    see_soon(operator, 'Баланс: -10,00 руб.')
    operator.see('Нет данных для отображения')


def test_the_foot_stays_in_sight_under_a_full_list_and_on_a_phone(operator: Operator) -> None:
    operator.find_messages()
    operator.see('1–')
    for width, height in ((1366, 768), (360, 640)):
        size = {'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': False}
        operator.driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', size)
        operator.wait(lambda: foot_in_sight(operator), f'At {width} × {height} the foot is out of sight')
    operator.driver.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})


def see_soon(operator: Operator, text: str) -> None:
    """See something that another process has just caused, in time; what follows the process's end is no excuse."""
    began = time.monotonic()
    operator.see(text)
    assert time.monotonic() - began < SOON


def foot_in_sight(operator: Operator) -> bool:
    """Tell whether the whole foot is inside the window."""
    foot = operator.all(('contentinfo',))[0]
    inside: bool = operator.driver.execute_script(
        'const box = arguments[0].getBoundingClientRect();'
        'return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth',
        foot,
    )
    return inside and 'Отправлено сообщений на сумму' in foot.text and 'Баланс' in foot.text
