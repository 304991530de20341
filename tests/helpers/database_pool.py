"""Copies of a PostgreSQL database for single tests, created ahead, and emptied and used again while tests run."""

from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count

from psycopg import Error

from tests.helpers.database_reset import DatabaseReset
from tests.helpers.postgres_server import PostgresServer

READY_DATABASES = 2
"""Copies that wait for the next tests: one test needs one."""
_numbers = count(1)


class DatabasePool:
    """Copies of one database; a background thread creates them, and restores the content of those that were used.

    Creating and dropping a copy takes some 30 ms of CPU time, restoring its content a third of that. A copy whose
    schema was changed, or that has grown, is dropped.
    """

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server = server
        self._template = template
        self._ready: list[Future[str]] = []
        self._background = ThreadPoolExecutor(1, thread_name_prefix='database-pool')
        self._reset: DatabaseReset | None = None

    def acquire(self) -> str:
        """Return the name of a copy with the content of the template, and start to prepare another."""
        while len(self._ready) <= READY_DATABASES:
            self._ready.append(self._background.submit(self._create))
        return self._ready.pop(0).result()

    def release(self, name: str) -> None:
        """Close the connections to a copy, and schedule its preparation for another test, or its removal."""
        self._ready.append(self._background.submit(self._renew, name))

    def close(self) -> None:
        """Wait for the work in progress; the server removes the databases that are left."""
        self._background.shutdown(cancel_futures=True)

    def _create(self) -> str:
        name = f'pooled_{next(_numbers)}'
        self._server.create(name, self._template)
        if self._reset is None:
            with self._server.connect(name) as connection:
                self._reset = DatabaseReset(connection)
        return name

    def _renew(self, name: str) -> str:
        """Return the name of a database as the template is: the same if possible, otherwise a new one."""
        assert self._reset is not None
        try:
            with self._server.connect(name) as connection:
                is_restored = self._reset.restore(connection)
        except Error:
            is_restored = False
        if is_restored:
            return name
        self._server.drop(name)
        return self._create()
