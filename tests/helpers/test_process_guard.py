"""Processes that a test process started end with it, even if it is killed."""

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from services.settings import PROJECT_ROOT
from tests.helpers import temporary

TIMEOUT_SECONDS = 20
KILLED_PARENT = """
import os, signal, subprocess
from tests.helpers.process_guard import end_with_tests

child = subprocess.Popen(['sh', '-c', 'sleep 60 & wait'], start_new_session=True, stdout=subprocess.DEVNULL)
end_with_tests(child.pid, signal.{signal})
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def running_in_session(session_id: int) -> list[int]:
    """Return the processes of a session that have not ended."""
    found = []
    for stat in Path('/proc').glob('[0-9]*/stat'):
        try:
            state, _, _, session, *_ = stat.read_text().rpartition(')')[2].split()
        except OSError:
            continue  # it ended while the others were read
        if int(session) == session_id and state != 'Z':
            found.append(int(stat.parent.name))
    return found


@pytest.mark.skipif(not Path('/proc').exists(), reason='This system has no /proc.')
@pytest.mark.parametrize('first_signal', [signal.SIGKILL, signal.SIGTERM])
def test_a_child_and_its_children_end_when_the_parent_is_killed(first_signal: signal.Signals) -> None:
    parent = subprocess.run(
        [sys.executable, '-c', KILLED_PARENT.format(signal=first_signal.name)],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert parent.returncode == -signal.SIGKILL
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while running := running_in_session(int(parent.stdout)):
        assert time.monotonic() < deadline, f'{running} still run'
        time.sleep(0.02)


def test_the_folder_of_a_killed_run_is_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = subprocess.run(['sh', '-c', 'echo $$'], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    old, other = tmp_path / f'{temporary.PREFIX}{ended}-x', tmp_path / f'{temporary.PREFIX}1-x'
    old.mkdir()
    other.mkdir()
    monkeypatch.setattr(temporary, 'MEMORY', tmp_path)
    monkeypatch.setattr(temporary, 'REQUIRED_BYTES', 0)
    monkeypatch.setattr(temporary, '_own', [])
    monkeypatch.setattr(tempfile, 'tempdir', None)
    monkeypatch.setenv('TMPDIR', 'removed below, and restored after the test')
    monkeypatch.delenv('TMPDIR')
    temporary.use_memory()
    assert not old.exists()
    assert other.exists(), 'the process with this number still runs'
    (own,) = set(tmp_path.iterdir()) - {other}
    temporary.remove_memory()
    assert not own.exists()
