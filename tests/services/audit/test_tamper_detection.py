"""`access verify` and the anchors: a cut, rewritten or unprotected audit log is detected, without a traceback."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from journal_ui.cli.audit_commands import AccessVerify
from journal_ui.cli.console import EXIT_FAILED, EXIT_OK
from journal_ui.monitoring import logs
from models import AuditEvent
from services.audit import anchors, append_only_triggers
from services.audit.anchors import AnchorFile, AuditAnchors
from services.audit.audit_log import AuditLog
from services.audit.chain_verification import ChainFault, ChainFaultKind, verify_chain
from services.audit.hash_chain import GENESIS_HASH
from services.database.engine import Database
from services.errors import DatabaseUnavailableError
from services.keys.data_key import DataKey
from services.messages.message_query import MessageQuery
from services.settings import Settings
from tests.helpers.audit_tampering import CLERK_ACTOR, tamper

KEY = DataKey('k' * 32)
NOW = datetime(2026, 11, 22, 15, 48, 5, tzinfo=UTC)
HASH_OF_THIRD = '(SELECT hash FROM access_record WHERE number = 3)'


async def append_records(database: Database, count: int = 5) -> None:
    audit_log = AuditLog(database, lambda: NOW, KEY)
    for number in range(count):
        await audit_log.record(AuditEvent.SEARCHED, CLERK_ACTOR, query=MessageQuery(f'Ёжиков {number}', '89161234567'))


def execute(database: Database, statement: str) -> None:
    database.write_sync(lambda session: session.execute(text(statement)))


def anchors_of(database: Database, folder: Path) -> AuditAnchors:
    return AuditAnchors(database, KEY, AnchorFile(folder, database.url, KEY), timedelta(hours=1), lambda: NOW)


def faults(database: Database, folder: Path | None = None) -> Sequence[ChainFault]:
    anchored = AnchorFile(folder, database.url, KEY).read() if folder else None
    return verify_chain(database, key=KEY, anchored=anchored).faults


def test_the_installed_triggers_are_the_known_ones(database: Database) -> None:
    assert database.read_sync(append_only_triggers.read_checksums) == append_only_triggers.CHECKSUMS[database.dialect]


async def test_every_missing_trigger_is_a_fault(database: Database) -> None:
    await append_records(database)
    for name in append_only_triggers.CHECKSUMS[database.dialect]:
        table = 'access_shown_key' if name.startswith('access_shown_key') else '_'.join(name.split('_')[:2])
        drop = f'DROP TRIGGER {name}' + ('' if database.dialect == 'sqlite' else f' ON {table}')
        execute(database, drop)
        assert ChainFault(ChainFaultKind.NO_TRIGGER, 0, name=name) in faults(database)


async def test_a_trigger_that_does_nothing_is_a_fault(database: Database) -> None:
    hollow = (
        (
            'DROP TRIGGER access_record_DELETE',
            'CREATE TRIGGER access_record_DELETE BEFORE DELETE ON access_record BEGIN SELECT 1; END',
        )
        if database.dialect == 'sqlite'
        else (
            'CREATE OR REPLACE FUNCTION access_record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS '
            "'BEGIN RETURN NULL; END'",
            'ALTER TABLE access_head DISABLE TRIGGER access_head_update',
        )
    )
    for statement in hollow:
        execute(database, statement)
    expected = {'access_record_DELETE'} if database.dialect == 'sqlite' else {
        'access_record_append_only',
        'access_head_update',
    }  # fmt: skip
    assert {fault.name for fault in faults(database)} == expected


async def test_a_missing_head_is_a_fault(database: Database) -> None:
    await append_records(database)
    tamper(database, 'DELETE FROM access_head', "UPDATE access_record SET name = 'x' WHERE number = 2")
    assert faults(database) == [ChainFault(ChainFaultKind.NO_HEAD, 5), ChainFault(ChainFaultKind.CHANGED, 2)]


async def test_a_record_that_cannot_be_read_is_a_fault(database: Database) -> None:
    await append_records(database)
    unreadable = (
        (
            'UPDATE access_record SET at = 99999999999999999 WHERE number = 2',
            "UPDATE access_record SET name = CAST(X'FFFE' AS TEXT) WHERE number = 3",
            "UPDATE access_record SET act = 'search' WHERE number = 4",
        )
        if database.dialect == 'sqlite'
        else ("UPDATE access_record SET at = 'infinity' WHERE number = 2",)
    )
    tamper(database, *unreadable)
    kinds = {(fault.kind, fault.number) for fault in faults(database)}
    assert kinds == {(ChainFaultKind.UNREADABLE, number) for number in range(2, 2 + len(unreadable))}


@pytest.mark.parametrize(
    'statement',
    [
        "UPDATE access_condition SET value = 'другой' WHERE position = 1 AND number = 2",
        "UPDATE access_condition SET digest = 'другой' WHERE position = 1 AND number = 2",
        'DELETE FROM access_condition WHERE position = 1 AND number = 2',
        'DELETE FROM access_condition WHERE number = 2',
        "INSERT INTO access_condition VALUES (2, 99, 9, 'ожидает отправки', NULL)",
        'UPDATE access_record SET version = 1 WHERE number = 2',
    ],
)
async def test_a_changed_condition_is_a_fault(database: Database, statement: str) -> None:
    await append_records(database)
    tamper(database, statement)
    assert faults(database) == [ChainFault(ChainFaultKind.CHANGED, 2)]


@pytest.mark.parametrize(
    'statement',
    [
        "UPDATE access_condition SET value = 'другой'",
        "UPDATE access_condition SET digest = 'другой', value = NULL",
        'UPDATE access_condition SET number = 9, value = NULL',
        'DELETE FROM access_condition',
        "INSERT INTO access_condition VALUES (2, 99, 9, 'ожидает отправки', NULL)",
        'INSERT OR REPLACE INTO access_condition SELECT number, position, kind, NULL, NULL FROM access_condition',
        "UPDATE access_record SET what = '', words = ''",
        'UPDATE access_head SET number = number - 1',
        "UPDATE access_head SET hash = 'x'",
        'UPDATE access_head SET id = 2, number = number + 1',
        'DELETE FROM access_head',
        "INSERT INTO access_head VALUES (2, 9, 'x')",
        "INSERT OR REPLACE INTO access_head VALUES (1, 1, 'x')",
        "UPDATE access_anchor SET hash = 'x'",
        'DELETE FROM access_anchor',
    ],
)
async def test_the_database_refuses_every_other_change(database: Database, tmp_path: Path, statement: str) -> None:
    await append_records(database)
    await anchors_of(database, tmp_path).write()
    with pytest.raises((DBAPIError, DatabaseUnavailableError)):
        execute(database, statement)
    assert not faults(database, tmp_path)


async def test_the_head_moves_up_only(database: Database) -> None:
    await append_records(database, 2)
    before = verify_chain(database)
    await append_records(database, 1)
    with pytest.raises((DBAPIError, DatabaseUnavailableError)):
        database.write_sync(
            lambda session: session.execute(
                text('UPDATE access_head SET number = :number, hash = :hash'),
                {'number': before.number, 'hash': before.hash},
            )
        )


async def test_a_cut_with_the_head_set_back_is_detected_by_the_anchor(database: Database, tmp_path: Path) -> None:
    await append_records(database)
    await anchors_of(database, tmp_path).write()
    cut = (
        f'UPDATE access_head SET hash = {HASH_OF_THIRD}, number = 3',
        'DELETE FROM access_condition WHERE number > 3',
        'DELETE FROM access_record WHERE number > 3',
    )
    tamper(database, *cut)
    expected = [ChainFault(ChainFaultKind.TRUNCATED, 3, last=5)]
    assert faults(database) == expected, 'the anchor in the database is known'
    tamper(database, 'DELETE FROM access_anchor')
    assert faults(database) == []
    assert faults(database, tmp_path) == expected, 'the anchor outside the database is known'


async def test_a_rewritten_chain_contradicts_the_anchors(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await append_records(database)
    writer = anchors_of(database, tmp_path)
    await writer.write()
    tamper(
        database,
        'DELETE FROM access_record',
        'DELETE FROM access_condition',
        f"UPDATE access_head SET number = 0, hash = '{GENESIS_HASH}'",
    )
    audit_log = AuditLog(database, lambda: NOW, KEY)
    for number in range(7):
        await audit_log.record(AuditEvent.DETAILS_VIEWED, CLERK_ACTOR, about=str(number))
    assert faults(database) == [ChainFault(ChainFaultKind.HASH_MISMATCH, 5)]
    noted = AnchorFile(tmp_path, database.url, KEY).read()
    await writer.write()
    assert 'the audit log was changed: it does not contain 5:' in caplog.text
    assert AnchorFile(tmp_path, database.url, KEY).read() == noted, 'the evidence stays'
    assert noted
    assert noted.number == 5


async def test_an_anchor_without_the_key_is_a_forgery(database: Database, tmp_path: Path) -> None:
    await append_records(database)
    forger = DataKey('f' * 32)
    await AuditAnchors(database, forger, None, timedelta(hours=1), lambda: NOW).write()
    assert faults(database) == [ChainFault(ChainFaultKind.ANCHOR_FORGED, 5)]
    AnchorFile(tmp_path, database.url, forger).write(anchors.AnchoredRecord(5, 'x'))
    with pytest.raises(ValueError, match='anchor'):
        AnchorFile(tmp_path, database.url, KEY).read()


@pytest.mark.usefixtures('restored_logging')
async def test_anchors_go_on_with_the_chain(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure_logging('error', as_json=False)
    writer = anchors_of(database, tmp_path)
    await writer.write()
    assert AnchorFile(tmp_path, database.url, KEY).read() is None, 'nothing is recorded yet'
    for _ in range(3):
        await append_records(database, 2)
        await writer.write()
        await writer.write()
    verification = verify_chain(database, key=KEY)
    assert (verification.is_intact, verification.anchors, verification.number) == (True, 3, 6)
    assert AnchorFile(tmp_path, database.url, KEY).read() == (6, verification.hash)
    lines = [line for line in capsys.readouterr().err.splitlines() if 'audit log anchor' in line]
    assert len(lines) == 6, 'at every level of the log'
    assert f'6:{verification.hash}' in lines[-1]


async def test_the_command_uses_the_key_and_the_file(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(state_folder=tmp_path, data_key='k' * 32)
    await append_records(database)
    await anchors_of(database, tmp_path).write()
    assert AccessVerify().run(settings, database) == EXIT_OK
    assert 'Подписанных отметок: 1' in capsys.readouterr().out
    path = AnchorFile(tmp_path, database.url, KEY).path
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text('5 x y')
    assert AccessVerify().run(settings, database) == EXIT_FAILED
    assert 'подписан другим ключом' in capsys.readouterr().out
    path.unlink()
    tamper(database, 'DELETE FROM access_head')
    assert AccessVerify().run(settings, database) == EXIT_FAILED
    assert 'Нет строки с номером и хешем последней записи' in capsys.readouterr().out
    assert AccessVerify().run(Settings(state_folder=tmp_path, data_key='q' * 32), database) == EXIT_FAILED
    assert 'Ключа данных нет' in capsys.readouterr().out
