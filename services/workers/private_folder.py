"""Folders for files with patients' data that exist for a short time."""

import asyncio
import shutil
from pathlib import Path


def empty_private_folder(folder: Path) -> None:
    """Delete the files of an earlier run, and create the folder, readable by this user only.

    Raises:
        OSError: the folder cannot be created.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def remove_folder(folder: Path) -> None:
    """Delete a folder in a thread, because deleting a large file takes time."""
    asyncio.get_running_loop().run_in_executor(None, lambda: shutil.rmtree(folder, ignore_errors=True))
