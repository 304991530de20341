"""A list tool's server as a process of its own, and a browser's part before it."""

import os
import re
import signal
import subprocess
import time
from http.cookiejar import CookieJar
from pathlib import Path
from secrets import token_urlsafe
from typing import Self
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

from tests.benchmarks.peers.peer_tools import SERVED_PACKAGE, Peer
from tests.helpers.ports import free_port
from tests.helpers.process_guard import end_with_tests
from tests.helpers.program import PROJECT_ROOT, START_TIMEOUT_SECONDS

PEERS_PYTHON = Path(os.environ.get('PEERS_PYTHON', PROJECT_ROOT / '.venv-peers' / 'bin' / 'python'))
"""The interpreter of the peers' environment."""
TIMEOUT_SECONDS = 60.0
"""Seconds that a page is waited for."""
STOP_TIMEOUT_SECONDS = 5
USER, PASSWORD = 'operator', token_urlsafe()
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class PageTimeoutError(Exception):
    """A page did not come in time."""


class PeerServer:
    """One running list tool; a context manager, signed in where it asks for that."""

    def __init__(self, peer: Peer, database: str, folder: Path) -> None:
        """Prepare a tool over the peers' database, given by its URL; `folder` takes what it prints."""
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
        """Start it, wait until it answers, and sign in.

        Raises:
            RuntimeError: it ended or stayed silent; the message holds what it printed.
        """
        with self._log.open('ab') as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=PROJECT_ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A group of its own, so that it can be stopped with its workers.
                start_new_session=True,
            )
        end_with_tests(self._process.pid)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                home = self.get(self._peer.home_path)
                break
            except (HTTPError, URLError, ConnectionError) as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise RuntimeError(f'{self._peer.name} did not start:\n{self._log.read_text()}') from error
                time.sleep(0.05)
        if token := TOKEN.search(home):
            self.get(
                self._peer.home_path, csrfmiddlewaretoken=token[1], username=USER, password=PASSWORD, next='/admin/'
            )

    def stop(self) -> None:
        """Ask it and its workers to end, and insist."""
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
        """Get a page; with something `sent`, as a form.

        Raises:
            Late: it did not come in time.
        """
        body = urlencode(form).encode() if form else None
        try:
            with self._opener.open(f'http://127.0.0.1:{self._port}{path}', body, TIMEOUT_SECONDS) as answer:
                page: bytes = answer.read()
        except TimeoutError as error:
            raise PageTimeoutError from error
        except URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise PageTimeoutError from error
            raise
        return page.decode()


def build_full_text_index(database: str) -> None:
    """Make Datasette's full-text index in the peers' database, given by its URL; SQLite's alone."""
    if database.startswith('sqlite:'):
        path = database.removeprefix('sqlite:///')
        _run_module(database, 'sqlite_utils', 'enable-fts', path, 'peer_message', 'name_key')


def prepare_django(database: str) -> None:
    """Make Django's own tables in the peers' database, and the one who signs in."""
    _run_module(database, f'{SERVED_PACKAGE}.django_admin.prepare')


def _run_module(database: str, module: str, *arguments: str) -> None:
    subprocess.run([PEERS_PYTHON, '-m', module, *arguments], cwd=PROJECT_ROOT, env=_environment(database), check=True)


def _environment(database: str) -> dict[str, str]:
    """Give the variables that every peer's process is started with."""
    return os.environ | {
        'PEERS_DATABASE': database,
        'PEERS_USER': USER,
        'PEERS_PASSWORD': PASSWORD,
        'DJANGO_SETTINGS_MODULE': f'{SERVED_PACKAGE}.django_admin.settings',
        'PYTHONDONTWRITEBYTECODE': '1',
    }
