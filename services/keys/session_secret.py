"""Secrets in files next to the database, generated at the first start: the key that signs session cookies, for one."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

SECRET_FILE_NAME: Final = 'storage.secret'
MIN_SECRET_LENGTH: Final = 32


def load_or_create_secret(folder: Path, name: str = SECRET_FILE_NAME) -> str:
    """Load the secret from the file `name` of a folder; create the folder and the secret if they do not exist.

    Only the operating system user of the program may read the file. Of two processes that create it, both return the
    secret of the first.

    Raises:
        OSError: the file can be neither read nor written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if existing := _load(path):
        path.chmod(0o600)
        return existing
    path.unlink(missing_ok=True)  # too short to be a secret: an empty file, for example
    temporary_path = folder / f'{name}.{secrets.token_hex(4)}'
    with os.fdopen(os.open(temporary_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'w') as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        path.hardlink_to(temporary_path)
    temporary_path.unlink()
    return _load(path)


def _load(path: Path) -> str:
    """Return the secret of a file; an empty text if there is no file or no secret in it."""
    secret = path.read_text('ascii', 'replace').strip() if path.exists() else ''
    return secret if len(secret) >= MIN_SECRET_LENGTH else ''
