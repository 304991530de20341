"""NiceGUI's storage for each browser: its folder, and its creation under a new session identifier.

NiceGUI has no public function for either. A new identifier at sign-in prevents session fixation. NiceGUI creates the
storage in its own middleware, which has already run when the sign-in replaces the identifier. The program stores
nothing there.
"""

from pathlib import Path

from nicegui import app
from nicegui.storage import Storage


def set_storage_folder(folder: Path) -> None:
    """Create a folder that only the program's user can read, and make NiceGUI store its files there.

    Raises:
        OSError: the folder cannot be created.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    Storage.path = folder


async def create_user_storage(session_identifier: str) -> None:
    """Create the storage that NiceGUI expects for a session identifier."""
    await app.storage._create_user_storage(session_identifier)
