"""The database: one way to read and to write it, whatever the engine.

Work is a function of a session, run in a thread so that no query ever holds the event loop. A task that is cancelled
while it waits cancels its query in the database itself. Sessions are synchronous on purpose: measured, they serve more
requests a second than their asynchronous kin on both engines.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from threading import Event, Lock
from typing import Any, Generic, Literal, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlmodel import Session

from services.database.change_listener import CHANNEL
from services.database.indexes import planner_statistics
from services.database.indexes.sqlite_indexes import CACHE_KIB
from services.errors import DatabaseUnavailableError, QueryTimeoutError

T = TypeVar('T')
Work = Callable[[Session], T]
Dialect = Literal['sqlite', 'postgresql']

MAX_READERS = 4
"""Reading threads, and connections, of a process: a slow search leaves room for quick ones."""
SQLITE_BUSY_TIMEOUT = 30
"""Seconds a writer waits for another process's transaction on SQLite."""


CANCEL_RETRY_INTERVAL = 0.05
"""Seconds after which a query that outlived its cancellation is cancelled again."""
WRITE_ENDS_WITHIN = 2.0
"""Seconds that work which writes has to end by itself when the database is closed."""
CLOSE_WITHIN = 3.0
"""Seconds after which a database is closed although some work goes on in spite of its cancellation."""

log = logging.getLogger(__name__)


class Database:
    """Sessions over one database: many readers beside one writer."""

    def __init__(self, url: str) -> None:
        """Prepare connections to the database at `url` (an SQLAlchemy URL); none is opened yet."""
        self.url = make_url(url)
        self.dialect: Dialect = 'sqlite' if self.url.get_backend_name() == 'sqlite' else 'postgresql'
        if self.dialect == 'sqlite':
            self._readers = _sqlite_engine(self.url, MAX_READERS + 1, read_only=True)
            self._writer = _sqlite_engine(self.url, 1, read_only=False)
        else:
            # Each statement sees what is committed, in a transaction or not; without one it is one question and answer.
            self._readers = _postgresql_engine(self.url, MAX_READERS + 1, isolation_level='AUTOCOMMIT')
            self._writer = _postgresql_engine(self.url, 3, pool_pre_ping=True)
        self._read_threads = ThreadPoolExecutor(MAX_READERS, thread_name_prefix='reader')
        self._priority_read_thread = ThreadPoolExecutor(1, thread_name_prefix='reader beside')
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix='writer')
        self._priority_write_thread = ThreadPoolExecutor(1, thread_name_prefix='writer beside')
        self._cancel_thread = ThreadPoolExecutor(1, thread_name_prefix='canceller')
        self._running: dict[Future[Any], _Job[Any]] = {}
        """Work handed to a thread that has not ended yet."""

    async def read(self, work: Work[T]) -> T:
        """Do reading work in a reader's thread.

        Raises:
            Unavailable: the database does not answer.
            Busy: the database cancelled the query by a time limit of its own.
        """
        return await self._run(self._read_threads, self._readers, work)

    async def read_priority(self, work: Work[T]) -> T:
        """Read as `read` does, though not behind what people search: for what is quick and must never wait."""
        return await self._run(self._priority_read_thread, self._readers, work)

    async def read_with_timeout(self, seconds: float, work: Work[T]) -> T:
        """Do reading work that is stopped, and raises Busy, when it takes longer than so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                return await self.read(work)
        except TimeoutError:
            raise QueryTimeoutError from None

    async def write(self, work: Work[T]) -> T:
        """Do writing work as one transaction in the writer's thread; raises as `read` does."""
        return await self._run(self._write_thread, self._writer, work)

    async def write_priority(self, work: Work[T]) -> T:
        """Write as `write` does, though not behind what this process has to write besides.

        For what somebody waits for, what no message shares a row with, and of which no open page need hear. On SQLite
        it still waits for the transaction that is under way.
        """
        return await self._run(self._priority_write_thread, self._writer, work, notifies=False)

    def read_sync(self, work: Work[T]) -> T:
        """Do reading work here and now: for the command line; raises as `read` does."""
        return _Job(self._readers, work, writes=False).run()

    def read_snapshot(self, work: Work[T]) -> T:
        """Do reading work here and now that sees the database as it is at one moment; raises as `read` does."""
        # SQLite's reading transactions see one moment anyway.
        options = {'isolation_level': 'REPEATABLE READ'} if self.dialect == 'postgresql' else {}
        return _Job(self._readers.execution_options(**options), work, writes=False).run()

    def write_sync(self, work: Work[T]) -> T:
        """Do writing work as one transaction here and now: for the command line; raises as `read` does."""
        return _Job(self._writer, work, writes=True).run()

    def update_statistics(self) -> None:
        """Collect the query planner's statistics anew; blocks, for after a bulk load."""
        with _translate_driver_errors(), self._writer.connect() as connection:
            if self.dialect == 'postgresql':
                connection.execution_options(isolation_level='AUTOCOMMIT').exec_driver_sql('VACUUM (ANALYZE)')
            else:
                planner_statistics.analyze(connection)
                connection.commit()

    def close(self) -> None:
        """Close every connection; cancel what reads at once, and what writes if it does not end soon."""
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
            for job in filter(None, map(self._running.get, running)):
                if passed > WRITE_ENDS_WITHIN or not job.writes:
                    job.interrupt()
            running = wait(running, timeout=CANCEL_RETRY_INTERVAL).not_done
        if running:
            log.error('the database is closed while %s queries go on', len(running))

    async def _run(self, threads: ThreadPoolExecutor, engine: Engine, work: Work[T], *, notifies: bool = True) -> T:
        job = _Job(engine, work, writes=engine is self._writer, notifies=notifies)
        submitted = threads.submit(job.run)
        self._running[submitted] = job
        submitted.add_done_callback(lambda done: self._running.pop(done, None))
        future = asyncio.wrap_future(submitted)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            # Nobody awaits it any more, so its end must not be reported as an error that nobody caught.
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
            with suppress(RuntimeError):  # the database is closed, and that has cancelled it
                self._cancel_thread.submit(job.cancel)
            raise


class _Job(Generic[T]):
    """One piece of work on its way through a thread; another thread may cancel it."""

    def __init__(self, engine: Engine, work: Work[T], *, writes: bool, notifies: bool = True) -> None:
        self._engine = engine
        self._work = work
        self.writes = writes
        self._notifies = notifies
        self._lock = Lock()
        self._ended = Event()
        self._cancelled = False
        self._driver: Any = None

    def run(self) -> T:
        """Do the work: writing in a transaction of its own, reading once more if the connection was dead."""
        with _translate_driver_errors():
            try:
                return self._run()
            except DBAPIError as error:
                if self.writes or not error.connection_invalidated:
                    raise
            self._ended.clear()
            return self._run()

    def _run(self) -> T:
        with Session(self._engine) as session:
            driver = session.connection().connection.driver_connection
            with self._lock:
                if self._cancelled:
                    raise QueryTimeoutError
                self._driver = driver
            try:
                result = self._work(session)
            finally:
                with self._lock:
                    self._driver = None
                self._ended.set()
            if self.writes:
                if self._notifies and isinstance(driver, psycopg.Connection):
                    session.connection().exec_driver_sql(f'NOTIFY {CHANNEL}')
                session.commit()
            return result

    def cancel(self) -> None:
        """Stop the work: what has not begun never does, and what runs is interrupted until it has ended.

        Once is not enough: an interruption between two statements is lost.
        """
        while not self._ended.wait(0 if not self._cancelled else CANCEL_RETRY_INTERVAL):
            if not self.interrupt():
                return

    def interrupt(self) -> bool:
        """Interrupt the statement under way once; False when none is, and then the work never begins."""
        with self._lock:
            self._cancelled = True
            if isinstance(self._driver, sqlite3.Connection):
                self._driver.interrupt()
            elif isinstance(self._driver, psycopg.Connection):
                self._driver.cancel_safe(timeout=1)
            else:
                return False
        return True


@contextmanager
def _translate_driver_errors() -> Iterator[None]:
    """Turn the drivers' errors into the two that a caller can act upon; the rest are mistakes of the program."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        if isinstance(error.orig, psycopg.errors.QueryCanceled) or 'interrupted' in str(error.orig):
            raise QueryTimeoutError from error
        raise DatabaseUnavailableError(str(error.orig)) from error
    except DBAPIError as error:
        if error.connection_invalidated or isinstance(error.orig, psycopg.errors.ReadOnlySqlTransaction):
            raise DatabaseUnavailableError(str(error.orig)) from error
        raise
    except NoConnection as error:  # whoever writes holds it for longer than others wait
        raise DatabaseUnavailableError(str(error)) from error


def _sqlite_engine(url: URL, size: int, *, read_only: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_use_lifo=True,  # the connection used last has the most in its cache
        connect_args={'check_same_thread': False, 'timeout': SQLITE_BUSY_TIMEOUT},
    )

    @event.listens_for(engine, 'connect')
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        # The driver's own transactions begin too late (at the first write); SQLAlchemy's BEGIN is sent below instead.
        connection.isolation_level = None
        connection.execute('PRAGMA journal_mode = WAL')
        # FULL: what was answered as accepted is on disk even if the power fails.
        connection.execute('PRAGMA synchronous = FULL')
        connection.execute('PRAGMA foreign_keys = ON')
        connection.execute(f'PRAGMA cache_size = {-CACHE_KIB}')
        if read_only:
            connection.execute('PRAGMA query_only = ON')

    @event.listens_for(engine, 'begin')
    def begin(connection: Connection) -> None:
        # IMMEDIATE: a writer waits for its turn at the start, where waiting is safe, not in the middle.
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute('BEGIN' if read_only else 'BEGIN IMMEDIATE')

    return engine


def _postgresql_engine(url: URL, size: int, **options: Any) -> Engine:
    return create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_use_lifo=True,
        **options,
        # No prepared statements: a plan made for any fragment of a name suits none. No helping processes: one person's
        # long count must not take every core from all others.
        connect_args={
            'connect_timeout': 5,
            'options': '-c timezone=UTC -c max_parallel_workers_per_gather=0',
            'prepare_threshold': None,
        },
    )
