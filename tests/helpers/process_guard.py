"""End the servers and browsers that the tests started, even if the tests themselves are killed.

Servers run in sessions of their own, so that Ctrl-C reaches the tests alone. A test process that is killed cannot stop
them. A guard process holds the reading end of a pipe from the test process: the pipe closes when the test process ends,
however it ends, and the guard then ends whatever is still running.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PROC = Path('/proc')
PATIENCE_SECONDS = 5
"""Seconds after the first signal before a process is killed."""
PPID_FIELD, START_TIME_FIELD = 1, 19
"""Positions in /proc/PID/stat, counted from the field after the name of the command."""
_guard: list[subprocess.Popen[bytes]] = []


def end_with_tests(process_id: int, signal_number: int = signal.SIGKILL) -> None:
    """End a process and its descendants when this process ends, if they are still running.

    Args:
        process_id: a child of this process.
        signal_number: the signal to send first; SIGKILL follows after PATIENCE_SECONDS.
    """
    if not PROC.exists():
        return
    if not _guard:
        command = [sys.executable, '-I', '-S', __file__]
        _guard.append(subprocess.Popen(command, stdin=subprocess.PIPE, cwd='/', start_new_session=True))
    pipe = _guard[0].stdin
    assert pipe is not None
    pipe.write(f'{process_id} {_start_time(process_id)} {int(signal_number)}\n'.encode())
    pipe.flush()


def _stat_field(process_id: int, position: int) -> str:
    """Return a field of /proc/PID/stat, or nothing if the process has ended."""
    try:
        return (PROC / str(process_id) / 'stat').read_text().rpartition(')')[2].split()[position]
    except OSError:
        return ''


def _start_time(process_id: int) -> str:
    """Return when a process started, in clock ticks: it tells the process from a later one with the same number."""
    return _stat_field(process_id, START_TIME_FIELD)


def _descendants(process_id: int) -> list[int]:
    running = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
    parents = {each: _stat_field(each, PPID_FIELD) for each in running}
    found = [process_id]
    for each in found:  # the list grows while it is read
        found += [child for child, parent in parents.items() if parent == str(each)]
    return found[1:]


def _is_running(process_id: int, start_time: str) -> bool:
    # A zombie has ended; only its parent has not been informed yet.
    return _start_time(process_id) == start_time and _stat_field(process_id, 0) != 'Z'


def _guard_processes(lines: Iterable[str]) -> None:
    """Read processes until the pipe closes, then end those that still run."""
    watched = [line.split() for line in lines]
    for number, start_time, signal_number in watched:
        process_id = int(number)
        if not _is_running(process_id, start_time):
            continue
        family = [(each, _start_time(each)) for each in (process_id, *_descendants(process_id))]
        with suppress(ProcessLookupError):
            os.kill(process_id, int(signal_number))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while int(signal_number) != signal.SIGKILL and _is_running(*family[0]) and time.monotonic() < deadline:
            time.sleep(0.05)
        for each, started in family:
            with suppress(ProcessLookupError):
                if _is_running(each, started):
                    os.kill(each, signal.SIGKILL)


if __name__ == '__main__':
    _guard_processes(sys.stdin)
