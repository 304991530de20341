"""Encrypted backups: nobody reads or changes one without its passphrase; a refused one leaves the database alone."""

import os
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from journal_ui.cli.console import CommandError
from journal_ui.cli.maintenance_commands import Backup, Restore
from services.backup import backup_encryption
from services.backup.backup_encryption import (
    CHUNK_BYTES,
    DIGEST_BYTES,
    HEADER_BYTES,
    MAGIC,
    TAG_BYTES,
    check_encrypted_file,
    decrypt_file,
    encrypt_file,
    read_passphrase,
)
from services.backup.backup_error import BackupError
from services.database.engine import Database
from services.ingest.message_ingest import ingest_imported_messages
from services.settings import Settings
from tests.helpers.factories import incoming_message
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.reference_messages import MOSCOW

PASSPHRASE, OTHER_PASSPHRASE = 'p' * 20, 'q' * 20
SMALL_CHUNK = 64
SMALL_STEP = SMALL_CHUNK + TAG_BYTES
CHUNKS_START = HEADER_BYTES + DIGEST_BYTES


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive keys in no time."""
    monkeypatch.setattr(backup_encryption, 'SCRYPT_COST', 2)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Encrypt in chunks of a few bytes."""
    monkeypatch.setattr(backup_encryption, 'CHUNK_BYTES', SMALL_CHUNK)


def settings_for(url: str, folder: Path, passphrase: str) -> Settings:
    """Return the settings of a journal with a passphrase of its backups."""
    file = folder / f'{passphrase[0]}.key'
    file.write_text(f'{passphrase}\n')
    file.chmod(0o600)
    return Settings(database_url=url, state_folder=folder / 'state', backup_key_file=file)


def names(url: str) -> list[str]:
    """Return the names of all recipients."""
    statement = text('SELECT recipient_name FROM message ORDER BY recipient_name')
    with closing(Database(url)) as database:
        return list(database.read_sync(lambda session: session.execute(statement).scalars().all()))


def add_message(url: str, name: str) -> None:
    messages = [incoming_message(recipient_name=name)]
    with closing(Database(url)) as database:
        database.write_sync(
            lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=datetime.now(UTC))
        )


def test_an_encrypted_backup_is_restored_with_its_passphrase_alone(
    database_url: str, tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('PATH', f'{postgres.binaries}{os.pathsep}{os.environ["PATH"]}')
    right = settings_for(database_url, tmp_path, PASSPHRASE)
    copy = tmp_path / 'copy'
    add_message(database_url, 'Королёв Иван')
    Backup(file=copy, encrypt=True).run_standalone(right)
    content = copy.read_bytes()
    assert content.startswith(MAGIC)
    assert not any(plain in content for plain in ('Королёв'.encode(), b'SQLite format', b'PGDMP', b'alembic'))
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    add_message(database_url, 'Новый Пётр')

    wrong = settings_for(database_url, tmp_path, OTHER_PASSPHRASE)
    none = Settings(database_url=database_url, state_folder=tmp_path / 'state')
    changed = tmp_path / 'changed'
    changed.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    cut = tmp_path / 'cut'
    cut.write_bytes(content[: CHUNKS_START + (len(content) - CHUNKS_START) // 2])
    for file, settings, reason in (
        (copy, wrong, 'пароль не от этой копии'),
        (copy, none, 'JOURNAL_BACKUP_KEY_FILE'),
        (changed, right, 'изменена или обрезана'),
        (cut, right, 'изменена или обрезана'),
    ):
        with pytest.raises(BackupError, match=reason):
            Restore(file=file, yes=True).run_standalone(settings)
    with pytest.raises(CommandError, match='--yes'):
        Restore(file=copy).run_standalone(right)
    assert names(database_url) == ['Королёв Иван', 'Новый Пётр']

    Restore(file=copy, yes=True).run_standalone(right)
    assert names(database_url) == ['Королёв Иван']
    newest = text('SELECT what FROM access_record ORDER BY number DESC LIMIT 1')
    with closing(Database(database_url)) as database:
        recorded: str = database.read_sync(lambda session: session.execute(newest).scalar_one())
    assert recorded.startswith(f'из копии {copy};')
    assert list((tmp_path / 'state').iterdir()) == [], 'no unencrypted file is left'
    assert not list(tmp_path.glob('*.partial'))


def test_a_backup_is_not_encrypted_without_a_passphrase(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match='JOURNAL_BACKUP_KEY_FILE'):
        Backup(file=tmp_path / 'copy', encrypt=True).run_standalone(Settings(database_url=sqlite_url))
    assert not (tmp_path / 'copy').exists()


@pytest.mark.parametrize('size', [0, 1, SMALL_CHUNK - 1, SMALL_CHUNK, SMALL_CHUNK + 1, 3 * SMALL_CHUNK])
def test_content_of_any_length_is_read_back(tmp_path: Path, small_chunks: None, size: int) -> None:
    plain, encrypted, read = (tmp_path / name for name in ('plain', 'encrypted', 'read'))
    plain.write_bytes(content := os.urandom(size))
    encrypt_file(plain, encrypted, PASSPHRASE)
    check_encrypted_file(encrypted, PASSPHRASE)
    decrypt_file(encrypted, read, PASSPHRASE)
    assert read.read_bytes() == content
    assert stat.S_IMODE(encrypted.stat().st_mode) == stat.S_IMODE(read.stat().st_mode) == 0o600
    encrypt_file(plain, again := tmp_path / 'again', PASSPHRASE)
    assert again.read_bytes() != encrypted.read_bytes()


def flip(position: int) -> Callable[[bytes], bytes]:
    """Return a function that changes one bit."""
    return lambda data: data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def swap(data: bytes) -> bytes:
    """Exchange the first two chunks."""
    first, second = data[CHUNKS_START:][:SMALL_STEP], data[CHUNKS_START + SMALL_STEP :][:SMALL_STEP]
    return data[:CHUNKS_START] + second + first + data[CHUNKS_START + 2 * SMALL_STEP :]


@pytest.mark.parametrize(
    'change',
    [
        flip(len(MAGIC)),
        flip(HEADER_BYTES - 1),
        flip(HEADER_BYTES),
        flip(CHUNKS_START),
        flip(CHUNKS_START + SMALL_CHUNK),
        flip(-2),
        swap,
        lambda data: data[:CHUNKS_START] + data[CHUNKS_START + SMALL_STEP :],
        lambda data: data + data[-SMALL_STEP:],
        lambda data: data + b'\0',
        *(lambda data, end=end: data[:end] for end in (-1, -SMALL_STEP, CHUNKS_START, CHUNKS_START - 1, len(MAGIC))),
    ],
)
def test_a_changed_or_cut_file_is_refused(tmp_path: Path, small_chunks: None, change: Callable[[bytes], bytes]) -> None:
    plain, encrypted = tmp_path / 'plain', tmp_path / 'encrypted'
    plain.write_bytes(os.urandom(3 * SMALL_CHUNK))
    encrypt_file(plain, encrypted, PASSPHRASE)
    encrypted.write_bytes(change(encrypted.read_bytes()))
    with pytest.raises(BackupError, match='База не тронута'):
        check_encrypted_file(encrypted, PASSPHRASE)


def test_the_keys_are_as_expensive_to_guess_as_documented(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    assert (backup_encryption.SCRYPT_COST, CHUNK_BYTES) == (2**17, 1 << 20)
    (plain := tmp_path / 'plain').write_bytes(b'x')
    encrypt_file(plain, encrypted := tmp_path / 'encrypted', PASSPHRASE)
    check_encrypted_file(encrypted, PASSPHRASE)


def test_a_passphrase_is_long_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / 'key'
    file.write_text(f'  {PASSPHRASE}\n')
    file.chmod(0o400)
    assert read_passphrase(file) == PASSPHRASE
    for mode in (0o640, 0o604):
        file.chmod(mode)
        with pytest.raises(BackupError, match='доступен другим'):
            read_passphrase(file)
    file.chmod(0o600)
    file.write_text(PASSPHRASE[:-1])
    with pytest.raises(BackupError, match='короче 20 знаков'):
        read_passphrase(file)
