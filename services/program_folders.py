"""The folders of the program: what it is shipped with, and where it keeps files unless a setting says otherwise.

In a checkout both are the folder of the program. A wheel has the shipped files in the package `message_journal`, which
exists only there (see setup.py), and must write nothing into the folder of the packages.
"""

import os
from pathlib import Path
from typing import Final

PROJECT_ROOT: Final = Path(__file__).resolve().parent.parent
"""The folder of the Python packages: the checkout, or `site-packages`."""
WHEEL_FOLDER: Final = PROJECT_ROOT / 'message_journal'
IS_WHEEL: Final = WHEEL_FOLDER.is_dir()
DATA_FOLDER: Final = (WHEEL_FOLDER if IS_WHEEL else PROJECT_ROOT) / 'data'
"""The dictionaries and the descriptions of SMS providers."""
DOCS_FOLDER: Final = (WHEEL_FOLDER if IS_WHEEL else PROJECT_ROOT) / 'docs'


def user_folder() -> Path:
    """Return the program's folder below the user's folder for data (XDG base directory specification)."""
    base = os.environ.get('XDG_DATA_HOME') or '~/.local/share'
    return Path(base).expanduser() / 'message-journal'


SETTINGS_FOLDER: Final = user_folder() if IS_WHEEL else PROJECT_ROOT
"""The folder of `.env`."""
STATE_FOLDER: Final = SETTINGS_FOLDER if IS_WHEEL else PROJECT_ROOT / 'data'
"""The folder of the database and of the other files that the program writes, by default."""
