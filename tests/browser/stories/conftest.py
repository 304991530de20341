"""Fixtures of the stories: a user whose gestures are counted."""

import pytest
from selenium.webdriver import Chrome

from tests.helpers.gesture_counter import CountingOperator
from tests.helpers.journal_operator import Cookies
from tests.helpers.program import Program


@pytest.fixture(scope='module')
def journal(sample_journal: Program) -> Program:
    """The sample journal; a module with a story of its own messages overrides it."""
    return sample_journal


@pytest.fixture
def counting_operator(driver: Chrome, journal: Program, session: Cookies) -> CountingOperator:
    """A user who is signed in, on the main page."""
    return CountingOperator.open_signed_in(driver, journal.url, session, '/')
