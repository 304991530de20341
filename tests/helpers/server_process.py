"""The start of a server as a process of the tests."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from tests.helpers.process_guard import end_with_tests

START_TIMEOUT_SECONDS = 60
"""Seconds within which a server must respond on a busy machine; most need less than one."""


class Process(Protocol):
    """A running process; subprocess.Popen and ForkedProgram are such."""

    def poll(self) -> int | None:
        """Return the exit status, or nothing while the process is running."""


def launch_server(
    command: Sequence[str | Path],
    log: Path,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    end_signal: int = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a server without waiting for it.

    Args:
        command: the binary and its arguments.
        log: the file to which all output of the server is added.
        folder: its working folder; by default that of the tests.
        environment: all its environment variables; by default those of the tests.
        user: the user that runs it; by default that of the tests.
        end_signal: the signal that ends it if the tests do not stop it.
    """
    with log.open('ab') as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C must reach only the tests; they stop the server at their end.
            start_new_session=True,
        )
    end_with_tests(process.pid, end_signal)
    return process


def wait_until_ready(
    name: str, process: Process, is_ready: Callable[[], bool], *, log: Path, stop: Callable[[], object]
) -> None:
    """Wait until a server responds; stop it if it does not.

    Raises:
        RuntimeError: the server ended or did not respond; the message contains its output.
    """
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            output = log.read_text(errors='replace')
            stop()
            raise RuntimeError(f'{name} did not start:\n{output}')
        time.sleep(0.02)
