"""The secret that signs session cookies: generated at the first start and stored next to the database."""

import os
import secrets
from pathlib import Path
from typing import Final

SECRET_FILE_NAME: Final = 'storage.secret'
MIN_SECRET_LENGTH: Final = 32


def load_or_create_secret(folder: Path) -> str:
    """Load the secret from a folder; create the folder and the secret if they do not exist.

    Only the operating system user of the program may read the file.

    Raises:
        OSError: the file can be neither read nor written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / SECRET_FILE_NAME
    existing = path.read_text('ascii', 'replace').strip() if path.exists() else ''
    if len(existing) >= MIN_SECRET_LENGTH:
        path.chmod(0o600)
        return existing
    secret = secrets.token_urlsafe(48)
    temporary_path = folder / f'{SECRET_FILE_NAME}.{secrets.token_hex(4)}'
    with os.fdopen(os.open(temporary_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'w') as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    temporary_path.replace(path)
    return secret
