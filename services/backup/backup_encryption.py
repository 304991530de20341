"""Encryption of backups with a passphrase: AES-256-GCM in chunks, so that neither time nor memory limits their size.

A file is a header and chunks. The header has a salt, from which scrypt derives the keys, the beginning of every nonce,
and a keyed digest of both, by which a wrong passphrase is told from damage. The nonce of a chunk contains its number
and whether it is the last one, and every chunk authenticates the header: a file whose chunks were changed, exchanged,
removed, or cut off is refused as a whole.
"""

import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services import texts
from services.backup.backup_error import BackupError
from services.database.file_permissions import PRIVATE_UMASK

MAGIC: Final = b'journal-backup-1\n'
SALT_BYTES: Final = 16
NONCE_PREFIX_BYTES: Final = 7
HEADER_BYTES: Final = len(MAGIC) + SALT_BYTES + NONCE_PREFIX_BYTES
DIGEST_BYTES: Final = 32
CHUNK_BYTES: Final = 1 << 20
TAG_BYTES: Final = 16
MIN_PASSPHRASE_LENGTH: Final = 20
"""Characters; whoever has a copy can guess without a limit."""
SCRYPT_COST: Final = 2**17
"""OWASP's recommendation: 128 MiB and about a second for each guess."""
SCRYPT_MEMORY: Final = 1 << 28


class Encryption(NamedTuple):
    """How backups are encrypted."""

    passphrase: str
    work_folder: Path
    """The folder of unencrypted temporary files: that of the database, and not that of the backups."""


class _Keys(NamedTuple):
    cipher: AESGCM
    digest_key: bytes


def is_encrypted(file: Path) -> bool:
    """Return whether a file is an encrypted backup."""
    with file.open('rb') as stream:
        return stream.read(len(MAGIC)) == MAGIC


def read_passphrase(file: Path | None) -> str:
    """Return the passphrase of a file, which only its owner may read.

    Raises:
        BackupError: no file is set, others may read it, or the passphrase is too short.
        OSError: the file cannot be read.
    """
    if file is None:
        raise BackupError(texts.BACKUP_NO_PASSPHRASE)
    if stat.S_IMODE(file.stat().st_mode) & PRIVATE_UMASK:
        raise BackupError(texts.BACKUP_SHARED_PASSPHRASE.format(file=file))
    passphrase = file.read_text(encoding='utf-8', errors='replace').strip()
    if len(passphrase) < MIN_PASSPHRASE_LENGTH:
        raise BackupError(texts.BACKUP_SHORT_PASSPHRASE.format(file=file, shortest=MIN_PASSPHRASE_LENGTH))
    return passphrase


@contextmanager
def private_folder(encryption: Encryption) -> Iterator[Path]:
    """Create a folder for unencrypted files, and remove it at the end of the block."""
    encryption.work_folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=encryption.work_folder, prefix='backup-') as folder:
        yield Path(folder)


def encrypt_file(source: Path, target: Path, passphrase: str) -> None:
    """Write the encrypted content of `source` to the new file `target`, which only its owner may read; blocks."""
    header = MAGIC + secrets.token_bytes(SALT_BYTES + NONCE_PREFIX_BYTES)
    keys = _derive_keys(header, passphrase)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open('rb') as plain, os.fdopen(descriptor, 'wb') as encrypted:
        encrypted.write(header + _digest(keys, header))
        for nonce, chunk in _numbered_chunks(plain, header, CHUNK_BYTES):
            encrypted.write(keys.cipher.encrypt(nonce, chunk, header))
        encrypted.flush()
        os.fsync(encrypted.fileno())


def decrypt_file(source: Path, target: Path, passphrase: str) -> None:
    """Write the content of an encrypted file to the new file `target`, which only its owner may read; blocks.

    After an error, `target` is incomplete and must not be used.

    Raises:
        BackupError: the passphrase is wrong, or the file was changed or cut off.
    """
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open('rb') as encrypted, os.fdopen(descriptor, 'wb') as plain:
        for chunk in _decrypted_chunks(encrypted, passphrase, source):
            plain.write(chunk)


def check_encrypted_file(file: Path, passphrase: str) -> None:
    """Check that an encrypted file can be decrypted completely; raises as `decrypt_file` does."""
    with file.open('rb') as encrypted:
        for _ in _decrypted_chunks(encrypted, passphrase, file):
            pass


def _decrypted_chunks(encrypted: BinaryIO, passphrase: str, name: Path) -> Iterator[bytes]:
    header, digest = encrypted.read(HEADER_BYTES), encrypted.read(DIGEST_BYTES)
    if len(digest) < DIGEST_BYTES or not header.startswith(MAGIC):
        raise BackupError(texts.RESTORE_CHANGED.format(file=name))
    keys = _derive_keys(header, passphrase)
    if not hmac.compare_digest(digest, _digest(keys, header)):
        raise BackupError(texts.RESTORE_WRONG_PASSPHRASE.format(file=name))
    for nonce, chunk in _numbered_chunks(encrypted, header, CHUNK_BYTES + TAG_BYTES):
        try:
            yield keys.cipher.decrypt(nonce, chunk, header)
        except InvalidTag:
            raise BackupError(texts.RESTORE_CHANGED.format(file=name)) from None


def _numbered_chunks(stream: BinaryIO, header: bytes, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Read the chunks of a stream, each with its nonce; an empty stream has one empty chunk."""
    number, chunk = 0, stream.read(size)
    while True:
        following = stream.read(size)
        is_last = not following
        yield header[-NONCE_PREFIX_BYTES:] + number.to_bytes(4) + bytes([is_last]), chunk
        if is_last:
            return
        number, chunk = number + 1, following


def _derive_keys(header: bytes, passphrase: str) -> _Keys:
    salt = header[len(MAGIC) :][:SALT_BYTES]
    derived = hashlib.scrypt(
        passphrase.encode(), salt=salt, n=SCRYPT_COST, r=8, p=1, maxmem=SCRYPT_MEMORY, dklen=2 * DIGEST_BYTES
    )
    return _Keys(AESGCM(derived[:DIGEST_BYTES]), derived[DIGEST_BYTES:])


def _digest(keys: _Keys, header: bytes) -> bytes:
    return hmac.new(keys.digest_key, header, hashlib.sha256).digest()
