"""The real program as a process of its own, started the way a user starts it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Protocol, Self

from tests.helpers.ports import free_port
from tests.helpers.process_guard import end_with_tests

PROJECT_ROOT = Path(__file__).parents[2]
START_TIMEOUT_SECONDS = 60
"""Seconds in which the program must answer on a busy machine; it needs a few."""
STOP_TIMEOUT_SECONDS = 15
"""Seconds in which a program that was asked to end must have ended."""
REMOVED_VARIABLES = ('JOURNAL_', 'NICEGUI_', 'PYTEST_')
"""Settings of the developer's own journal, and variables by which NiceGUI believes that it is under test."""


class Program:
    """One running journal; a context manager, or `start` and `stop`, any number of times at one address."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        *,
        entry: Sequence[str] = (str(PROJECT_ROOT / 'main.py'),),
        **environment: str,
    ) -> None:
        """Prepare a journal over a database.

        Args:
            folder: where it runs and writes its log; no `.env` of a developer's lies there.
            database_url: the value of JOURNAL_DATABASE_URL.
            entry: what Python runs, if not the journal; it takes the arguments of the journal.
            environment: further variables, such as JOURNAL_TIMEZONE.
        """
        self.folder = folder
        self._entry = entry
        self.log = folder / 'program.log'
        self.port = free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(REMOVED_VARIABLES)}
        self.environment |= {
            'JOURNAL_DATABASE_URL': database_url,
            'NICEGUI_STORAGE_PATH': str(folder / 'nicegui'),
            'PYTHONUNBUFFERED': '1',
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def process_id(self) -> int:
        """The program's own process, for tests that take it away."""
        assert self._process is not None, 'The program does not run.'
        return self._process.pid

    @property
    def output(self) -> str:
        """All that it has printed, over every start."""
        return self.log.read_text(errors='replace') if self.log.exists() else ''

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            RuntimeError: it ended or stayed silent; the message holds what it printed.
        """
        with self.log.open('ab') as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._entry, '--host', '127.0.0.1', '--port', str(self.port)],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C goes to the tests; they stop the program when they have finished with it.
                start_new_session=True,
            )
        end_with_tests(self._process.pid)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f'The program did not start:\n{self.output}')
            time.sleep(0.05)

    def stop(self) -> int | None:
        """Ask it to end as systemd would, insist if it does not; give its exit status."""
        if self._process is None:
            return None
        process, self._process = self._process, None
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        return process.wait()

    def run(self, *arguments: str, stdin: str = '') -> subprocess.CompletedProcess[str]:
        """Give the program a command, such as `user add`, over the same database, and wait for its end."""
        return subprocess.run(
            [sys.executable, *self._entry, *arguments],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def _is_ready(self) -> bool:
        connection = HTTPConnection('127.0.0.1', self.port, timeout=5)
        try:
            connection.request('GET', '/login')
            return connection.getresponse().status < 500
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


class StartProgram(Protocol):
    """Start a journal over a database, with further environment variables."""

    def __call__(self, database_url: str, **environment: str) -> Program: ...
