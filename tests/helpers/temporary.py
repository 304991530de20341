"""The folder for the temporary files of the tests: in memory if there is room for it."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path('/dev/shm')
"""The folder that Linux holds in memory."""
REQUIRED_BYTES = 4 * 1024**3
"""Bytes that must be free in it: two workers need less than half, and several runs may share a machine."""
PREFIX = 'journal-tests-'
_own: list[Path] = []


def use_memory() -> None:
    """Create a folder for temporary files in memory, for this process and those it starts, unless TMPDIR is set.

    Folders of earlier runs are removed: those of killed runs, and those that failed runs left to be examined.
    Containers often have 64 MB of shared memory, and some systems none: the disk then serves as well, only slower.
    """
    if 'TMPDIR' in os.environ or not os.access(MEMORY, os.W_OK):
        return
    for folder in MEMORY.glob(f'{PREFIX}*'):
        process_id = folder.name.removeprefix(PREFIX).partition('-')[0]
        if not Path('/proc', process_id).exists():
            shutil.rmtree(folder, ignore_errors=True)
    if shutil.disk_usage(MEMORY).free < REQUIRED_BYTES:
        return
    folder = Path(tempfile.mkdtemp(prefix=f'{PREFIX}{os.getpid()}-', dir=MEMORY))
    # PostgreSQL runs as nobody if the tests run as root, and must reach its own folder below.
    folder.chmod(0o711)
    _own.append(folder)
    os.environ['TMPDIR'] = str(folder)
    tempfile.tempdir = None


def remove_memory() -> None:
    """Remove the folder that this process created with `use_memory`, if it created one."""
    while _own:
        shutil.rmtree(_own.pop(), ignore_errors=True)
