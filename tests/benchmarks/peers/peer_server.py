"""The server of a list tool as a separate process, and an HTTP client with cookies for it."""

import os
import re
import signal
import subprocess
from http.cookiejar import CookieJar
from pathlib import Path
from secrets import token_urlsafe
from typing import Self
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

from tests.benchmarks.peers.peer_tools import SERVED_PACKAGE, Peer
from tests.helpers.ports import free_port
from tests.helpers.program import PROJECT_ROOT
from tests.helpers.server_process import launch_server, wait_until_ready

PEERS_PYTHON = Path(os.environ.get('PEERS_PYTHON', PROJECT_ROOT / '.venv-peers' / 'bin' / 'python'))
"""The Python interpreter of the peers' virtual environment."""
TIMEOUT_SECONDS = 60.0
"""Seconds after which a request for a page fails."""
STOP_TIMEOUT_SECONDS = 5
USER, PASSWORD = 'operator', token_urlsafe()
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class PageTimeoutError(Exception):
    """A page did not arrive within TIMEOUT_SECONDS."""


class PeerServer:
    """One list tool; a context manager that also signs in if the tool requires it."""

    def __init__(self, peer: Peer, database: str, folder: Path) -> None:
        """Prepare a tool over the peers' database, given by its URL; its log is written to `folder`."""
        self._peer = peer
        self._port = free_port()
        self._command = [str(PEERS_PYTHON), '-m', *peer.command(self._port, database)]
        self._environment = _environment(database)
        self._log = folder / f'{peer.package}.log'
        self._process: subprocess.Popen[bytes] | None = None
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the tool, wait until it responds, and sign in.

        Raises:
            RuntimeError: the tool ended or did not respond; the message contains its output.
        """
        self._process = launch_server(self._command, self._log, folder=PROJECT_ROOT, environment=self._environment)
        wait_until_ready(self._peer.name, self._process, self._is_ready, log=self._log, stop=self.stop)
        if token := TOKEN.search(self.get(self._peer.home_path)):
            self.get(
                self._peer.home_path, csrfmiddlewaretoken=token[1], username=USER, password=PASSWORD, next='/admin/'
            )

    def stop(self) -> None:
        """Stop the tool and its workers with SIGTERM, and then with SIGKILL."""
        process, self._process = self._process, None
        if process is None:
            return
        for sent_signal in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, sent_signal)
                process.wait(STOP_TIMEOUT_SECONDS)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue

    def get(self, path: str, **form: str) -> str:
        """Request a page, with POST if there are form fields, and return its text.

        Raises:
            PageTimeoutError: the page did not arrive in time.
        """
        body = urlencode(form).encode() if form else None
        try:
            with self._opener.open(f'http://127.0.0.1:{self._port}{path}', body, TIMEOUT_SECONDS) as response:
                page: bytes = response.read()
        except TimeoutError as error:
            raise PageTimeoutError from error
        except URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise PageTimeoutError from error
            raise
        return page.decode()

    def _is_ready(self) -> bool:
        try:
            self.get(self._peer.home_path)
        except (HTTPError, URLError, ConnectionError):
            return False
        return True


def build_full_text_index(database: str) -> None:
    """Build Datasette's full-text index in the peers' database, given by its URL, if it is SQLite."""
    if database.startswith('sqlite:'):
        path = database.removeprefix('sqlite:///')
        _run_module(database, 'sqlite_utils', 'enable-fts', path, 'peer_message', 'name_key')


def prepare_django(database: str) -> None:
    """Create Django's own tables, and the user who signs in, in the peers' database."""
    _run_module(database, f'{SERVED_PACKAGE}.django_admin.prepare')


def _run_module(database: str, module: str, *arguments: str) -> None:
    subprocess.run([PEERS_PYTHON, '-m', module, *arguments], cwd=PROJECT_ROOT, env=_environment(database), check=True)


def _environment(database: str) -> dict[str, str]:
    """Return the environment of every process of a peer."""
    return os.environ | {
        'PEERS_DATABASE': database,
        'PEERS_USER': USER,
        'PEERS_PASSWORD': PASSWORD,
        'DJANGO_SETTINGS_MODULE': f'{SERVED_PACKAGE}.django_admin.settings',
        'PYTHONDONTWRITEBYTECODE': '1',
    }
