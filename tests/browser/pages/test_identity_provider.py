"""Signing in and out with an identity provider in Chromium, with its policies of content and cookies."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from services import texts
from tests.browser.axe import assert_accessible
from tests.helpers.journal_operator import PASSWORD, Operator
from tests.helpers.oidc_provider import OidcProvider
from tests.helpers.program import Program
from tests.helpers.provider_user import enter_login, sign_out_in_new_tab
from tests.helpers.sample_data import fill_journal, sample_messages

LABEL = 'ИЭМК'
SIGN_IN = texts.OIDC_SIGN_IN.format(label=LABEL)


@pytest.fixture(scope='module')
def program(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Program:
    """A journal that is not started yet, in which only one account has a password."""
    folder = tmp_path_factory.mktemp('program')
    (folder / 'journal.db').write_bytes(sqlite_template.read_bytes())
    url = fill_journal(f'sqlite:///{folder}/journal.db', sample_messages())
    return Program(folder, url, JOURNAL_LOCAL_ACCOUNTS='chief')


@pytest.fixture(scope='module')
def provider(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    """A provider at which the users of the journal sign in."""
    with OidcProvider(tmp_path_factory.mktemp('provider'), program.url) as running:
        program.environment |= running.environment
        yield running


@pytest.fixture(scope='module')
def journal(program: Program, provider: OidcProvider) -> Iterator[Program]:
    """The running journal."""
    with program:
        yield program


@pytest.fixture
def visitor(driver: Chrome, journal: Program) -> Operator:
    """A visitor who has not signed in."""
    return Operator(driver, journal.url)


def enter(visitor: Operator, login: str) -> None:
    """Press the button of the provider, and enter a user there."""
    visitor.click(SIGN_IN)
    enter_login(visitor, login)


def test_a_user_signs_in_and_out_and_the_provider_asks_again(visitor: Operator, provider: OidcProvider) -> None:
    visitor.open('/users')
    assert_accessible(visitor, 'the sign-in page')
    enter(visitor, 'anna')
    visitor.wait_for_path('/users')
    visitor.wait_for_text(texts.USER_EXTERNAL.format(label=LABEL))
    visitor.click(texts.SIGN_OUT)
    visitor.wait_for_text(texts.SIGNED_OUT_TITLE)
    assert_accessible(visitor, 'the page after a sign-out')
    visitor.click(texts.SIGN_OUT_ALSO.format(label=LABEL))
    visitor.click('Sign out')
    visitor.wait_for_path('/login')
    visitor.click(SIGN_IN)
    visitor.field('Login')


def test_signing_out_at_the_provider_closes_the_open_page(visitor: Operator, provider: OidcProvider) -> None:
    visitor.open('/login')
    enter(visitor, 'anna')
    visitor.wait_for_path('/')
    sign_out_in_new_tab(visitor, provider, 'anna')
    visitor.wait_for_path('/login')


def test_the_local_form_is_folded_if_one_account_has_a_password(visitor: Operator) -> None:
    visitor.open('/login')
    assert texts.USER_NAME not in visitor.text
    visitor.driver.find_element('css selector', 'summary').click()
    visitor.wait_for_text(texts.OIDC_LOCAL_ONLY_HINT.format(label=LABEL))
    visitor.sign_in('clerk')
    visitor.wait_for_text(texts.SIGN_IN_REFUSED)
    visitor.sign_in('chief', PASSWORD)
    visitor.wait_for_path('/')
