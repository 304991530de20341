"""What last month cost, this month against the last, which error grows: questions to «Сводка» from the main page."""

import base64
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from journal_ui.filters.typed_date import quick_periods
from models import AuditEvent, MessageStatus
from services import texts
from services.database.engine import Database
from services.database.tables import ACCESS_RECORD_TABLE
from services.formats import amount, integer, money
from services.ingest.message_parsing import IncomingMessage
from services.lists.query_conditions import describe_period
from services.lists.query_protocol import Period
from services.summary.compared_periods import previous_period
from tests.browser.axe import assert_accessible
from tests.helpers.accessibility_tree import collapse_whitespace
from tests.helpers.factories import incoming_message
from tests.helpers.gesture_counter import CountingOperator
from tests.helpers.program import Program, StartProgram
from tests.helpers.sample_data import fill_journal, moment, today

ORGANIZATION_COUNT = 40
DOWNLOAD_TIMEOUT = 60
"""Seconds for a file on a busy machine."""
READ_ORGANIZATIONS = """
return [...document.querySelectorAll('.organizations tbody tr')].map(row =>
    [...row.children].map(cell => cell.innerText));
"""
READ_COMPARED = """
return [...document.querySelectorAll('.compared tbody tr')].map(row => [...row.children].map(cell => cell.innerText));
"""
EXPORTS = select(ACCESS_RECORD_TABLE.c.section, ACCESS_RECORD_TABLE.c.found).where(
    ACCESS_RECORD_TABLE.c.act == AuditEvent.EXPORTED
)
FREE_TEXT_ERROR = 'Отказ оператора связи'


def last_month() -> Period:
    """Return the period of the button «Прошлый месяц»."""
    return quick_periods(today())[texts.PREVIOUS_MONTH]


def this_month() -> Period:
    """Return the period of the button «Этот месяц»."""
    return quick_periods(today())[texts.THIS_MONTH]


def story_messages() -> Iterator[IncomingMessage]:
    """Yield a sent message of each organisation on the first day of the last month, and errors of this week."""
    first = last_month().since
    assert first
    for number in range(ORGANIZATION_COUNT):
        yield incoming_message(
            organization=f'Поликлиника № {number:02}',
            queued_at=None,
            sent_at=moment((today() - first).days, 9),
            cost=Decimal('1.55') * (number + 1),
        )
    for _ in range(3):
        yield incoming_message(organization='Поликлиника № 01', queued_at=None, sent_at=moment(0, 0), cost=Decimal(2))
        yield failed(organization='Поликлиника № 07', error_code='1042', error_name='Абонент не в сети')
        yield failed(organization='Поликлиника № 08', error_code=None, error_name=FREE_TEXT_ERROR)
    yield failed(organization='Поликлиника № 09', error_code='1042', error_name='Абонент не в сети')
    yield failed(organization='Поликлиника № 09', error_code='7', error_name='Нет маршрута')


def failed(**changes: str | None) -> IncomingMessage:
    """Build a message that failed today."""
    return incoming_message(
        status=MessageStatus.FAILED,
        cost=Decimal(0),
        queued_at=moment(0, 0),
        attempted_at=moment(0, 0),
        **changes,  # type: ignore[arg-type]
    )


@pytest.fixture(scope='module')
def journal(start_program: StartProgram, journal_url: str) -> Program:
    """A journal with the messages of these stories."""
    return start_program(fill_journal(journal_url, list(story_messages())))


def open_summary(operator: CountingOperator) -> None:
    """Open «Сводка» by its tile, which is one gesture."""
    operator.click_element(lambda: operator.find(('heading',), texts.SUMMARY_TITLE))
    operator.switch_to_new_tab()


def organizations(operator: CountingOperator) -> list[list[str]]:
    """Return the rows of the table of organisations now."""
    rows: list[list[str]] = operator.driver.execute_script(READ_ORGANIZATIONS)
    return [[collapse_whitespace(cell) for cell in row] for row in rows]


def test_what_last_month_cost_by_organisation(
    counting_operator: CountingOperator, journal_url: str, downloads: Path
) -> None:
    operator = counting_operator
    with operator.question('what did last month cost, by organisation', gestures=2, seconds=5):
        open_summary(operator)
        operator.click(texts.PREVIOUS_MONTH)
        operator.wait(lambda: len(organizations(operator)) == ORGANIZATION_COUNT, lambda: operator.text)
    costs = [amount(Decimal('1.55') * (number + 1)) for number in reversed(range(ORGANIZATION_COUNT))]
    assert [row[-1] for row in organizations(operator)] == list(map(collapse_whitespace, costs)), 'the dearest first'
    assert operator.shows(texts.SUMMARY_CALM)
    # The order is in the URL, so that a reload and «Назад» restore it.
    period = last_month()
    operator.wait_for_path(f'/summary?from={period.since}&to={period.until}')
    operator.click(texts.ORGANIZATION)
    operator.wait_for_path(f'/summary?from={period.since}&to={period.until}&sort=name')
    assert organizations(operator)[0][0] == 'Поликлиника № 00'
    operator.click(texts.ORGANIZATION)
    operator.wait(lambda: operator.path.endswith('&sort=name&desc=1'), lambda: operator.path)
    operator.driver.refresh()
    operator.wait(lambda: organizations(operator), 'The reloaded page has no organisations')
    assert organizations(operator)[0][0] == f'Поликлиника № {ORGANIZATION_COUNT - 1}'
    # The workbook has the same rows in the same order.
    operator.click(f'{texts.EXPORT}: {texts.EXCEL}')
    (path,) = operator.wait(lambda: list(downloads.glob('*.xlsx')), 'No file has come', timeout=DOWNLOAD_TIMEOUT)
    assert path.name == f'{texts.SUMMARY_TITLE} {describe_period(period)}.xlsx'.replace('\N{NO-BREAK SPACE}', ' ')
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(texts.SUMMARY_ORGANIZATIONS).to_python()
    assert [row[0] for row in rows[1:-1]] == [row[0] for row in organizations(operator)]
    with closing(Database(journal_url)) as database:
        recorded = database.read_sync(lambda session: session.execute(EXPORTS).all())
    assert [tuple(each) for each in recorded] == [(texts.SUMMARY_TITLE, ORGANIZATION_COUNT)]
    # The whole of it is printed on two sheets.
    pdf = base64.b64decode(operator.driver.execute_cdp_cmd('Page.printToPDF', {'preferCSSPageSize': True})['data'])
    assert len(re.findall(rb'/Type\s*/Page\b', pdf)) == 2
    for query in (f'?from={period.since}&to={period.until}&sort=name', f'?from={period.since}&to={period.until}', ''):
        operator.driver.back()
        operator.wait_for_path(f'/summary{query}')
    operator.wait_for_value(f'{texts.PERIOD} {texts.PERIOD_UNTIL}', f'{today():%d.%m.%Y}')


def test_this_month_against_the_last(counting_operator: CountingOperator) -> None:
    operator = counting_operator
    previous = previous_period(this_month())
    with operator.question('this month against the last', gestures=2, seconds=5):
        open_summary(operator)
        operator.click(texts.THIS_MONTH)
        operator.wait_for_text(describe_period(this_month()), describe_period(previous))
    now, before, last_year = operator.driver.execute_script(READ_COMPARED)
    assert [collapse_whitespace(each) for each in (now[1], now[-1])] == ['11', collapse_whitespace(money(Decimal(6)))]
    if previous.since == last_month().since:  # on the first of a month, that day is compared with its weekday
        difference = texts.SUMMARY_DIFFERENCE.format(difference=integer(29), percent='72 %')
        lines = [collapse_whitespace(line) for line in before[1].splitlines() if line]
        assert lines == ['40', collapse_whitespace(texts.SUMMARY_LESS.format(difference=difference))]
        assert texts.SUMMARY_SAME_DATES in before[0]
    assert texts.SUMMARY_UNKNOWN in last_year[1], 'what the journal does not have is not zero'
    assert len(last_year) == 2
    assert_accessible(operator, 'summary')


def test_which_error_grows_and_whom_it_hits(counting_operator: CountingOperator) -> None:
    operator = counting_operator
    week = Period(today() - timedelta(days=6), today())
    with operator.question('which error grows, and whom does it hit', gestures=3, seconds=6):
        open_summary(operator)
        operator.wait_for_text('2 МО, чаще Поликлиника № 07: 3')
        operator.click(texts.SUMMARY_ALL_ERRORS.format(error='Абонент не в сети, код 1042'))
        operator.wait_for_text('1–4 из 4')
    operator.wait_for_path(f'/messages?from={week.since}&to={week.until}&status=failed&error=1042')
    assert sorted(operator.column(texts.ORGANIZATION)) == [*['Поликлиника № 07'] * 3, 'Поликлиника № 09']
    # An error without a code is the free text of a sender, which is in no URL.
    operator.driver.back()
    operator.click(texts.SUMMARY_ALL_ERRORS.format(error=FREE_TEXT_ERROR))
    operator.wait_for_text('1–3 из 3')
    operator.wait_for_column(texts.ORGANIZATION, ['Поликлиника № 08'] * 3)
    operator.wait_for_url_parts('who=')
