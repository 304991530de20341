"""Maintenance commands: their output, confirmations and exit statuses, also while the program runs."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from journal_ui.cli.console import EXIT_FAILED, EXIT_OK, CommandError
from journal_ui.cli.maintenance_commands import Backup, Purge, Restore, Verify
from services.database import process_lock
from services.database.engine import Database
from services.ingest.message_ingest import ingest_imported_messages
from services.settings import Settings
from tests.helpers.factories import incoming_message
from tests.helpers.program import Program
from tests.helpers.reference_messages import MOSCOW

EXPIRED_AT = datetime.now(UTC) - timedelta(days=4 * 366)
VERIFIED_LINES = 9
"""Checks; each prints one line."""


def add_messages(database: Database, old: int = 2) -> None:
    messages = [incoming_message(queued_at=EXPIRED_AT, sent_at=EXPIRED_AT) for _ in range(old)] + [incoming_message()]
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=datetime.now(UTC)))


def output(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.replace('\N{NO-BREAK SPACE}', ' ').splitlines()


def test_verify_reports_agreement_or_each_difference(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    add_messages(database)
    assert Verify().run(Settings(), database) == EXIT_OK
    lines = output(capsys)
    assert len([line for line in lines if line.endswith(': сошлось')]) == VERIFIED_LINES
    assert lines[-1] == 'Сошлось.'
    wrong = text('UPDATE total SET kopecks = kopecks + 5 WHERE organization_id = 0')
    database.write_sync(lambda session: session.execute(wrong) and None)
    assert Verify().run(Settings(), database) == EXIT_FAILED
    lines = output(capsys)
    assert 'Итоги по дням, месяцам и организациям равны пересчёту сообщений: расхождений 4' in lines
    assert (
        '  организация все, 20261120, Напоминание, Отправлено: в итогах 1 на 3,15 руб., сообщений 1 на 3,10 руб.'
        in lines
    )
    assert lines[-1] == 'Не сошлось.'


def test_purge_counts_first_and_requires_confirmation(
    database: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_messages(database)
    with pytest.raises(CommandError, match='--yes'):
        Purge(older_than='36mo').run(Settings(), database)
    assert output(capsys)[0].endswith(': сообщений 2, документов 0, ранних отчётов о доставке 0.')
    monkeypatch.setattr('sys.stdin.isatty', lambda: True, raising=False)
    monkeypatch.setattr('builtins.input', lambda _: 'нет')
    with pytest.raises(CommandError, match='Ничего не изменено'):
        Purge(older_than='36mo').run(Settings(), database)
    monkeypatch.setattr('builtins.input', lambda _: ' Да ')
    assert Purge(older_than='36mo').run(Settings(), database) == EXIT_OK
    assert output(capsys)[-1] == 'Обезличено или удалено: сообщений 2, документов 0, ранних отчётов о доставке 0.'
    assert Purge(older_than='36mo').run(Settings(), database) == EXIT_OK
    assert output(capsys)[0].startswith('Обезличивать нечего')
    with pytest.raises(CommandError, match='«3 года» — не срок хранения'):
        Purge(older_than='3 года').run(Settings(), database)


def test_restore_checks_the_copy_and_then_requires_confirmation(
    sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(database_url=sqlite_url)
    with closing(Database(sqlite_url)) as database:
        add_messages(database)
    assert Backup(file=tmp_path / 'copy').run_standalone(settings) == EXIT_OK
    assert output(capsys) == [f'Копия базы проверена и записана: {tmp_path}/copy']
    with pytest.raises(CommandError, match='--yes'):
        Restore(file=tmp_path / 'copy').run_standalone(settings)
    assert output(capsys) == [f'База {settings.redacted_database_url} будет заменена копией {tmp_path}/copy.']
    (anchor := tmp_path / 'journal.db.anchor').write_text('noted')
    assert Restore(file=tmp_path / 'copy', yes=True).run_standalone(settings) == EXIT_OK
    lines = output(capsys)
    assert f'База восстановлена из копии {tmp_path}/copy.' in lines
    (set_aside,) = tmp_path.glob('journal.db.anchor.before-restore-*')
    assert (set_aside.read_text(), anchor.exists()) == ('noted', False)
    assert lines[-1].startswith(f'Отметка о прежнем журнале доступа отложена: {set_aside}.')


def test_backup_purge_forget_and_verify_work_with_a_running_program_and_restore_is_refused(
    sqlite_url: str, tmp_path: Path
) -> None:
    program = Program(tmp_path, sqlite_url)
    with closing(Database(sqlite_url)) as database:
        add_messages(database)
    with program:
        backup = program.run('backup', 'copy')
        assert (backup.returncode, backup.stdout) == (0, 'Копия базы проверена и записана: copy\n'), backup.stderr
        purge = program.run('purge', '--older-than', '36mo', '--yes')
        assert purge.returncode == 0, purge.stderr
        assert 'Обезличено или удалено: сообщений 2' in purge.stdout
        forget = program.run('forget', '--phone', '8 916 123-45-67', '--reason', 'заявление № 7', '--yes')
        assert (forget.returncode, forget.stderr) == (0, '')
        assert 'Обезличено или удалено: сообщений 1' in forget.stdout
        assert program.run('verify').returncode == 0
        assert program.run('access', 'verify').returncode == 0
        restore = program.run('restore', 'copy', '--yes')
        assert (restore.returncode, restore.stderr) == (
            1,
            'С этой базой работает программа. Остановите её и повторите.\n',
        )
    assert program.run('restore', 'copy', '--yes').returncode == 0
    with closing(Database(sqlite_url)) as database:
        blanked = text("SELECT count(*) FROM message WHERE phone = ''")
        assert database.read_sync(lambda session: session.execute(blanked).scalar_one()) == 0, 'older than the purge'


@pytest.mark.parametrize('empty_url', ['sqlite'], indirect=True)
def test_backup_copies_an_old_database_without_upgrading_it(first_version_url: str, tmp_path: Path) -> None:
    program = Program(tmp_path, first_version_url)
    assert program.run('backup', 'copy').returncode == 0
    for name in ('new/journal.db', 'copy'):
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            assert connection.execute('SELECT version_num FROM alembic_version').fetchone() == ('0003',)


def test_a_start_during_a_restore_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    program = Program(tmp_path, sqlite_url)
    with process_lock.exclusive_lock(sqlite_url):
        done = program.run('verify')
    assert done.returncode == 1
    assert done.stderr.endswith('Эту базу сейчас восстанавливают из копии. Повторите позже.\n')
