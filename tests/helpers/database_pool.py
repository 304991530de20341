"""Copies of a PostgreSQL database for single tests, created ahead and dropped later, while tests run."""

from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count

from tests.helpers.postgres_server import PostgresServer

READY_DATABASES = 2
"""Copies that wait for the next tests: one test needs one."""


class DatabasePool:
    """Copies of one database; a background thread creates and drops them, because each takes some 50 ms."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server = server
        self._template = template
        self._numbers = count(1)
        self._ready: list[Future[str]] = []
        self._background = ThreadPoolExecutor(1, thread_name_prefix='database-pool')

    def acquire(self) -> str:
        """Return the name of a copy that no test has used, and start to create another."""
        while len(self._ready) <= READY_DATABASES:
            self._ready.append(self._background.submit(self._create, f'pooled_{next(self._numbers)}'))
        return self._ready.pop(0).result()

    def release(self, name: str) -> None:
        """Schedule the removal of a copy, and of the connections to it."""
        self._background.submit(self._server.drop, name)

    def close(self) -> None:
        """Wait for the work in progress; the server removes the databases that are left."""
        self._background.shutdown(cancel_futures=True)

    def _create(self, name: str) -> str:
        self._server.create(name, self._template)
        return name
