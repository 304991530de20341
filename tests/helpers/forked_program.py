"""The program in a process of its own that starts quickly: a fork of a process that has imported it.

The imports take two thirds of the CPU time of a start. Nothing acts on import, so that a fork differs from a start by a
user only in the cost of a password hash, which is low: each start and each sign-in would take another 100 ms. The
process that has imported the program is the fork server of `multiprocessing`: it starts with the first program of a
worker, and ends with the worker.
"""

import atexit
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.helpers.auth_services import fast_password_hashing

PRELOADED_MODULES = ('main', 'journal_ui.server')
"""What the program imports to serve its pages."""
PROCESS_NAME = multiprocessing.current_process().name
"""The name of a main process: NiceGUI serves in no other."""
_context = multiprocessing.get_context('forkserver')
_context.set_forkserver_preload([*PRELOADED_MODULES, __name__])


class StandardStreams(NamedTuple):
    """The files for the standard input, output and error of a program."""

    input: Path
    output: Path
    error: Path


class ForkedProgram:
    """A running program; it has the methods of subprocess.Popen that the tests use."""

    def __init__(
        self,
        main: Path,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: dict[str, str],
        streams: StandardStreams,
        umask: int | None = None,
    ) -> None:
        """Start a script of the project, such as main.py, with arguments.

        Args:
            main: the script.
            arguments: its arguments.
            folder: its working folder.
            environment: all its environment variables.
            streams: its standard streams; output is added to what the files contain.
            umask: the umask of its shell; by default that of the tests.
        """
        self._process = _context.Process(
            target=_run, args=(main, arguments, folder, environment, streams, umask), name=PROCESS_NAME
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Return the exit status, as subprocess.Popen does, or nothing while the program is running."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end of the program, and return its exit status.

        Raises:
            subprocess.TimeoutExpired: it is running after `timeout` seconds.
        """
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self._process.name), timeout or 0)
        return self._process.exitcode

    def send_signal(self, signal_number: int) -> None:
        """Send a signal to the program, if it is running."""
        if self.poll() is None:
            os.kill(self.pid, signal_number)

    def kill(self) -> None:
        """End the program at once."""
        self.send_signal(signal.SIGKILL)


def _run(
    main: Path,
    arguments: Sequence[str],
    folder: Path,
    environment: dict[str, str],
    streams: StandardStreams,
    umask: int | None,
) -> None:
    """Run a script in this process, which has just been forked, as Python runs it from the command line."""
    # Ctrl-C must reach only the tests; they stop the program at their end.
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    if umask is not None:
        os.umask(umask)
    added = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    for number, (path, flags) in enumerate(zip(streams, (os.O_RDONLY, added, added), strict=True)):
        opened = os.open(path, flags, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)
    # The tests read what the program has written so far.
    sys.stdout, sys.stderr = (os.fdopen(number, 'w', 1, closefd=False) for number in (1, 2))
    sys.argv = [str(main), *arguments]
    try:
        with fast_password_hashing():
            runpy.run_path(str(main), run_name='__main__')
    finally:
        # A process of `multiprocessing` ends without them.
        atexit._run_exitfuncs()
