"""Commands for those who look after the program: what each says, asks and ends with; beside a running program too."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from journal_ui.cli.console import FAILED, OK, Failed
from journal_ui.cli.maintenance_commands import Backup, Purge, Restore, Verify
from services.database import process_lock
from services.database.engine import Database
from services.ingest.message_ingest import record
from services.settings import Settings
from tests.helpers.factories import incoming
from tests.helpers.program import Program
from tests.helpers.reference_messages import MOSCOW

OLD = datetime.now(UTC) - timedelta(days=4 * 366)
SOUND = 8
"""Checks, each with a line of its own."""


def fill(database: Database, old: int = 2) -> None:
    messages = [incoming(queued_at=OLD, sent_at=OLD) for _ in range(old)] + [incoming()]
    database.write_now(lambda session: record(session, messages, zone=MOSCOW, now=datetime.now(UTC)))


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.replace('\N{NO-BREAK SPACE}', ' ').splitlines()


def test_verify_says_that_all_agrees_or_what_does_not(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    fill(database)
    assert Verify().run(Settings(), database) == OK
    lines = said(capsys)
    assert len([line for line in lines if line.endswith(': сошлось')]) == SOUND
    assert lines[-1] == 'Сошлось.'
    wrong = text('UPDATE total SET kopecks = kopecks + 5 WHERE organization_id = 0')
    database.write_now(lambda session: session.execute(wrong) and None)
    assert Verify().run(Settings(), database) == FAILED
    lines = said(capsys)
    assert 'Итоги по дням, месяцам и организациям равны пересчёту сообщений: расхождений 4' in lines
    assert (
        '  организация все, 20261120, Напоминание, Отправлено: в итогах 1 на 3,15 руб., сообщений 1 на 3,10 руб.'
        in lines
    )
    assert lines[-1] == 'Не сошлось.'


def test_purge_counts_first_and_does_nothing_unless_somebody_agrees(
    database: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database)
    with pytest.raises(Failed, match='--yes'):
        Purge(older_than='36mo').run(Settings(), database)
    assert said(capsys)[0].endswith(': сообщений 2, документов 0, ранних отчётов о доставке 0.')
    monkeypatch.setattr('sys.stdin.isatty', lambda: True, raising=False)
    monkeypatch.setattr('builtins.input', lambda _: 'нет')
    with pytest.raises(Failed, match='Ничего не изменено'):
        Purge(older_than='36mo').run(Settings(), database)
    monkeypatch.setattr('builtins.input', lambda _: ' Да ')
    assert Purge(older_than='36mo').run(Settings(), database) == OK
    assert said(capsys)[-1] == 'Обезличено сообщений: 2, документов: 0. Удалено ранних отчётов: 0.'
    assert Purge(older_than='36mo').run(Settings(), database) == OK
    assert said(capsys)[0].startswith('Обезличивать нечего')
    with pytest.raises(Failed, match='«3 года» — не срок хранения'):
        Purge(older_than='3 года').run(Settings(), database)


def test_restore_asks_after_the_copy_was_checked(
    sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(database_url=sqlite_url)
    with closing(Database(sqlite_url)) as database:
        fill(database)
    assert Backup(file=tmp_path / 'copy').run_apart(settings) == OK
    assert said(capsys) == [f'Копия базы проверена и записана: {tmp_path}/copy']
    with pytest.raises(Failed, match='--yes'):
        Restore(file=tmp_path / 'copy').run_apart(settings)
    assert said(capsys) == [f'База {settings.database_shown} будет заменена копией {tmp_path}/copy.']
    assert Restore(file=tmp_path / 'copy', yes=True).run_apart(settings) == OK
    assert f'База восстановлена из копии {tmp_path}/copy.' in said(capsys)


def test_a_running_program_is_copied_purged_and_verified_but_not_replaced(sqlite_url: str, tmp_path: Path) -> None:
    program = Program(tmp_path, sqlite_url)
    with closing(Database(sqlite_url)) as database:
        fill(database)
    with program:
        backup = program.run('backup', 'copy')
        assert (backup.returncode, backup.stdout) == (0, 'Копия базы проверена и записана: copy\n'), backup.stderr
        purge = program.run('purge', '--older-than', '36mo', '--yes')
        assert purge.returncode == 0, purge.stderr
        assert 'Обезличено сообщений: 2' in purge.stdout
        assert program.run('verify').returncode == 0
        restore = program.run('restore', 'copy', '--yes')
        assert (restore.returncode, restore.stderr) == (
            1,
            'С этой базой работает программа. Остановите её и повторите.\n',
        )
    assert program.run('restore', 'copy', '--yes').returncode == 0
    with closing(Database(sqlite_url)) as database:
        blanked = text("SELECT count(*) FROM message WHERE phone = ''")
        assert database.read_now(lambda session: session.execute(blanked).scalar_one()) == 0, 'older than the purge'


@pytest.mark.parametrize('old_url', ['sqlite'], indirect=True)
def test_a_copy_is_taken_before_an_upgrade_without_the_upgrade(old_url: str, tmp_path: Path) -> None:
    program = Program(tmp_path, old_url)
    assert program.run('backup', 'copy').returncode == 0
    for name in ('old.db', 'copy'):
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            assert connection.execute('SELECT version_num FROM alembic_version').fetchone() == ('0003',)


def test_a_program_that_starts_while_a_copy_is_put_there_says_so(sqlite_url: str, tmp_path: Path) -> None:
    program = Program(tmp_path, sqlite_url)
    with process_lock.alone(sqlite_url):
        done = program.run('verify')
    assert (done.returncode, done.stderr) == (1, 'Эту базу сейчас восстанавливают из копии. Повторите позже.\n')
