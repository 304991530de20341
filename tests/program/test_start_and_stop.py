"""Starting and stopping the real program: its output, what it refuses, and its files."""

import base64
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from journal_ui.cli.argument_parser import parse_arguments
from journal_ui.cli.console import check_listen_address, exit_on_errors
from journal_ui.pages.home import QUESTIONS
from services.demo.demo_story import STORY_SIZE
from tests.helpers.ports import free_port
from tests.helpers.program import MAIN, PROJECT_ROOT, REAL_START, REMOVED_VARIABLES, Program

PASSWORD = re.compile(r'Пароль: (\S+)')


@pytest.fixture
def program(tmp_path: Path, sqlite_template: Path) -> Program:
    """A journal that was never started; its database is migrated already, which takes 0.4 s of CPU time."""
    (tmp_path / 'kept').mkdir()
    shutil.copy(sqlite_template, tmp_path / 'kept' / 'journal.db')
    return Program(tmp_path, f'sqlite:///{tmp_path}/kept/journal.db')


@pytest.fixture
def imported_program(tmp_path: Path) -> Program:
    """A journal without a database and its folder, which starts as a user starts it: Python imports the program."""
    return Program(tmp_path, f'sqlite:///{tmp_path}/kept/journal.db', entry=REAL_START)


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Remove the variables of the developer's own journal; the test sets its own."""
    for name in os.environ:
        if name.startswith(REMOVED_VARIABLES[0]):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def passwords(program: Program) -> list[str]:
    """Return the passwords that all starts printed."""
    return PASSWORD.findall(program.output)


def stored_hash(folder: Path) -> str:
    """Return the stored hash of the only account's password."""
    with closing(sqlite3.connect(folder / 'kept' / 'journal.db')) as connection:
        return str(*connection.execute('SELECT password_hash FROM account').fetchone())


def sign_in(program: Program, password: str) -> httpx.Client:
    """Return an HTTP client after its attempt to sign in as admin."""
    client = httpx.Client(base_url=program.url, follow_redirects=True, headers={'accept': 'text/html'})
    client.get('/login')
    client.post('/login', data={'name': 'admin', 'password': password})
    return client


def change_password(client: httpx.Client, password: str) -> str:
    """Change the initial password; return the new one."""
    wanted = f'{password} и моё'
    client.post('/account/password', data={'present': password, 'wanted': wanted, 'repeated': wanted})
    return wanted


def start_refused(tmp_path: Path, *arguments: str, entry: tuple[str, ...] = (), **environment: str) -> tuple[int, str]:
    """Start the program, which must fail; return its exit status and its only line."""
    program = Program(tmp_path, f'sqlite:///{tmp_path}/journal.db', entry=entry, **environment)
    done = program.run(*arguments)
    assert not done.stdout
    assert done.stderr.count('\n') == 1, done.stderr
    return done.returncode, done.stderr.strip()


def test_the_first_start_prints_a_password_once_and_the_second_none(imported_program: Program, tmp_path: Path) -> None:
    program = imported_program
    with program:
        (password,) = passwords(program)
        assert f'Журнал открыт: {program.url}\n' in program.output
        assert 'Имя пользователя: admin\n' in program.output
        assert sign_in(program, password).get('/').status_code == 200
    # Other tests hash at low cost.
    assert stored_hash(tmp_path).startswith('$argon2id$v=19$m=65536,t=3,p=4$')
    with program:
        assert passwords(program) == [password]
        assert program.output.count('Журнал открыт') == 2
        assert sign_in(program, password).get('/').status_code == 200


def test_a_session_survives_a_restart_and_the_secret_file_is_private(program: Program, tmp_path: Path) -> None:
    with program:
        client = sign_in(program, passwords(program)[0])
        change_password(client, passwords(program)[0])
        secret = tmp_path / 'kept' / 'storage.secret'
        first = secret.read_text()
        assert len(first) >= 32
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / 'kept' / 'sessions').stat().st_mode) == 0o700
    with program:
        assert secret.read_text() == first
        assert client.get('/', follow_redirects=False).status_code == 200
        assert not list(tmp_path.glob('.nicegui'))


def test_no_file_contains_a_usable_session_cookie(program: Program, tmp_path: Path) -> None:
    with program:
        client = sign_in(program, passwords(program)[0])
        change_password(client, passwords(program)[0])
        assert client.get('/messages', follow_redirects=False).status_code == 200
    assert not list((tmp_path / 'kept' / 'sessions').iterdir())
    payload = client.cookies['journal_session'].split('.')[0]
    identifier = json.loads(base64.b64decode(payload))['id']
    kept = b''.join(path.read_bytes() for path in (tmp_path / 'kept').rglob('*') if path.is_file())
    assert hashlib.sha256(identifier.encode()).hexdigest().encode() in kept
    assert identifier.encode() not in kept


@pytest.mark.parametrize(('number', 'entry'), [(signal.SIGTERM, REAL_START), (signal.SIGINT, ())])
def test_a_signal_stops_the_program_cleanly_with_a_page_open(
    tmp_path: Path, number: signal.Signals, entry: tuple[str, ...]
) -> None:
    program = Program(tmp_path, f'sqlite:///{tmp_path}/kept/journal.db', entry=entry)
    with program:
        client = sign_in(program, passwords(program)[0])
        client.get('/')
        began = time.monotonic()
        assert program.stop(number) == 0
        assert time.monotonic() - began < 10
    assert 'Traceback' not in program.output
    assert 'ERROR' not in program.output


def test_a_demonstration_prints_a_new_password_at_every_start(tmp_path: Path) -> None:
    # Its database has its own place in the project's data folder: a copy of the project spares the developer's.
    # The copy has the compiled modules too, because compiling all of them takes seconds.
    copy = tmp_path / 'project'
    without = shutil.ignore_patterns('*.sqlite3*', 'sessions', 'storage.secret')
    for folder in ('models', 'services', 'journal_ui', 'data', 'docs'):
        shutil.copytree(PROJECT_ROOT / folder, copy / folder, ignore=without)
    shutil.copy(MAIN, copy)
    program = Program(tmp_path, '', entry=(str(copy / 'main.py'),), JOURNAL_DEMO='true')
    with program:
        client = sign_in(program, passwords(program)[0])
        assert client.get('/messages', follow_redirects=False).status_code == 200
    with program:
        first, second = passwords(program)
        assert first != second
        assert re.fullmatch(r'\d{4}-\d{4}-\d{4}', second), 'digits are easy to type in every keyboard layout'
        assert client.get('/messages', follow_redirects=False).status_code == 303, 'the old password let this one in'
        client = sign_in(program, second)
        assert client.get('/messages', follow_redirects=False).status_code == 200
        home = client.get('/').text
        for question, url in QUESTIONS:
            assert question in home
            assert client.get(url).status_code == 200
        with closing(sqlite3.connect(copy / 'data' / 'demo.sqlite3')) as connection:

            def count_messages() -> int:
                return int(connection.execute('SELECT count(*) FROM message').fetchone()[0])

            deadline = time.monotonic() + 30
            while count_messages() <= 20_000 + STORY_SIZE:
                assert time.monotonic() < deadline, 'no message arrives'
                time.sleep(0.1)
    assert not (copy / 'data' / 'journal.sqlite3').exists()


def test_a_demonstration_does_not_change_accounts_of_a_configured_database(program: Program) -> None:
    program.environment['JOURNAL_DEMO'] = 'true'
    with program:
        (password,) = passwords(program)
    with program:
        assert passwords(program) == [password]
        assert 'Пароль admin показан при первом запуске' in program.output
        assert sign_in(program, password).get('/messages').url.path == '/account/password'


@pytest.mark.parametrize(
    ('arguments', 'environment', 'line'),
    [
        ([], {'JOURNAL_PORT': '99999'}, 'JOURNAL_PORT (--port): 99999 — нужно не больше 65535.'),
        ([], {'JOURNAL_TIMEZONE': 'Mars'}, 'JOURNAL_TIMEZONE (--timezone): «Mars» — нет такого часового пояса.'),
        ([], {'JOURNAL_DATABASE_URL': 'oracle://x'}, 'JOURNAL_DATABASE_URL (--database-url): нужен адрес'),
        ([], {'JOURNAL_PROT': '1'}, 'JOURNAL_PROT: нет такой настройки.'),
        (['--what'], {}, '--what: нет такого параметра.'),
        (['--host', 'no such host'], {}, 'JOURNAL_HOST (--host): «no such host»'),
        (['--host', '203.0.113.1'], {}, 'JOURNAL_HOST (--host): «203.0.113.1»'),
    ],
)
def test_an_invalid_setting_is_reported_in_one_line(
    clean_environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    environment: dict[str, str],
    line: str,
) -> None:
    for name, value in environment.items():
        clean_environment.setenv(name, value)
    with pytest.raises(SystemExit) as ended, exit_on_errors():
        check_listen_address(parse_arguments(arguments)[0])
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, '')
    assert said.err.startswith(line)
    assert said.err.count('\n') == 1


def test_an_invalid_setting_stops_the_start(tmp_path: Path) -> None:
    status, said = start_refused(tmp_path, '--port', 'abc', entry=REAL_START)
    assert said == 'JOURNAL_PORT (--port): «abc» — нужно целое число.'
    assert status == 2
    assert not list(tmp_path.iterdir()), 'nothing is made on the disk before the settings are right'


def test_a_busy_port_is_reported(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(('127.0.0.1', 0))
        other.listen()
        port = other.getsockname()[1]
        status, said = start_refused(tmp_path, '--port', str(port))
    assert said == f'JOURNAL_PORT (--port): порт {port} занят другой программой. Выберите другой.'
    assert status == 1


def test_a_read_only_folder_is_reported(tmp_path: Path) -> None:
    # Root may write anywhere that permissions forbid, but not under a file.
    (tmp_path / 'file').touch()
    for place in (tmp_path / 'file' / 'journal.db', Path('/proc/journal/journal.db'), Path('/proc/journal.db')):
        port = str(free_port())
        status, said = start_refused(tmp_path, '--port', port, JOURNAL_DATABASE_URL=f'sqlite:///{place}')
        assert said.startswith('База данных (JOURNAL_DATABASE_URL) недоступна: ')
        assert status == 1


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / 'journal.db'
    path.write_bytes(sqlite_template.read_bytes())
    path.chmod(0o600)  # otherwise the start narrows its rights, with a warning
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    status, said = start_refused(tmp_path, '--port', str(free_port()))
    assert said == 'База данных сделана более новой версией программы. Обновите программу.'
    assert status == 1


def test_an_unavailable_postgresql_is_reported_without_its_password(tmp_path: Path) -> None:
    port = free_port()
    url = f'postgresql://journal:secret@127.0.0.1:{port}/journal'
    status, said = start_refused(tmp_path, '--port', str(free_port()), JOURNAL_DATABASE_URL=url)
    assert said.startswith('База данных (JOURNAL_DATABASE_URL) недоступна: ')
    assert str(port) in said
    assert 'secret' not in said
    assert status == 1


def test_a_time_zone_that_differs_from_that_of_the_totals_is_refused(program: Program, tmp_path: Path) -> None:
    assert program.run('balance', 'set', '1').returncode == 0
    url = program.environment['JOURNAL_DATABASE_URL']
    status, said = start_refused(
        tmp_path, '--port', str(free_port()), JOURNAL_DATABASE_URL=url, JOURNAL_TIMEZONE='Asia/Omsk'
    )
    assert said.startswith('JOURNAL_TIMEZONE (--timezone): эта база считает дни по поясу Europe/Moscow')
    assert status == 2


def test_commands_work_while_the_program_runs(program: Program) -> None:
    with program:
        added = program.run(
            'user', 'add', 'Сидорова', '--role', 'WebAdmin', '--password-stdin', stdin='двенадцать и ещё'
        )
        assert (added.returncode, added.stdout) == (
            0,
            'Добавлен пользователь сидорова, роль WebAdmin.\nПри первом входе пароль нужно сменить.\n',
        )
        client = httpx.Client(base_url=program.url, follow_redirects=True, headers={'accept': 'text/html'})
        client.get('/login')
        answer = client.post('/login', data={'name': 'сидорова', 'password': 'двенадцать и ещё'})
        assert answer.url.path == '/account/password'
        again = program.run('user', 'add', 'сидорова', '--role', 'User', '--password-stdin', stdin='двенадцать и ещё')
        assert (again.returncode, again.stderr) == (1, 'Пользователь сидорова уже есть.\n')


def test_a_start_warns_while_the_only_account_with_a_password_does_not_exist(program: Program) -> None:
    program.environment |= {
        'JOURNAL_OIDC_ISSUER': 'https://login.example.test',
        'JOURNAL_OIDC_CLIENT_ID': 'journal',
        'JOURNAL_OIDC_CLIENT_SECRET': 'secret',
        'JOURNAL_LOCAL_ACCOUNTS': 'emergency',
    }
    warning = 'JOURNAL_LOCAL_ACCOUNTS names no account with a password; create it by `user add`'
    with program:
        assert program.output.count(warning) == 1
    program.run('user', 'add', 'emergency', '--role', 'Admin', '--password-stdin', stdin='двенадцать и ещё')
    with program:
        assert program.output.count(warning) == 1, 'the second start has no reason to warn'


def has_messages(path: Path) -> bool:
    """Return whether the database at `path` exists and has messages."""
    try:
        with closing(sqlite3.connect(f'file:{path}?mode=ro', uri=True)) as connection:
            return bool(connection.execute('SELECT EXISTS (SELECT 1 FROM message)').fetchone()[0])
    except sqlite3.OperationalError:
        return False


def test_an_interrupted_command_reports_the_interruption(imported_program: Program, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, MAIN, 'demo', '--messages', '5000000'],
        cwd=tmp_path,
        env=imported_program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not has_messages(tmp_path / 'kept' / 'journal.db') and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, '', 'Прервано.\n')


def test_reload_restarts_the_code_with_the_same_settings(tmp_path: Path) -> None:
    program = Program(tmp_path, f'sqlite:///{tmp_path}/journal.db', entry=REAL_START, JOURNAL_RELOAD='true')
    with program:
        assert len(passwords(program)) == 1, 'the child that serves must not welcome a second time'
        assert sign_in(program, passwords(program)[0]).get('/').status_code == 200
        assert program.stop() == 0
    assert 'Traceback' not in program.output
