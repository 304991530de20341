"""Backup and restore are on record: a backup in the database and in its copy, a restore in the restored database."""

import os
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from models import AuditEvent, AuditRecord
from services.audit.chain_verification import verify_chain
from services.backup import backup_and_restore
from services.backup.backup_audit import load_last_backup
from services.balance.ledger_balance import LedgerBalanceSource
from services.database.engine import Database
from services.errors import DatabaseError
from services.upgrade.migrations import migrate
from tests.helpers.postgres_server import PostgresServer


@pytest.fixture(autouse=True)
def postgres_tools(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the server's own pg_dump and pg_restore on the PATH."""
    monkeypatch.setenv('PATH', f'{postgres.binaries}{os.pathsep}{os.environ["PATH"]}')


def recorded(url: str) -> Sequence[AuditRecord]:
    """Return all records, the oldest first, after a check of the chain."""
    with closing(Database(url)) as database:
        assert verify_chain(database).is_intact
        return database.read_sync(lambda session: session.exec(select(AuditRecord).order_by('number')).all())


def set_balance(url: str) -> None:
    """Add a record."""
    with closing(Database(url)) as database:
        LedgerBalanceSource(database).set_balance(Decimal(5))


def test_backup_and_restore_are_recorded(database_url: str, tmp_path: Path) -> None:
    copy = tmp_path / 'copy'
    assert backup_and_restore.back_up(database_url, copy)
    made, done = recorded(database_url)
    assert (made.act, made.what) == (AuditEvent.DATABASE_COPIED, f'копия {copy}')
    assert (done.act, done.what) == (AuditEvent.DATABASE_COPIED, f'копия {copy} записана и проверена')
    with closing(Database(database_url)) as database:
        assert database.read_sync(load_last_backup) == done.at
    assert made.name.startswith('командная строка: ')
    set_balance(database_url)
    replaced = recorded(database_url)[-1]
    backup_and_restore.restore(database_url, copy)
    kept, restored = recorded(database_url)
    assert kept == made, 'the copy contains its own record'
    assert (restored.act, restored.what) == (
        AuditEvent.DATABASE_RESTORED,
        f'из копии {copy}; журнал доступа прежней базы кончался на {replaced.number}:{replaced.hash}',
    )
    set_balance(database_url)


def test_a_restore_into_an_empty_database_is_recorded(
    database_url: str, tmp_path: Path, postgres: PostgresServer
) -> None:
    copy = tmp_path / 'copy'
    backup_and_restore.back_up(database_url, copy)
    is_sqlite = database_url.startswith('sqlite')
    url = f'sqlite:///{tmp_path}/elsewhere/journal.db' if is_sqlite else postgres.create('elsewhere')
    try:
        backup_and_restore.restore(url, copy)
        assert [record.what for record in recorded(url)] == [f'копия {copy}', f'из копии {copy}']
        if is_sqlite:
            assert sorted(file.name for file in (tmp_path / 'elsewhere').iterdir()) == [
                'journal.db',
                'journal.db.lock',
            ]
    finally:
        if not is_sqlite:
            postgres.drop('elsewhere')


def test_a_backup_that_fails_is_not_the_last_backup(database_url: str, tmp_path: Path) -> None:
    backup_and_restore.back_up(database_url, tmp_path / 'copy')
    done = recorded(database_url)[-1]
    with pytest.raises(FileNotFoundError):
        backup_and_restore.back_up(database_url, tmp_path / 'nowhere' / 'copy')
    begun = recorded(database_url)[-1]
    assert begun.number == done.number + 1
    with closing(Database(database_url)) as database:
        assert database.read_sync(load_last_backup) == done.at


def test_a_database_without_a_backup_has_no_last_one(database: Database) -> None:
    assert database.read_sync(load_last_backup) is None


def test_a_backup_that_cannot_be_recorded_is_not_made(database_url: str, tmp_path: Path) -> None:
    rename = text('ALTER TABLE access_head RENAME TO access_head_away')
    with closing(Database(database_url)) as database:
        database.write_sync(lambda session: session.execute(rename) and None)
    with pytest.raises((DBAPIError, DatabaseError)):
        backup_and_restore.back_up(database_url, tmp_path / 'copy')
    assert not (tmp_path / 'copy').exists()


def test_a_restored_database_of_an_older_version_is_migrated_and_has_the_record(
    first_version_url: str, tmp_path: Path
) -> None:
    copy = tmp_path / 'copy'
    assert not backup_and_restore.back_up(first_version_url, copy), 'the older version has no audit log'
    backup_and_restore.restore(first_version_url, copy)
    assert recorded(first_version_url)[-1].what.startswith(f'из копии {copy}')
    migrate(first_version_url)
