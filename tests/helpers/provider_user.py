"""What a user does in Chromium at the identity provider of the tests."""

from tests.helpers.browser_user import BrowserUser
from tests.helpers.oidc_provider import OidcProvider


def enter_login(user: BrowserUser, login: str) -> None:
    """Enter a user of the provider on its page."""
    user.fill('Login', login)
    user.click('Continue')


def sign_out_in_new_tab(user: BrowserUser, provider: OidcProvider, login: str) -> None:
    """Sign a user out at the provider in a new tab, wait until it is announced, and return to the open page."""
    page = user.driver.current_window_handle
    user.driver.switch_to.new_window('tab')
    user.driver.get(f'{provider.issuer}/session/end')
    user.click('Sign out')
    user.wait(lambda: provider.announced()[-1:] == [login], 'The sign-out is not announced')
    user.driver.switch_to.window(page)
