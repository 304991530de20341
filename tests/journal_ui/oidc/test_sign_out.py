"""Sign-out here and at the provider: each ends the session of the other side, and open pages close at once."""

import re
from html import unescape

import httpx
import pytest

from services import texts
from tests.helpers.oidc_provider import OidcProvider, finish_sign_in, new_browser, sign_in, submit_form
from tests.helpers.page_socket import PageSocket
from tests.helpers.program import Program

LABEL = 'ИЭМК'


def sign_out_at_the_provider(browser: httpx.Client, provider: OidcProvider) -> httpx.Response:
    """Sign out at the provider itself, not at the journal."""
    page = browser.get(f'{provider.issuer}/session/end')
    return submit_form(browser, page, 'logout', logout='yes')


def page_of(browser: httpx.Client, journal: str) -> PageSocket:
    """Return the open page of a user who has signed in."""
    client = httpx.Client(base_url=journal, headers=browser.headers, timeout=30)
    for cookie in browser.cookies.jar:
        if cookie.name.startswith('journal'):
            client.cookies.set(cookie.name, str(cookie.value))
    return PageSocket(client, '/')


def test_signing_out_here_leads_out_of_the_provider_and_back(
    journal: str, provider: OidcProvider, browser: httpx.Client
) -> None:
    sign_in(browser, journal, 'anna')
    page = browser.post(f'{journal}/logout')
    assert page.status_code == 200
    assert texts.SIGNED_OUT_TITLE in page.text
    assert "form-action 'self';" in page.headers['content-security-policy']
    assert page.headers['cache-control'] == 'no-store'
    assert browser.get(f'{journal}/').headers['location'] == '/journal/login'
    link = re.search(rf'href="([^"]*)">{texts.SIGN_OUT_ALSO.format(label=LABEL)}<', page.text)
    assert link
    at_provider = browser.get(unescape(link[1]))
    assert at_provider.status_code == 200
    assert set(at_provider.url.params) == {'client_id', 'post_logout_redirect_uri'}
    back = finish_sign_in(browser, submit_form(browser, at_provider, 'logout', logout='yes'), '')
    assert str(back.url) == f'{journal}/login'
    assert '/interaction/' in str(httpx.URL(browser.get(ask(browser, journal)).headers['location']))


def ask(browser: httpx.Client, journal: str) -> str:
    """Return where the provider is asked for a sign-in."""
    return str(browser.get(f'{journal}/login/oidc').headers['location'])


def test_signing_out_at_the_provider_closes_open_pages(
    journal: str, provider: OidcProvider, browser: httpx.Client
) -> None:
    sign_in(browser, journal, 'anna')
    with new_browser() as other:
        sign_in(other, journal, 'boris')
        with page_of(browser, journal) as page, page_of(other, journal) as other_page:
            sign_out_at_the_provider(browser, provider)
            assert '/login' in page.wait_for('"open"')
            assert provider.announced()[-1] == 'anna'
            assert not any('"open"' in frame for frame in other_page.frames(1.5))
        assert other.get(f'{journal}/').status_code == 200
    assert browser.get(f'{journal}/').headers['location'] == '/journal/login'


def test_only_the_announced_session_ends(journal: str, provider: OidcProvider, browser: httpx.Client) -> None:
    sign_in(browser, journal, 'anna')
    with new_browser() as other:
        sign_in(other, journal, 'anna')
        sign_out_at_the_provider(browser, provider)
        assert browser.get(f'{journal}/').status_code == 303
        assert other.get(f'{journal}/').status_code == 200


@pytest.mark.parametrize('token', ['', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.', 'я'])
def test_an_invalid_announcement_is_refused(token: str, journal: str) -> None:
    answer = httpx.post(f'{journal}/login/oidc/backchannel', data={'logout_token': token})
    assert (answer.status_code, answer.json()) == (400, {'error': 'invalid_request'})
    assert answer.headers['cache-control'] == 'no-store'


def test_an_announcement_is_bounded_and_comes_from_no_page(journal: str) -> None:
    url = f'{journal}/login/oidc/backchannel'
    assert httpx.post(url, data={'logout_token': 'a' * 20_000}).status_code == 413
    assert httpx.post(url, data={'logout_token': 'a'}, headers={'origin': 'https://evil.test'}).status_code == 403
    assert httpx.post(url, data={'logout_token': 'a'}, headers={'sec-fetch-site': 'cross-site'}).status_code == 403
    assert httpx.post(url, json={'logout_token': 'a'}).status_code == 415
    assert httpx.get(url).status_code in (404, 405)


def test_too_many_invalid_announcements_are_refused_unread(journal: str) -> None:
    # One connection for all: a slow machine must not make them so slow that they are not too many.
    with httpx.Client() as sender:
        statuses = [
            sender.post(f'{journal}/login/oidc/backchannel', data={'logout_token': 'a'}).status_code for _ in range(80)
        ]
    assert statuses[-1] == 429


def test_without_the_provider_a_sign_out_is_local(
    journal: str, provider: OidcProvider, program: Program, browser: httpx.Client
) -> None:
    sign_in(browser, journal, 'anna')
    program.stop()
    provider.stop()
    program.start()
    page = browser.post(f'{journal}/logout')
    provider.start()
    assert texts.SIGNED_OUT_ELSEWHERE.format(label=LABEL) in page.text
    assert re.search(r'href="/journal/login"', page.text)
    assert browser.get(f'{journal}/').headers['location'] == '/journal/login'
