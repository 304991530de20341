"""PgBouncer with the configuration in `deploy/`, as a process of the test on a port of the loopback interface."""

import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

from sqlalchemy.engine import make_url

from services.settings import PROJECT_ROOT
from tests.helpers.nginx import replace_each_once
from tests.helpers.ports import free_port
from tests.helpers.server_process import launch_server, wait_until_ready

CONFIG = PROJECT_ROOT / 'deploy' / 'pgbouncer.ini'
BINARY = shutil.which('pgbouncer', path=f'{os.environ["PATH"]}:/usr/sbin:/sbin')
"""None if PgBouncer is not installed; on Debian, the PATH of a user has no folders of servers."""


class PgBouncer:
    """PgBouncer in front of one database; a context manager."""

    def __init__(self, database_url: str, pool_size: int) -> None:
        """Write the shipped configuration for a database of `PostgresServer`, with fewer connections to it."""
        server = make_url(database_url)
        self._folder = Path(mkdtemp(prefix='journal-pgbouncer-'))
        self._port = free_port()
        self.url = f'postgresql+psycopg://postgres@127.0.0.1:{self._port}/journal'
        """The URL of the database through PgBouncer."""
        changes = {
            'host=127.0.0.1 port=5432 dbname=journal': f'host={server.query["host"]} dbname={server.database}',
            'listen_port = 6432': f'listen_port = {self._port}',
            'auth_type = scram-sha-256': 'auth_type = trust',
            '/etc/pgbouncer/userlist.txt': str(self._folder / 'users'),
            '/var/run/postgresql/pgbouncer.pid': str(self._folder / 'pid'),
            'logfile = /var/log/postgresql/pgbouncer.log': f'logfile = {self._folder / "log"}',
            'unix_socket_dir = /var/run/postgresql': 'unix_socket_dir =',
            # Each transaction gets another connection, so that whatever a session keeps is lost.
            'default_pool_size = 10': f'default_pool_size = {pool_size}\nserver_round_robin = 1',
        }
        (self._folder / 'pgbouncer.ini').write_text(replace_each_once(CONFIG.read_text(), changes))
        (self._folder / 'users').write_text('"postgres" ""\n')
        self._user: str | None = None
        if os.geteuid() == 0:  # PgBouncer refuses to run as root
            nobody = pwd.getpwnam('nobody')
            self._user = nobody.pw_name
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        assert BINARY, 'PgBouncer is not installed: run .ci/server pgbouncer'
        log = self._folder / 'output'
        self._process = launch_server([BINARY, self._folder / 'pgbouncer.ini'], log, user=self._user)
        wait_until_ready('PgBouncer', self._process, self._is_ready, log=log, stop=self.__exit__)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.terminate()  # without waiting for clients
            self._process.wait(10)
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _is_ready(self) -> bool:
        try:
            socket.create_connection(('127.0.0.1', self._port), timeout=1).close()
        except OSError:
            return False
        return True
