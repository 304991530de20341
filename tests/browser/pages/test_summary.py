"""«Сводка»: figures, pictures and tables, each leading to its messages in the journal."""

from datetime import date, timedelta

import pytest

from journal_ui.filters.typed_date import quick_periods
from services import texts
from services.formats import day, distinctive_part_first
from services.lists.query_conditions import describe_period
from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import KHIMKI, PODOLSK, today

BARS = """
return [...document.querySelectorAll('[role=img][aria-label]')].map(picture => [
    picture.getAttribute('aria-label'),
    [...picture.querySelectorAll('svg path')].filter(path => path.getAttribute('fill')?.includes('--')).length,
]);
"""
HIGHEST_BAR = """
document.querySelector('[role=img][aria-label]').scrollIntoView({block: 'center'});
const areas = [...document.querySelector('[role=img][aria-label]').querySelectorAll('svg path')]
    .filter(path => path.getAttribute('fill') === 'var(--failed)').map(path => path.getBoundingClientRect());
const box = areas.find(area => area.height > 2);
return box && [box.x + box.width / 2, box.y + box.height / 2];
"""

DELAY_TASKS = """
const setTimeout = window.setTimeout;
window.setTimeout = (task, delay, ...values) => setTimeout(task, delay || 60000, ...values);
"""
"""What a page puts off to the next task comes late, as in a busy browser."""


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The journal that stories only look at."""
    return sample_journal


@pytest.fixture
def reader(operator: Operator) -> Operator:
    """Somebody in front of the summary of the month."""
    operator.open('/summary')
    operator.wait_for_text(texts.SUMMARY_BY_DAY)
    return operator


def test_the_month_is_summed_up_as_the_page_opens(reader: Operator) -> None:
    reader.wait_for_title(texts.SUMMARY_TITLE)
    for name in ('Отправлено: 4', 'Ожидает отправки: 1', 'Ошибка отправки: 1', 'На сумму: 12,40 руб.'):
        reader.link(name)
    reader.wait_for_text('Доля ошибок', '20,0 %', 'Абонент не в сети, код 1042', 'новая')
    reader.wait_for_text(distinctive_part_first(PODOLSK), distinctive_part_first(KHIMKI), 'Напоминание ДС')
    # What calls for action comes first: the alerts of the header, here a queue that is stuck.
    reader.wait(lambda: texts.ALERT_QUEUE in first_section(reader), lambda: first_section(reader))
    assert first_section(reader).startswith(texts.SUMMARY_ATTENTION)
    reader.wait(lambda: len(reader.driver.execute_script(BARS)) == 2, lambda: f'{reader.driver.execute_script(BARS)}')
    pictures = dict(reader.driver.execute_script(BARS))
    assert all('диаграмма' in name and bars for name, bars in pictures.items()), pictures


def first_section(reader: Operator) -> str:
    """Return the text of the first section now."""
    return reader.driver.find_element('css selector', '.picture').text


def test_charts_are_replaced_as_soon_as_they_are_drawn(reader: Operator) -> None:
    reader.driver.execute_script(DELAY_TASKS)
    for button in (texts.PREVIOUS_MONTH, texts.THIS_MONTH, texts.PREVIOUS_MONTH):
        reader.click(button)
        reader.wait_for_text(describe_period(quick_periods(today())[button]))
    # The fixture fails if the console has an error.


def test_a_figure_of_the_table_leads_to_its_messages(reader: Operator) -> None:
    reader.click(f'{day(day_of_failure())}, Ошибка отправки: 1')
    reader.wait_for_path(f'/messages?from={day_of_failure()}&to={day_of_failure()}&status=failed')


def test_a_bar_leads_there_too(reader: Operator) -> None:
    x, y = reader.wait(lambda: reader.driver.execute_script(HIGHEST_BAR), 'No bar of a failed message is drawn')
    for kind in ('mousePressed', 'mouseReleased'):
        reader.driver.execute_cdp_cmd(
            'Input.dispatchMouseEvent', {'type': kind, 'x': x, 'y': y, 'button': 'left', 'clickCount': 1}
        )
    reader.wait_for_path(f'/messages?from={day_of_failure()}&to={day_of_failure()}&status=failed')


def day_of_failure() -> date:
    """Give the day on which the sample's one failed message was tried."""
    return today() - timedelta(days=2)


def test_the_summary_follows_its_filters_and_keeps_them_for_the_way_back(reader: Operator) -> None:
    reader.choose(texts.KIND, 'Вакцинация COVID-19')
    reader.click(texts.FIND)
    reader.link('Отправлено: 1')
    reader.wait_for_text('На сумму', '4,65 руб.')
    assert not reader.shows(texts.SUMMARY_BY_KIND)
    reader.click('Отправлено: 1')
    reader.wait(lambda: '/messages?' in reader.path and 'kind=vaccination' in reader.path, lambda: reader.path)
    reader.driver.back()
    reader.link('Отправлено: 1')
    reader.wait_for_value(texts.KIND, 'Вакцинация COVID-19')
    reader.fill(f'{texts.PERIOD} с', '01.02.2020')
    reader.fill(f'{texts.PERIOD} по', '02.02.2020')
    reader.click(texts.FIND)
    reader.wait_for_text(texts.NO_RESULTS)
    reader.click(texts.CLEAR)
    reader.link('Отправлено: 4')
