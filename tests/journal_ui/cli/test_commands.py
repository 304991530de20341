"""The command line: the effect of each command on a database, its output and its exit status."""

import io
import signal
import sys
import time
from pathlib import Path

import pytest
from sqlmodel import func, select

from journal_ui.cli.argument_parser import parse_arguments
from journal_ui.cli.balance_command import BalanceSet
from journal_ui.cli.console import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_USAGE,
    CommandError,
    exit_on_errors,
    progress_bar,
)
from journal_ui.cli.demo_command import Demo
from journal_ui.cli.import_commands import Import, ImportDocuments
from journal_ui.cli.user_commands import UserAdd
from models import Message, Role
from services.accounts.accounts import AccountError, Accounts
from services.balance.ledger_balance import LedgerBalanceSource
from services.database.engine import Database
from services.database.timezone_lock import TimeZoneMismatchError
from services.errors import DatabaseUnavailableError
from services.ingest.table_files.file_errors import InvalidFileError
from services.settings import InvalidSettingError, Settings
from services.upgrade.migrations import NewerDatabaseError
from tests.helpers.auth_services import checked_identity
from tests.helpers.factories import document_cells, message_cells, write_csv

SETTINGS = Settings()
PASSWORD = 'длинный пароль'


def output(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the output with ordinary spaces instead of no-break spaces."""
    return capsys.readouterr().out.replace('\N{NO-BREAK SPACE}', ' ')


# Reading it


def test_options_and_a_command() -> None:
    settings, command = parse_arguments(['--port', '81', '--host=h', 'import', 'a.csv', '--refused', 'b.csv'])
    assert (settings.port, settings.host) == (81, 'h')
    assert isinstance(command, Import)
    assert (command.file, command.refused) == (Path('a.csv'), Path('b.csv'))


def test_no_command_serves_the_pages() -> None:
    assert parse_arguments(['--demo', '--no-reload'])[1] is None


def test_commands_of_two_words() -> None:
    command = parse_arguments(['user', 'add', 'Иванов', '--role', 'Admin', '--password-stdin'])[1]
    assert isinstance(command, UserAdd)
    assert (command.name, command.role, command.password_stdin) == ('Иванов', 'Admin', True)
    command = parse_arguments(['balance', 'set', '-5.50'])[1]
    assert isinstance(command, BalanceSet)
    assert command.amount == '-5.50'


def test_the_demonstration_has_a_separate_database(monkeypatch: pytest.MonkeyPatch) -> None:
    settings, command = parse_arguments(['demo'])
    assert isinstance(command, Demo)
    assert settings.database_url == settings.demo_url
    monkeypatch.setenv('JOURNAL_DATABASE_URL', 'sqlite:////tmp/named.db')
    assert parse_arguments(['demo', '--messages', '10'])[0].database_url == 'sqlite:////tmp/named.db'


def test_environment_variables_do_not_change_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ('role', 'ROLE', 'name', 'refused', 'JOURNAL_STREAM'):
        monkeypatch.setenv(name, 'Admin')
    command = parse_arguments(['import', 'a.csv'])[1]
    assert isinstance(command, Import)
    assert command.refused is None
    with pytest.raises(InvalidSettingError):
        parse_arguments(['user', 'add', 'x'])


@pytest.mark.parametrize(
    ('arguments', 'line'),
    [
        (['imprt', 'a.csv'], 'imprt a.csv: нет такой команды. Есть: import, balance set, user add, '),
        (['balance'], 'balance: нет такой команды.'),
        (['--prot', '5', 'import', 'a.csv'], '--prot: нет такого параметра.'),
        (['import'], 'Не хватает: FILE.'),
        (['import', 'a', 'b'], 'b: нет такого параметра.'),
        (['import', 'a', '--port', '1'], '--port: нет такого параметра.'),
        (['user', 'add', 'x'], 'Не хватает: --role.'),
        (['demo', '--messages', 'x'], 'messages: «x» — нужно целое число.'),
        (['demo', '--messages', '0'], 'messages: 0 — нужно не меньше 1.'),
        (['demo', '--messages'], '--messages: не указано значение.'),
    ],
)
def test_an_invalid_command_is_reported_in_one_line(arguments: list[str], line: str) -> None:
    with pytest.raises(InvalidSettingError) as refused:
        parse_arguments(arguments)
    assert str(refused.value).startswith(line)
    assert '\n' not in str(refused.value)


@pytest.mark.parametrize('arguments', [['--help'], ['-h']])
def test_help_lists_settings_and_commands(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_arguments(arguments)
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for word in ('--host', '--port', '--reload', '--demo', '--database-url', '--timezone', 'import', 'user add'):
        assert word in said


# Doing it


def test_an_import_reports_accepted_and_rejected_rows(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_csv(tmp_path / 'a.csv', [message_cells(), message_cells(), message_cells({'Код': 'x'})])
    assert Import(file=file).run(SETTINGS, database) == EXIT_FAILED
    refused = tmp_path / 'a.refused.csv'
    assert output(capsys).splitlines() == [
        'Принято сообщений: 2',
        'Из них новых: 2, обновлено: 0, без изменений: 0',
        'Отказано: 1',
        f'Строки с отказами и причинами: {refused}',
    ]
    assert refused.exists()


def test_an_import_takes_values_as_people_write_them(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    costs = [
        '3,100',
        '3.10 руб.',
        '3\N{NO-BREAK SPACE}100,50',
        '3\N{NARROW NO-BREAK SPACE}100.5 ₽',
        '3,125',
        '3,135',
        '?',
    ]
    rows = [message_cells({'Стоимость СМС, руб': cost, 'Возраст': '5'}) for cost in costs]
    times = ['20.11.26 10:00', '2026-11-20 10:00:00', '20/11/2026 10:00', '46346.4167']
    for row, written in zip(rows, times, strict=False):
        row['Дата и время отправки СМС'] = written
    file = write_csv(tmp_path / 'a.csv', rows, columns=list(rows[0]))
    assert Import(file=file).run(SETTINGS, database) == EXIT_FAILED
    assert output(capsys).splitlines()[1:-1] == [
        'Из них новых: 6, обновлено: 0, без изменений: 0',
        'Стоимость с долями копейки, округлена: 2',
        'Неизвестные столбцы не загружены: «Возраст»',
        'Отказано: 1',
    ]
    messages = database.read_sync(lambda session: [each.model_dump() for each in session.exec(select(Message)).all()])
    assert sorted(f'{each["cost"]:.2f}' for each in messages) == ['3.10', '3.10', '3.12', '3.14', '3100.50', '3100.50']
    assert [each['sent_at'].hour for each in messages].count(7) == 4


def test_an_import_refuses_times_in_the_future(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_csv(tmp_path / 'a.csv', [message_cells({'Дата и время отправки СМС': '01.01.2099 10:00'})])
    assert Import(file=file).run(SETTINGS, database) == EXIT_FAILED
    assert 'Отказано: 1' in output(capsys)
    assert 'больше чем на сутки позже текущего времени' in (tmp_path / 'a.refused.csv').read_text(encoding='utf-8-sig')


def test_an_import_accepts_unknown_kinds_if_the_settings_say_so(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_csv(tmp_path / 'a.csv', [message_cells({'Вид сообщения': 'Анкета'})])
    assert Import(file=file).run(SETTINGS, database) == EXIT_FAILED
    assert 'Отказано: 1' in output(capsys)
    accepting = SETTINGS.model_copy(update={'unknown_kinds': 'accept'})
    assert Import(file=file).run(accepting, database) == EXIT_OK
    assert 'новых: 1' in output(capsys)


def test_an_import_of_documents_reports_documents(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = parse_arguments(['import-iemk', str(tmp_path / 'a.csv')])[1]
    assert isinstance(command, ImportDocuments)
    write_csv(command.file, [document_cells(), document_cells({'СНИЛС': '1'})], columns=list(document_cells()))
    assert command.run(SETTINGS, database) == EXIT_FAILED
    assert output(capsys).splitlines()[0] == 'Принято документов: 1'
    assert (tmp_path / 'a.refused.csv').exists()


def test_a_repeated_import_reports_unchanged_rows(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_csv(tmp_path / 'a.csv', [message_cells(), message_cells()])
    assert Import(file=file).run(SETTINGS, database) == EXIT_OK
    assert 'новых: 2' in output(capsys)
    assert Import(file=file).run(SETTINGS, database) == EXIT_OK
    assert 'Ничего не изменилось' in output(capsys)


async def test_the_balance_is_stored(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert BalanceSet(amount='1 234,56').run(SETTINGS, database) == EXIT_OK
    assert output(capsys) == 'Баланс: 1 234,56 руб.\n'
    assert str((await LedgerBalanceSource(database).get_balance()).amount) == '1234.56'
    with pytest.raises(CommandError, match='«сто» — не сумма в рублях'):
        BalanceSet(amount='сто').run(SETTINGS, database)
    assert str((await LedgerBalanceSource(database).get_balance()).amount) == '1234.56'


async def test_a_user_is_added_with_a_password_from_standard_input(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, 'stdin', io.StringIO(f'{PASSWORD}\r\nthe next line'))
    assert UserAdd(name='Иванов', role='WebAdmin', password_stdin=True).run(SETTINGS, database) == EXIT_OK
    assert output(capsys).startswith('Добавлен пользователь иванов, роль WebAdmin.\n')
    person = await checked_identity(Accounts(database), 'ИВАНОВ', PASSWORD)
    assert person is not None
    assert person.role == Role.WEB_ADMIN


def test_without_a_terminal_the_password_must_come_from_standard_input(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, 'stdin', io.StringIO(''))
    with pytest.raises(CommandError, match='--password-stdin'):
        UserAdd(name='x', role='Admin').run(SETTINGS, database)
    with pytest.raises(AccountError, match='от 12 до 128'):
        UserAdd(name='x', role='Admin', password_stdin=True).run(SETTINGS, database)


def test_the_demonstration_fills_only_an_empty_database(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert Demo(messages=50).run(SETTINGS, database) == EXIT_OK
    assert output(capsys).startswith('Добавлено выдуманных сообщений: 50.')
    with pytest.raises(CommandError, match='уже есть сообщения'):
        Demo(messages=50).run(SETTINGS, database)
    assert database.read_sync(lambda session: session.exec(select(func.count()).select_from(Message)).one()) == 50


# Ending


@pytest.mark.parametrize(
    ('error', 'status', 'line'),
    [
        (InvalidSettingError('JOURNAL_PORT: x'), EXIT_USAGE, 'JOURNAL_PORT: x'),
        (
            TimeZoneMismatchError('Asia/Omsk'),
            EXIT_USAGE,
            'JOURNAL_TIMEZONE (--timezone): эта база считает дни по поясу Asia/Omsk',
        ),
        (CommandError('why'), EXIT_FAILED, 'why'),
        (AccountError('why'), EXIT_FAILED, 'why'),
        (InvalidFileError('why'), EXIT_FAILED, 'why'),
        (NewerDatabaseError('0099'), EXIT_FAILED, 'База данных сделана более новой версией программы.'),
        (
            DatabaseUnavailableError('refused\n\tIs it running?'),
            EXIT_FAILED,
            'База данных (JOURNAL_DATABASE_URL) недоступна: refused',
        ),
        (PermissionError(13, 'Permission denied', '/x'), EXIT_FAILED, '/x: Permission denied'),
        (KeyboardInterrupt(), EXIT_INTERRUPTED, 'Прервано.'),
    ],
)
def test_an_expected_error_is_reported_in_one_line(
    error: BaseException, status: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, exit_on_errors():
        raise error
    assert ended.value.code == status
    said = capsys.readouterr()
    assert said.err.startswith(line)
    assert said.err.count('\n') == 1
    assert not said.out


def test_an_unexpected_error_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), exit_on_errors():
        _ = 1 / 0


def test_an_interruption_in_a_destructor_is_not_lost(capfd: pytest.CaptureFixture[str]) -> None:
    class Dying:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    with progress_bar('Загрузка'):
        Dying()
        with pytest.raises(KeyboardInterrupt):
            time.sleep(5)
    assert capfd.readouterr() == ('', '')
