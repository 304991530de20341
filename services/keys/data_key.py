"""The data key: encrypts secrets in the database, and hashes what must be found again but not be readable.

The key is outside the database: whoever reads a copy of the database alone gets neither the secrets nor the values.
It is the setting JOURNAL_DATA_KEY, else the file data.key in the state folder, else JOURNAL_STORAGE_SECRET, else a new
file. The database remembers which key it was opened with, so that another key is refused instead of misread.
"""

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from sqlmodel import Session

from models import JournalState
from services.database.engine import Database
from services.errors import JournalError
from services.keys.session_secret import load_or_create_secret

KEY_FILE_NAME: Final = 'data.key'
CHECK_PURPOSE: Final = 'check'


class DataKeyError(JournalError):
    """The data key is not the one that the database was opened with before."""


class DataKey:
    """Derives an independent key for each purpose from one secret."""

    def __init__(self, secret: str) -> None:
        """Derive from `secret`, a text with at least 128 bits of entropy."""
        self._secret = secret.encode()

    def digest(self, purpose: str, *parts: str) -> str:
        """Return the HMAC-SHA256 of the parts in hexadecimal; equal parts have equal digests within one purpose."""
        message = b''.join(len(part).to_bytes(4) + part for part in map(str.encode, parts))
        return hmac.new(self._derive(purpose), message, hashlib.sha256).hexdigest()

    def encrypt(self, purpose: str, text: str) -> str:
        """Encrypt and authenticate a text (Fernet: AES-128-CBC and HMAC-SHA256); the result differs each time."""
        return self._cipher(purpose).encrypt(text.encode()).decode()

    def decrypt(self, purpose: str, encrypted: str) -> str:
        """Decrypt the result of `encrypt`.

        Raises:
            DataKeyError: the text was encrypted with another key or for another purpose, or was changed.
        """
        try:
            return self._cipher(purpose).decrypt(encrypted.encode()).decode()
        except InvalidToken:
            raise DataKeyError(purpose) from None

    def _cipher(self, purpose: str) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._derive(purpose)))

    def _derive(self, purpose: str) -> bytes:
        return hmac.new(self._secret, purpose.encode(), hashlib.sha256).digest()


def open_data_key(database: Database, folder: Path, *, data_key: str = '', storage_secret: str = '') -> DataKey:
    """Return the data key of a migrated database; blocks.

    Args:
        database: the database; it stores a digest of the key when it is opened for the first time.
        folder: the folder of the key file.
        data_key: the setting JOURNAL_DATA_KEY, or an empty text.
        storage_secret: the setting JOURNAL_STORAGE_SECRET, or an empty text.

    Raises:
        DataKeyError: the database was opened with another key before.
        OSError: the key file can be neither read nor written.
        DatabaseError: see services.errors.
    """
    known_check = database.read_sync(lambda session: session.get_one(JournalState, 1).data_key_check)
    secret = data_key
    if not secret and (storage_secret or known_check) and not (folder / KEY_FILE_NAME).exists():
        # Do not create a second key for a database that has one.
        secret = storage_secret
        if not secret:
            raise DataKeyError(KEY_FILE_NAME)
    key = DataKey(secret or load_or_create_secret(folder, KEY_FILE_NAME))
    check = key.digest(CHECK_PURPOSE)

    def check_or_store(session: Session) -> None:
        state = session.get_one(JournalState, 1)
        if state.data_key_check is None:
            state.data_key_check = check
        elif not hmac.compare_digest(state.data_key_check, check):
            raise DataKeyError(KEY_FILE_NAME)

    if known_check != check:
        database.write_sync(check_or_store)
    return key
