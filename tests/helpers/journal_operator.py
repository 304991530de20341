"""A user who works in the journal: actions on the list page and the content of the list, found by role."""

import json
import time
from collections.abc import Sequence
from typing import Self

import httpx
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from services import texts
from tests.helpers.accessibility_tree import collapse_whitespace
from tests.helpers.browser_user import BrowserUser

PASSWORD = 'correct horse battery'
"""The password of every account of the sample."""
CLERK_NAME = 'clerk'
LIVE_UPDATE_SECONDS = 2.0
"""Seconds within which a change in the database must be on the screen."""
Cookies = list[dict[str, str]]
READ_CELLS = """
const inOrder = (found, order) => [...found].sort((a, b) => a.getAttribute(order) - b.getAttribute(order));
const titles = inOrder(document.querySelectorAll('[role=columnheader]'), 'aria-colindex').map(head => head.innerText);
const rows = inOrder(document.querySelectorAll('[role=row]'), 'aria-rowindex')
    .map(row => inOrder(row.querySelectorAll('[role=gridcell]'), 'aria-colindex').map(cell => cell.innerText))
    .filter(cells => cells.length === titles.length)
    .map(cells => cells.map((cell, i) => [titles[i], cell]));
// The driver looks at each part of what a script returns, so that one text takes less time than a list.
return JSON.stringify(rows);
"""
READ_EXPANDED_ROWS = """
return [...document.querySelectorAll('[role=row]')].filter(row => row.querySelector('dl')).map(row =>
    [...row.querySelectorAll('dt')].filter(title => title.getClientRects().length)
        .map(title => [title.textContent, title.nextElementSibling.innerText]));
"""


class Operator(BrowserUser):
    """A user who searches the journal and reads the results."""

    # Sign-in

    def sign_in(self, name: str = CLERK_NAME, password: str = PASSWORD) -> None:
        """Fill in and submit the sign-in page that is open."""
        self.fill(texts.USER_NAME, name)
        self.fill(texts.PASSWORD, password)
        self.click(texts.SIGN_IN)

    def set_session_cookies(self, session: Cookies) -> None:
        """Sign in by cookies, without the sign-in page."""
        for cookie in session:
            self.driver.execute_cdp_cmd('Network.setCookie', {'url': self.base_url, **cookie})

    @classmethod
    def open_signed_in(cls, driver: Chrome, base_url: str, session: Cookies, path: str = '/messages') -> Self:
        """Return a user with a session, with a page of the journal at `base_url` open."""
        signed_in = cls(driver, base_url)
        signed_in.set_session_cookies(session)
        signed_in.open(path)
        return signed_in

    # Keyboard

    def focus_by_keyboard(self, name: str, key: str = 'Tab', steps: int = 40) -> None:
        """Press a key until the focused element has a name that starts with `name`."""
        visited = []
        for _ in range(steps):
            if self.focused_name.startswith(name):
                return
            visited.append(self.focused_name)
            self.press(key)
        raise AssertionError(f'{key} does not reach «{name}» but {visited}')

    # Search

    def search_messages(self, **conditions: str) -> None:
        """Fill in fields, each named by the constant of its label in services.texts, and click «Найти»."""
        for field, value in conditions.items():
            self.fill(getattr(texts, field), value)
        self.click(texts.FIND)

    def clear(self) -> None:
        """Click «очистить», and wait until the list is empty again."""
        self.click(texts.CLEAR)
        self.wait_for_text(texts.NO_DATA)
        self.wait_for_recipients()

    def clear_field(self, label: str) -> None:
        """Click the × of a field."""
        self.click('Очистить', self.field_container(label))

    def paste(self, label: str, text: str) -> None:
        """Paste a text into a field from the clipboard; it is cut from «ФИО получателя» before."""
        self.fill(texts.RECIPIENT, text)
        self.press('Control+a', 'Control+x')
        self.click_element(lambda: self.field(label))
        self.press('Control+a', 'Control+v')

    # The list

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of the list now, each by column title, without the details of expanded rows."""
        return [
            {collapse_whitespace(title): collapse_whitespace(cell) for title, cell in row}
            for row in json.loads(self.driver.execute_script(READ_CELLS))
        ]

    def column(self, title: str) -> list[str]:
        """Return the cells of a column now, from top to bottom."""
        return [row[title] for row in self.rows]

    def wait_for_column(self, title: str, expected: Sequence[str]) -> None:
        """Wait until the cells of a column are these, from top to bottom."""
        self.wait(
            lambda: self.column(title) == list(expected),
            lambda: f'In «{title}» stands {self.column(title)}, not {list(expected)}; the page: {self.text}',
        )

    def wait_for_recipients(self, *names: str) -> None:
        """Wait until the recipients in the list are exactly these, in any order."""
        self.wait(
            lambda: sorted(self.column(texts.RECIPIENT)) == sorted(names),
            lambda: f'Found: {self.column(texts.RECIPIENT)}, not {names}; the page: {self.text}',
        )

    def wait_for_field_message(self, label: str, sentence: str) -> None:
        """Wait until a field shows a message."""

        def is_displayed() -> bool:
            return collapse_whitespace(sentence) in collapse_whitespace(self.field_container(label).text)

        self.wait(is_displayed, lambda: f'At «{label}» stands: {self.field_container(label).text}')

    def wait_for_no_results(self, *sentences: str) -> None:
        """Wait until the empty list says that nothing was found, and which conditions to relax."""
        self.wait_for_text(texts.NO_RESULTS, *sentences)
        self.wait_for_recipients()

    def field_container(self, label: str) -> WebElement:
        """Find the element that contains a field, its buttons and its message."""
        return self.field(label).find_element(By.XPATH, './ancestor::label')

    # Expanded rows

    def click_in_row(self, label: str, number: int = 0) -> None:
        """Click a button or a link of a row by what it does; its name says which row, too.

        Args:
            label: the beginning of the name.
            number: the number of the row among those with such a button or link, from 0.
        """
        roles = ('button', 'link')
        self.wait(
            lambda: self.find_starting(roles, f'{label}: ')[number:],
            lambda: f'No name {number} starts with «{label}: »; there are: {", ".join(self.names(roles))}',
        )
        self.click_element(lambda: self.find_starting(roles, f'{label}: ')[number])

    @property
    def expanded_rows(self) -> list[dict[str, str]]:
        """The details of the expanded rows now, each by title, exactly as written, from top to bottom."""
        return [dict(pairs) for pairs in self.driver.execute_script(READ_EXPANDED_ROWS)]

    def wait_for_expanded_rows(self, number: int) -> None:
        """Wait until exactly this number of rows is expanded."""
        self.wait(
            lambda: len(self.find_starting(('button',), texts.HIDE_MESSAGE)) == number,
            lambda: f'{len(self.find_starting(("button",), texts.HIDE_MESSAGE))} rows are open, not {number}',
        )


def session_cookies(url: str, name: str = CLERK_NAME) -> Cookies:
    """Sign in through HTTP, and return the cookies that a browser would have."""
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
