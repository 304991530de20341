"""Somebody who works in a journal: what he does there, and what he reads off the list, by roles alone."""

import time
from collections.abc import Sequence

import httpx
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from services import texts
from tests.helpers.browser_user import BrowserUser, collapse_whitespace

PASSWORD = 'correct horse battery'
"""Of every account that a sample has."""
CLERK_NAME = 'clerk'
LIVE_UPDATE_SECONDS = 2.0
"""Seconds within which a change in the database must be on the screen."""
Cookies = list[dict[str, str]]
READ_CELLS = """
const inOrder = (found, order) => [...found].sort((a, b) => a.getAttribute(order) - b.getAttribute(order));
const titles = inOrder(document.querySelectorAll('[role=columnheader]'), 'aria-colindex').map(head => head.innerText);
return inOrder(document.querySelectorAll('[role=row]'), 'aria-rowindex')
    .map(row => inOrder(row.querySelectorAll('[role=gridcell]'), 'aria-colindex').map(cell => cell.innerText))
    .filter(cells => cells.length === titles.length)
    .map(cells => cells.map((cell, i) => [titles[i], cell]));
"""
READ_EXPANDED_ROWS = """
return [...document.querySelectorAll('[role=row]')].filter(row => row.querySelector('dl')).map(row =>
    [...row.querySelectorAll('dt')].filter(title => title.getClientRects().length)
        .map(title => [title.textContent, title.nextElementSibling.innerText]));
"""


class Operator(BrowserUser):
    """Somebody who searches a journal and reads what is found."""

    # Coming in

    def sign_in(self, name: str = CLERK_NAME, password: str = PASSWORD) -> None:
        """Fill in the sign-in page that is open, and send it."""
        self.fill(texts.USER_NAME, name)
        self.fill(texts.PASSWORD, password)
        self.click(texts.SIGN_IN)

    def set_session_cookies(self, session: Cookies) -> None:
        """Be signed in already when the story begins."""
        for cookie in session:
            self.driver.execute_cdp_cmd('Network.setCookie', {'url': self.base_url, **cookie})

    # Going about by keyboard

    def focus_by_keyboard(self, name: str, key: str = 'Tab', steps: int = 40) -> None:
        """Press a key until the focus is on what is named so, or begins so."""
        visited = []
        for _ in range(steps):
            if self.focused_name.startswith(name):
                return
            visited.append(self.focused_name)
            self.press(key)
        raise AssertionError(f'{key} does not reach «{name}» but {visited}')

    # Searching

    def search_messages(self, **conditions: str) -> None:
        """Fill fields in, each called by the name of its text in services.texts, and press «Найти»."""
        for field, value in conditions.items():
            self.fill(getattr(texts, field), value)
        self.click(texts.FIND)

    def clear(self) -> None:
        """Press «очистить», and wait until the journal is as at first."""
        self.click(texts.CLEAR)
        self.wait_for_text(texts.NO_DATA)
        self.wait_for_recipients()

    def clear_field(self, label: str) -> None:
        """Press the × of a field."""
        self.click('Очистить', self._field_container(label))

    def paste(self, label: str, text: str) -> None:
        """Put a text into a field out of the clipboard, which it entered in «ФИО получателя»."""
        self.fill(texts.RECIPIENT, text)
        self.press('Control+a', 'Control+x')
        self.field(label).click()
        self.press('Control+a', 'Control+v')

    # Reading the list

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of the list at this moment, each by the titles of its columns; what is opened is none."""
        return [
            {collapse_whitespace(title): collapse_whitespace(cell) for title, cell in row}
            for row in self.driver.execute_script(READ_CELLS)
        ]

    def column(self, title: str) -> list[str]:
        """What stands in a column at this moment, from top to bottom."""
        return [row[title] for row in self.rows]

    def wait_for_column(self, title: str, expected: Sequence[str]) -> None:
        """Wait until exactly this stands in a column, from top to bottom."""
        self.wait(
            lambda: self.column(title) == list(expected),
            lambda: f'In «{title}» stands {self.column(title)}, not {list(expected)}; the page: {self.text}',
        )

    def wait_for_recipients(self, *names: str) -> None:
        """Wait until the list has exactly the recipients of these names, in any order."""
        self.wait(
            lambda: sorted(self.column(texts.RECIPIENT)) == sorted(names),
            lambda: f'Found: {self.column(texts.RECIPIENT)}, not {names}; the page: {self.text}',
        )

    def wait_for_field_message(self, label: str, sentence: str) -> None:
        """Wait until a sentence stands at a field, in sight."""

        def is_displayed() -> bool:
            return collapse_whitespace(sentence) in collapse_whitespace(self._field_container(label).text)

        self.wait(is_displayed, lambda: f'At «{label}» stands: {self._field_container(label).text}')

    def wait_for_no_results(self, *sentences: str) -> None:
        """Wait until the empty list says that nothing was found, and what to loosen."""
        self.wait_for_text(texts.NO_RESULTS, *sentences)
        self.wait_for_recipients()

    def _field_container(self, label: str) -> WebElement:
        """Find what holds a field, its buttons, and what is said at it."""
        return self.field(label).find_element(By.XPATH, './ancestor::label')

    # Opening rows

    @property
    def expanded_rows(self) -> list[dict[str, str]]:
        """What the opened rows say at this moment, each by its titles, to the letter; from top to bottom."""
        return [dict(pairs) for pairs in self.driver.execute_script(READ_EXPANDED_ROWS)]

    def wait_for_expanded_rows(self, number: int) -> None:
        """Wait until exactly so many rows are open."""
        self.wait(
            lambda: len(self.find_all(('button',), texts.HIDE_MESSAGE)) == number,
            lambda: f'{len(self.find_all(("button",), texts.HIDE_MESSAGE))} rows are open, not {number}',
        )


def session_cookies(url: str, name: str = CLERK_NAME) -> Cookies:
    """Sign in over the wire; give the cookies that a browser would have by now."""
    with httpx.Client(base_url=url, headers={'accept': 'text/html'}) as client:
        client.get('/login')
        client.post('/login', data={'name': name, 'password': PASSWORD})
        assert client.get('/').status_code == 200, f'{name} cannot sign in'
        return [{'name': cookie.name, 'value': cookie.value or ''} for cookie in client.cookies.jar]


def wait_for_text_soon(operator: Operator, text: str) -> None:
    """Wait for a text that a change by another process causes, and check that it appears within the limit."""
    began = time.monotonic()
    operator.wait_for_text(text)
    assert time.monotonic() - began < LIVE_UPDATE_SECONDS
