"""A link to what somebody sees: a reload, «Назад» and a colleague get the same; and searches under a name."""

from collections.abc import Callable
from urllib.parse import unquote

import pytest

from services import texts
from tests.helpers.browser_user import BrowserUser
from tests.helpers.journal_operator import Operator, session_cookies
from tests.helpers.program import Program
from tests.helpers.sample_data import IVANOV, IVANOVA, KOROLEVA, KOROLYOV, MONTH, fill_journal, sample_messages


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample."""
    return fill_journal(journal_url, sample_messages())


def test_what_is_seen_survives_a_reload_and_back_and_is_shared(
    operator: Operator, journal: Program, another_user: Callable[[str], BrowserUser]
) -> None:
    operator.search_messages(RECIPIENT='корол')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.click(texts.COST)
    operator.wait_for_column(texts.RECIPIENT, [KOROLEVA, KOROLYOV])
    operator.click_in_row('Показать сообщение')
    operator.wait_for_expanded_rows(1)
    operator.wait_for_url_parts('who=', 'sort=cost', 'open=', 'page=1')
    assert 'корол' not in unquote(operator.path)
    link = operator.path
    operator.driver.refresh()
    operator.wait_for_column(texts.RECIPIENT, [KOROLEVA, KOROLYOV])
    operator.wait_for_expanded_rows(1)
    operator.wait_for_value(texts.RECIPIENT, 'корол')
    assert operator.path == link
    operator.driver.back()
    operator.wait_for_column(texts.RECIPIENT, [KOROLYOV, KOROLEVA])
    operator.driver.back()
    operator.wait_for_text(texts.NO_DATA)
    operator.wait_for_recipients()
    operator.driver.forward()
    operator.driver.forward()
    operator.wait_for_column(texts.RECIPIENT, [KOROLEVA, KOROLYOV])
    operator.wait_for_expanded_rows(1)
    operator.wait_for_value(texts.RECIPIENT, 'корол')
    seated = another_user(journal.url)
    colleague = Operator(seated.driver, seated.base_url)
    colleague.open(f'/login?redirect_to={link.replace("&", "%26").replace("?", "%3F")}')
    colleague.sign_in('chief')
    colleague.wait_for_column(texts.RECIPIENT, [KOROLEVA, KOROLYOV])
    colleague.wait_for_expanded_rows(1)


def test_pages_turn_back(operator: Operator) -> None:
    operator.choose(texts.PAGE_SIZE, '5')
    operator.click(texts.FIND)
    operator.wait_for_recipients(*MONTH[:5])
    operator.click(texts.NEXT_PAGE)
    operator.wait_for_recipients(*MONTH[5:])
    operator.wait_for_url_parts('page=2', 'size=5')
    operator.driver.back()
    operator.wait_for_recipients(*MONTH[:5])
    operator.wait_for_value(texts.PAGE_NUMBER, '1')
    operator.driver.forward()
    operator.wait_for_recipients(*MONTH[5:])
    operator.choose(texts.PAGE_SIZE, '20')
    operator.wait_for_recipients(*MONTH)


def test_what_is_typed_and_not_searched_survives_beside_the_search(operator: Operator) -> None:
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.wait_for_url_parts('who=')
    operator.fill(texts.RECIPIENT, 'иванов')
    operator.driver.refresh()
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.wait_for_value(texts.RECIPIENT, 'иванов')


def test_a_link_that_leads_nowhere_says_so_and_searches_nothing(operator: Operator) -> None:
    operator.open('/messages?who=aaaaaaaaaaaaaaaaaaaaaa&page=1')
    operator.wait_for_text(texts.LINK_EXPIRED, texts.NO_DATA)


def test_what_an_address_has_wrong_is_left_out_and_told(operator: Operator) -> None:
    operator.open('/messages?org=999&kind=x&sort=%00&page=-1&size=1000&from=31.31.2026&status=waiting&name=x')
    operator.wait_for_text(texts.LINK_INVALID)
    operator.wait_for_recipients(IVANOVA)
    operator.wait_for_path('/messages?status=waiting&page=1&size=20')


def test_searches_have_names(operator: Operator) -> None:
    operator.click(texts.SEARCHES)
    operator.click(texts.WAITING_LONG)
    operator.wait_for_recipients(IVANOVA)
    operator.wait_for_text('Ждут больше часа')
    operator.clear()
    operator.fill(texts.RECIPIENT, 'иванов')
    operator.click(texts.SEARCHES)
    operator.click(texts.SAVE_SEARCH)
    operator.fill(texts.SEARCH_NAME, 'Ивановы')
    operator.press('Enter')
    operator.wait(lambda: not operator.find_all(('textbox',), texts.SEARCH_NAME), 'The question is still there')
    operator.clear()
    operator.click(texts.SEARCHES)
    operator.click('Ивановы')
    operator.wait_for_recipients(IVANOV, IVANOVA)
    operator.click(texts.SEARCHES)
    operator.click(texts.DELETE_SEARCH.format(name='Ивановы'))
    operator.click(texts.DELETE)
    operator.wait(lambda: not operator.find_all(('button',), texts.DELETE), 'The question is still there')
    operator.click(texts.SEARCHES)
    operator.wait_for_text(texts.SAVE_SEARCH)
    operator.wait_for_no_text('Ивановы')


def test_a_link_is_no_way_past_the_guard(journal: Program, browser_user: BrowserUser) -> None:
    guest = Operator(browser_user.driver, journal.url)
    guest.set_session_cookies(session_cookies(journal.url, 'guest'))
    guest.open('/messages?status=failed&page=1')
    guest.wait_for_text(texts.FORBIDDEN_TITLE)
    guest.wait_for_no_text(KOROLEVA)
