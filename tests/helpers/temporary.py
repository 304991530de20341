"""Where temporary files of the tests lie: in memory if there is room for them."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path('/dev/shm')
"""The folder that Linux holds in memory."""
ROOM = 4 * 1024**3
"""Bytes that must be free in it: two workers need less than half, and several runs may share a machine."""


def use_memory() -> None:
    """Put temporary files into memory, for this process and those it starts, unless TMPDIR names another folder.

    Containers often have 64 MB there, and some systems nothing at all: the disk serves as well, only slower.
    """
    if 'TMPDIR' in os.environ or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        return
    os.environ['TMPDIR'] = str(MEMORY)
    tempfile.tempdir = None
