"""The main page: numbers that follow the database, each with its list, for those who may open the journals."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from selenium.webdriver.remote.webelement import WebElement

from models import MessageStatus
from services import texts
from services.ingest.file_import.message_format import MESSAGE_FORMAT
from tests.helpers.factories import message_cells, write_csv
from tests.helpers.journal_operator import Operator, session_cookies, wait_for_text_soon
from tests.helpers.program import Program
from tests.helpers.sample_data import IVANOVA, ZONE, fill_journal, moment, sample_messages


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample journal: one message has been waiting since noon four days ago, none failed today."""
    return fill_journal(journal_url, sample_messages())


def number_link(operator: Operator, title: str) -> WebElement:
    """Return the link that shows a number."""
    links = operator.driver.find_elements('css selector', '.figure')
    return next(link for link in links if link.text.startswith(title))


def number_lines(operator: Operator, title: str) -> list[str]:
    """Return the title, the value and the note of a number."""
    text: str = number_link(operator, title).text
    return text.splitlines()


def test_the_numbers_follow_the_database_and_lead_to_their_lists(
    operator: Operator, journal: Program, tmp_path: Path
) -> None:
    operator.open('/')
    operator.wait_for_text(texts.FIGURE_ERRORS)
    assert number_lines(operator, texts.FIGURE_ERRORS)[:2] == [texts.FIGURE_ERRORS, '0']
    age = datetime.now(ZONE) - moment(4)
    assert age >= timedelta(days=3), 'a shorter age is written in hours'
    waiting_lines = [texts.FIGURE_WAITING, '1', f'всего в очереди 1, старшее ждёт {age.days} дн.']
    assert number_lines(operator, texts.FIGURE_WAITING) == waiting_lines
    assert number_lines(operator, texts.FIGURE_TO_CALL)[1].isdecimal()
    assert number_lines(operator, texts.FIGURE_BALANCE) == [texts.FIGURE_BALANCE, texts.FIGURE_UNKNOWN]

    failed = {texts.STATUS: texts.STATUSES[MessageStatus.FAILED], texts.SENT_AT: '', texts.COST: '0'}
    now = datetime.now(ZONE).strftime('%d.%m.%Y %H:%M')
    columns = (*MESSAGE_FORMAT.required, texts.ATTEMPTED_AT)
    write_csv(tmp_path / 'failed.csv', [message_cells({**failed, texts.ATTEMPTED_AT: now})], columns=columns)
    imported = journal.run('import', str(tmp_path / 'failed.csv'))
    assert imported.returncode == 0, imported.stderr
    operator.wait(lambda: number_lines(operator, texts.FIGURE_ERRORS)[1] == '1', 'The number stays')
    assert journal.run('balance', 'set', '1234.56').returncode == 0
    wait_for_text_soon(operator, '1 234,56 руб.')

    operator.wait_for_text(texts.ALERT_QUEUE)
    operator.click_element(lambda: operator.driver.find_element('css selector', '.alerts summary'))
    alert = operator.driver.find_element('css selector', '.alerts li a')
    assert alert.text.endswith(texts.ALERT_QUEUE)
    assert str(alert.get_attribute('href')).endswith('/messages?status=waiting&sort=queued_at')

    operator.click_element(lambda: number_link(operator, texts.FIGURE_WAITING))
    operator.switch_to_new_tab()
    operator.wait_for_recipients(IVANOVA)
    operator.click_element(lambda: operator.driver.find_element('css selector', '.foot .queue a'))
    operator.wait_for_path('/messages?status=waiting&sort=queued_at')
    operator.wait_for_recipients(IVANOVA)


def test_a_role_without_the_journals_sees_no_numbers(operator: Operator, journal: Program) -> None:
    operator.set_session_cookies(session_cookies(journal.url, 'guest'))
    operator.open('/')
    operator.wait_for_text(texts.NO_SECTIONS)
    assert not operator.shows(texts.FIGURE_ERRORS)
    assert not operator.driver.find_elements('css selector', '.alerts')
