"""The secret that signs session cookies: made on the first start, kept beside the database, never a default."""

import os
import secrets
from pathlib import Path
from typing import Final

FILE: Final = 'storage.secret'
SHORTEST: Final = 32


def storage_secret(folder: Path) -> str:
    """Give the secret kept in `folder`, making both if need be; only the program's own user may read it.

    Raises:
        OSError: it can be neither read nor written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    known = path.read_text('ascii', 'replace').strip() if path.exists() else ''
    if len(known) >= SHORTEST:
        path.chmod(0o600)
        return known
    made = secrets.token_urlsafe(48)
    draft = folder / f'{FILE}.{secrets.token_hex(4)}'
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'w') as file:
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return made
