"""Access to the database, the same on both engines: reads and writes in threads, cancellation, orderly closing.

Work is a function of a session that runs in a thread, so that no query blocks the event loop. Cancelling the task that
awaits the work cancels its query in the database, or cuts the connection if the database does not respond to that. Work
that takes longer than its time limit is cancelled too, so that a database that hangs blocks nothing for ever. Sessions
are synchronous on purpose: by measurement they serve more requests a second than asynchronous sessions on both engines.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from typing import Any, Literal, TypeVar

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from services.database.connections import SQLITE_BUSY_TIMEOUT, create_postgresql_engine, create_sqlite_engine
from services.database.database_job import CANCEL_RETRY_INTERVAL, DatabaseJob, Work
from services.database.driver_errors import translate_driver_errors
from services.database.indexes import planner_statistics
from services.errors import DatabaseTimeoutError, QueryTimeoutError

__all__ = ['MAX_READERS', 'QUERY_TIMEOUT_SECONDS', 'Database', 'Dialect', 'Work']

T = TypeVar('T')
Dialect = Literal['sqlite', 'postgresql']

MAX_READERS = 4
"""Reading threads, and connections, of a process: slow searches leave threads for quick ones."""
QUERY_TIMEOUT_SECONDS = 15.0
"""Seconds after which a search is cancelled in the database; the user then has to narrow it."""
READ_TIMEOUT = 30.0
"""Seconds after which a read is cancelled if its caller sets no shorter limit."""
WRITE_TIMEOUTS: Mapping[Dialect, float] = {'sqlite': SQLITE_BUSY_TIMEOUT + 10.0, 'postgresql': 20.0}
"""Seconds after which a write is cancelled; on SQLite it may first wait for a transaction of another process."""
WRITE_ENDS_WITHIN = 2.0
"""Seconds that running writes have to end by themselves when the database is closed."""
CLOSE_WITHIN = 3.0
"""Seconds after which the database is closed even if cancelled work is still running."""

log = logging.getLogger(__name__)


class Database:
    """Sessions over one database: several concurrent readers and one writer."""

    def __init__(self, url: str, direct_url: str = '') -> None:
        """Prepare the connection pools; no connection is opened yet.

        Args:
            url: the SQLAlchemy URL of the database.
            direct_url: its URL without PgBouncer, if `url` leads to PgBouncer.
        """
        self.url = make_url(url)
        self.direct_url = make_url(direct_url or url)
        """The URL of connections that need a session of their own."""
        self.dialect: Dialect = 'sqlite' if self.url.get_backend_name() == 'sqlite' else 'postgresql'
        if self.dialect == 'sqlite':
            self._readers = create_sqlite_engine(self.url, MAX_READERS + 1, read_only=True)
            self._writer = create_sqlite_engine(self.url, 1, read_only=False)
        else:
            self._readers = create_postgresql_engine(self.url, MAX_READERS + 1, read_only=True)
            self._writer = create_postgresql_engine(self.url, 3, read_only=False)
        self._read_threads = ThreadPoolExecutor(MAX_READERS, thread_name_prefix='reader')
        self._priority_read_thread = ThreadPoolExecutor(1, thread_name_prefix='priority reader')
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix='writer')
        self._priority_write_thread = ThreadPoolExecutor(1, thread_name_prefix='priority writer')
        self._cancel_thread = ThreadPoolExecutor(1, thread_name_prefix='canceller')
        self._running: dict[Future[Any], DatabaseJob[Any]] = {}
        """Jobs submitted to a thread that have not ended yet."""

    async def read(self, work: Work[T]) -> T:
        """Run reading work in a reader thread.

        Raises:
            DatabaseError: the database is unavailable, or it cancelled the query; see services.errors.
            DatabaseTimeoutError: the work took longer than READ_TIMEOUT.
        """
        return await self._run(self._read_threads, self._readers, work)

    async def read_priority(self, work: Work[T]) -> T:
        """Run quick reading work in a thread of its own, so that it does not queue behind searches.

        Raises:
            DatabaseError: see `read`.
        """
        return await self._run(self._priority_read_thread, self._readers, work)

    async def read_with_timeout(self, seconds: float, work: Work[T]) -> T:
        """Run reading work as `read` does, and cancel it after a time limit.

        Raises:
            QueryTimeoutError: the work took longer than `seconds`.
            DatabaseError: see `read`.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self.read(work)
        except TimeoutError:
            raise QueryTimeoutError from None

    async def write(self, work: Work[T]) -> T:
        """Run writing work as one transaction in the writer thread, and notify change listeners.

        Raises:
            DatabaseError: see `read`.
            DatabaseTimeoutError: the work took longer than WRITE_TIMEOUTS; what the database was committing just then
                may be written nevertheless.
        """
        return await self._run(self._write_thread, self._writer, work)

    async def write_priority(self, work: Work[T]) -> T:
        """Run writing work as one transaction in a thread of its own, so that it does not queue behind other writes.

        Use it for work that a user waits for, that locks no row of a message, and that change listeners need not see.
        On SQLite it still waits for a transaction that has already begun.

        Raises:
            DatabaseError: see `read`.
        """
        return await self._run(self._priority_write_thread, self._writer, work, notifies=False)

    def read_sync(self, work: Work[T]) -> T:
        """Run reading work in the calling thread, for the command line.

        Raises:
            DatabaseError: see `read`.
        """
        return DatabaseJob(self._readers, work, writes=False).run()

    def read_snapshot(self, work: Work[T]) -> T:
        """Run reading work in the calling thread on a consistent snapshot of the database.

        Raises:
            DatabaseError: see `read`.
        """
        # A reading transaction of SQLite is always a snapshot.
        options = {'isolation_level': 'REPEATABLE READ'} if self.dialect == 'postgresql' else {}
        return DatabaseJob(self._readers.execution_options(**options), work, writes=False).run()

    def write_sync(self, work: Work[T]) -> T:
        """Run writing work as one transaction in the calling thread, for the command line.

        Raises:
            DatabaseError: see `read`.
        """
        return DatabaseJob(self._writer, work, writes=True).run()

    def update_statistics(self) -> None:
        """Collect the statistics of the query planner after a bulk load; blocks the calling thread.

        Raises:
            DatabaseError: see `read`.
        """
        with translate_driver_errors(), self._writer.connect() as connection:
            if self.dialect == 'postgresql':
                connection.execution_options(isolation_level='AUTOCOMMIT').exec_driver_sql('VACUUM (ANALYZE)')
            else:
                planner_statistics.analyze(connection)
                connection.commit()

    def erase_deleted(self, *, rewrite: bool = False) -> bool:
        """Write what was deleted through to SQLite's file, whose log still has it; blocks the calling thread.

        On PostgreSQL VACUUM frees the space, which is used again (see `update_statistics`).

        Args:
            rewrite: whether the whole file is written anew, without unused space; others cannot write meanwhile.

        Returns:
            False if readers of another process prevented it; the log is then written over later.

        Raises:
            DatabaseError: see `read`.
        """
        if self.dialect != 'sqlite':
            return True
        with translate_driver_errors(), closing(self._writer.raw_connection()) as connection:
            cursor = connection.cursor()
            # Neither is allowed in a transaction.
            if rewrite:
                cursor.execute('VACUUM')
            is_busy, _, _ = cursor.execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchone()
        return not is_busy

    def close(self) -> None:
        """Close all connections; cancel running reads at once, and running writes that do not end soon."""
        threads = (self._read_threads, self._priority_read_thread, self._write_thread, self._priority_write_thread)
        for each in threads:
            each.shutdown(wait=False, cancel_futures=True)
        self._end_running()
        self._cancel_thread.shutdown(wait=False, cancel_futures=True)
        self._readers.dispose()
        self._writer.dispose()

    def _end_running(self) -> None:
        began = time.monotonic()
        running = set(self._running)
        while running and (passed := time.monotonic() - began) < CLOSE_WITHIN:
            for future in running:
                job = self._running.get(future)
                if job and (passed > WRITE_ENDS_WITHIN or not job.writes):
                    job.interrupt()
            running = wait(running, timeout=CANCEL_RETRY_INTERVAL).not_done
        if running:
            log.error('the database is closed while %s queries go on', len(running))

    async def _run(self, threads: ThreadPoolExecutor, engine: Engine, work: Work[T], *, notifies: bool = True) -> T:
        job = DatabaseJob(engine, work, writes=engine is self._writer, notifies=notifies)
        submitted = threads.submit(job.run)
        self._running[submitted] = job
        submitted.add_done_callback(lambda done: self._running.pop(done, None))
        future = asyncio.wrap_future(submitted)
        seconds = WRITE_TIMEOUTS[self.dialect] if job.writes else READ_TIMEOUT
        try:
            async with asyncio.timeout(seconds) as limit:
                return await asyncio.shield(future)
        except TimeoutError:
            if limit.expired():
                self._cancel(job, future)
                raise DatabaseTimeoutError(f'no answer within {seconds:.0f} seconds') from None
            raise
        except asyncio.CancelledError:
            self._cancel(job, future)
            raise

    def _cancel(self, job: DatabaseJob[T], future: asyncio.Future[T]) -> None:
        future.add_done_callback(_retrieve_exception)
        with suppress(RuntimeError):  # the closed database has already cancelled the job
            self._cancel_thread.submit(job.cancel)


def _retrieve_exception(future: asyncio.Future[Any]) -> None:
    """Mark the exception of a future as retrieved, because asyncio would log that nobody awaited it."""
    if not future.cancelled():
        future.exception()
