"""The real program as a separate process, started as a user starts it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, Self

from tests.helpers.forked_program import ForkedProgram, StandardStreams
from tests.helpers.ports import free_port
from tests.helpers.process_guard import end_with_tests
from tests.helpers.server_process import START_TIMEOUT_SECONDS, launch_server, wait_until_ready

PROJECT_ROOT = Path(__file__).parents[2]
MAIN = PROJECT_ROOT / 'main.py'
REAL_START = (str(MAIN),)
"""The entry for a start that imports the program, as a user's does."""
STOP_TIMEOUT_SECONDS = 15
"""Seconds within which the program must end after SIGTERM."""
REMOVED_VARIABLES = ('JOURNAL_', 'NICEGUI_', 'PYTEST_', 'PYTHONDONTWRITEBYTECODE')
"""Prefixes of the developer's own settings, of variables that put NiceGUI into its test mode, and of the one that makes
every start compile the whole program."""


class Program:
    """One journal; a context manager, or `start` and `stop`, any number of times at one URL."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        *,
        entry: Sequence[str] = (),
        **environment: str,
    ) -> None:
        """Prepare a journal over a database.

        Args:
            folder: its working folder, which also takes its log; it must have no `.env`.
            database_url: the value of JOURNAL_DATABASE_URL.
            entry: the arguments of Python, such as REAL_START; the options of the journal follow them. Without it, the
                journal runs in a fork of a process that has imported it, which takes a third of the CPU time.
            environment: further environment variables, such as JOURNAL_TIMEZONE.
        """
        self.folder = folder
        self._entry = entry
        self.umask: int | None = None
        """The umask of the shell that starts it, if not that of the tests; it has no effect with `entry`."""
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
        self._process: subprocess.Popen[bytes] | ForkedProgram | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def process_id(self) -> int:
        """The process id of the program, for tests that kill it."""
        assert self._process is not None, 'The program is not running.'
        return self._process.pid

    @property
    def output(self) -> str:
        """All output of the program since its first start."""
        return self.log.read_text(errors='replace') if self.log.exists() else ''

    def start(self) -> None:
        """Start the program and wait until it responds.

        Raises:
            RuntimeError: the program ended or did not respond; the message contains its output.
        """
        self._process = self._launch()
        wait_until_ready('The program', self._process, self._is_ready, log=self.log, stop=self.stop)

    def wait_for_output(self, text: str) -> None:
        """Wait until the program has written a text."""
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while text not in self.output:
            assert time.monotonic() < deadline, f'«{text}» is not in: {self.output}'
            time.sleep(0.05)

    def stop(self, first_signal: signal.Signals = signal.SIGTERM) -> int | None:
        """Stop the program as systemd does, with a signal and then SIGKILL, and return its exit status."""
        if self._process is None:
            return None
        process, self._process = self._process, None
        if process.poll() is None:
            process.send_signal(first_signal)
            try:
                process.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        return process.wait()

    def run(self, *arguments: str, stdin: str = '') -> subprocess.CompletedProcess[str]:
        """Run a command of the program, such as `user add`, over the same database, and wait for its end."""
        if self._entry:
            return subprocess.run(
                [sys.executable, *self._entry, *arguments],
                cwd=self.folder,
                env=self.environment,
                input=stdin,
                capture_output=True,
                text=True,
                check=False,
            )
        with TemporaryDirectory() as temporary:
            streams = StandardStreams(*(Path(temporary, name) for name in StandardStreams._fields))
            streams.input.write_text(stdin)
            status = self._fork(arguments, streams).wait()
            return subprocess.CompletedProcess(arguments, status, streams.output.read_text(), streams.error.read_text())

    def _launch(self) -> subprocess.Popen[bytes] | ForkedProgram:
        arguments = ('--host', '127.0.0.1', '--port', str(self.port))
        if self._entry:
            command = [sys.executable, *self._entry, *arguments]
            return launch_server(command, self.log, folder=self.folder, environment=self.environment)
        process = self._fork(arguments, StandardStreams(Path(os.devnull), self.log, self.log))
        end_with_tests(process.pid)
        return process

    def _fork(self, arguments: Sequence[str], streams: StandardStreams) -> ForkedProgram:
        return ForkedProgram(
            MAIN,
            arguments,
            folder=self.folder,
            environment=self.environment,
            streams=streams,
            umask=self.umask,
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
