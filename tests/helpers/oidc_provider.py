"""A certified OpenID provider (npm oidc-provider) as a process on loopback, and a browser without a screen for it."""

import json
import os
import re
import signal
import subprocess
from contextlib import suppress
from html import unescape
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin

import httpx

from tests.helpers.page_requests import HTML_HEADERS
from tests.helpers.ports import free_port
from tests.helpers.program import PROJECT_ROOT
from tests.helpers.server_process import launch_server, wait_until_ready

FOLDER = PROJECT_ROOT / 'tests' / 'oidc_provider'
NODE = PROJECT_ROOT / '.venv' / 'bin' / 'node'
CLIENT_ID, CLIENT_SECRET = 'journal', 'a secret: with + and %'
USERS: dict[str, dict[str, Any]] = {
    'anna': {'claims': {'preferred_username': 'Anna', 'roles': ['Admin', 'other']}, 'acr': '2', 'amr': ['pwd', 'otp']},
    'boris': {
        'claims': {'preferred_username': 'boris', 'roles': ['WebAdmin'], 'organizations': ['Химкинская больница']},
        'acr': '1',
        'amr': ['pwd'],
    },
    'clara': {'claims': {'preferred_username': 'clara', 'roles': ['other']}},
    'nobody': {},
}


class OidcProvider:
    """A running provider; a context manager, or `start` and `stop`, any number of times at one URL."""

    def __init__(self, folder: Path, journal_url: str, **client_changes: object) -> None:
        """Prepare a provider that knows the journal at a URL (with its root path) as a client."""
        self.port = free_port()
        self.issuer = f'http://127.0.0.1:{self.port}'
        self._folder = folder
        client = {
            'client_id': CLIENT_ID,
            'client_secret': CLIENT_SECRET,
            'redirect_uris': [f'{journal_url}/login/oidc/callback'],
            'post_logout_redirect_uris': [f'{journal_url}/login'],
            'backchannel_logout_uri': f'{journal_url}/login/oidc/backchannel',
            'backchannel_logout_session_required': True,
            'grant_types': ['authorization_code', 'refresh_token'],
            'response_types': ['code'],
            **client_changes,
        }
        self.configuration = {'port': self.port, 'clients': [client], 'users': USERS}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a journal whose users sign in here."""
        return {
            'JOURNAL_OIDC_ISSUER': self.issuer,
            'JOURNAL_OIDC_CLIENT_ID': CLIENT_ID,
            'JOURNAL_OIDC_CLIENT_SECRET': CLIENT_SECRET,
        }

    @property
    def log(self) -> Path:
        """All output of the provider."""
        return self._folder / 'provider.log'

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the provider and wait until it answers."""
        path = self._folder / 'provider.json'
        path.write_text(json.dumps(self.configuration))
        self._process = launch_server([NODE, FOLDER / 'server.mjs', path], self.log, folder=FOLDER)
        wait_until_ready('The provider', self._process, self._is_ready, log=self.log, stop=self.stop)

    def stop(self) -> None:
        """End the provider, with everything it remembers."""
        if self._process:
            # The command is a script of Python that starts Node as its child.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def change_user(self, login: str, **changes: object) -> None:
        """Change what the provider knows about a user: `claims`, `acr`, `amr`, or whether they are `blocked`."""
        self._control('user', {'login': login, 'user': changes})

    def rotate_keys(self, **options: object) -> None:
        """Replace the keys of the provider; `kind` is RSA or EC, with `keep` the keys of before stay published."""
        self._control('rotate', options)

    def announced(self) -> list[str]:
        """Return the users whose sign-out was announced to the journal, and the errors of such announcements."""
        announced: list[str] = self._control('', {})['backchannel']
        return announced

    def _control(self, action: str, data: object) -> dict[str, Any]:
        answer: dict[str, Any] = httpx.post(f'{self.issuer}/test/{action}', json=data, timeout=30).json()
        return answer

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f'{self.issuer}/.well-known/openid-configuration').status_code == 200
        except httpx.HTTPError:
            return False


def new_browser() -> httpx.Client:
    """Return a browser without cookies that follows no redirect by itself."""
    return httpx.Client(headers=HTML_HEADERS, timeout=30)


def sign_in(browser: httpx.Client, journal_url: str, login: str, path: str = '') -> httpx.Response:
    """Sign in as a user of the provider; return the last response, which is a page of the journal.

    Args:
        browser: see `new_browser`.
        journal_url: the URL of the journal, with its root path.
        login: the user, if the provider asks for one.
        path: the page to open afterwards, as the query of the sign-in.
    """
    return finish_sign_in(browser, browser.get(f'{journal_url}/login/oidc{path}'), login)


def finish_sign_in(browser: httpx.Client, response: httpx.Response, login: str) -> httpx.Response:
    """Follow redirects, and enter the user where the provider asks for one."""
    for _ in range(20):
        if response.is_redirect:
            response = browser.get(urljoin(str(response.url), response.headers['location']))
        elif '/interaction/' in str(response.url):
            response = browser.post(response.url, data={'login': login})
        else:
            return response
    raise AssertionError(f'The redirects do not end: {response.url}')


def submit_form(browser: httpx.Client, page: httpx.Response, label: str, **more: str) -> httpx.Response:
    """Submit the form of a page that has a button with a label; return the response."""
    form = next(form for form in re.findall(r'<form.*?</form>', page.text, re.DOTALL) if label in form)
    action = re.search(r'action="([^"]*)"', form)
    fields = dict(re.findall(r'name="([^"]*)" value="([^"]*)"', form))
    fields = {name: unescape(value) for name, value in fields.items()}
    url = urljoin(str(page.url), unescape(action[1]) if action else '')
    return browser.post(url, data={**fields, **more})
