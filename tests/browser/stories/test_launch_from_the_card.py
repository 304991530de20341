"""A button of the patient's card opens the journal with the messages to the patient, through the sign-in page."""

from contextlib import closing
from urllib.parse import unquote

import httpx
import pytest
from selenium.webdriver import Chrome

from services import texts
from services.accounts.api_tokens import ApiTokens
from services.database.engine import Database
from tests.helpers.browser_user import BrowserUser
from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program, StartProgram
from tests.helpers.sample_data import SOKOLOVA, fill_journal, sample_messages

PATIENT = {'phone': '8 916 888-11-22', 'name': SOKOLOVA}
"""The recipient of a message older than the month that a page shows first."""


@pytest.fixture(scope='module')
def journal(start_program: StartProgram, journal_url: str) -> Program:
    """A journal over the sample under a path of its host."""
    running = start_program(fill_journal(journal_url, sample_messages()), JOURNAL_ROOT_PATH='/journal')
    running.url += '/journal'
    return running


@pytest.fixture
def launch_url(journal: Program, journal_url: str) -> str:
    """The URL that the portal receives for the patient."""
    with closing(Database(journal_url)) as database:
        headers = {'Authorization': f'Bearer {ApiTokens(database).add("card")}'}
    response = httpx.post(f'{journal.url}/api/v1/links', json=PATIENT, headers=headers)
    assert response.status_code == 201, response.text
    return str(response.json()['url'])


def test_a_link_leads_through_the_sign_in_to_the_messages_of_the_patient(
    driver: Chrome, journal: Program, launch_url: str
) -> None:
    operator = Operator(driver, journal.url)
    path = launch_url.removeprefix(journal.url)
    assert path.startswith('/messages?who=')
    operator.driver.get(launch_url)
    operator.wait_for_path(f'/login?redirect_to={path.replace("?", "%3F").replace("=", "%3D")}')
    operator.sign_in()
    operator.wait_for_recipients(SOKOLOVA)
    operator.wait_for_value(texts.RECIPIENT, SOKOLOVA)
    operator.wait_for_value(texts.PHONE, '+7 (916) 888-11-22')
    own_key = f'who={path.partition("=")[2]}'
    operator.wait(
        lambda: 'who=' in operator.path and own_key not in operator.path,
        lambda: f'The page keeps the link that expires: {operator.path}',
    )
    assert not [part for part in ('Соколова', '916') if part in unquote(operator.path)]
    operator.driver.refresh()
    operator.wait_for_recipients(SOKOLOVA)

    operator.click(texts.SIGN_OUT)
    operator.wait_for_path('/login')
    chief = Operator(driver, journal.url)
    chief.open('/access')
    chief.sign_in('chief')
    chief.wait_for_text(texts.ACCESS_TITLE)
    chief.fill(texts.ACCESS_SEARCH_TEXT, '+7 916 888-11-22')
    chief.click(texts.FIND)
    chief.wait_for_text('токен card', 'Создание ссылки', 'clerk', 'Поиск')


def test_a_link_that_leads_nowhere_is_told(browser_user: BrowserUser, journal: Program) -> None:
    operator = Operator(browser_user.driver, journal.url)
    operator.open('/messages?who=aaaaaaaaaaaaaaaaaaaaaa')
    operator.sign_in()
    operator.wait_for_text(texts.LINK_EXPIRED, texts.NO_DATA)
