"""The database: one way to read and to write it, whatever the engine.

Work is a function of a session, run in a thread so that no query ever holds the event loop. A task that is cancelled
while it waits cancels its query in the database itself. Sessions are synchronous on purpose: measured, they serve more
requests a second than their asynchronous kin on both engines.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Lock
from typing import Any, Generic, Literal, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlmodel import Session

from services.changes import CHANNEL
from services.derived import statistics
from services.derived.sqlite import CACHE
from services.query import Busy, Unavailable

T = TypeVar('T')
Work = Callable[[Session], T]
Dialect = Literal['sqlite', 'postgresql']

READERS = 4
"""Reading threads, and connections, of a process: a slow search leaves room for quick ones."""
WRITE_WAIT = 30
"""Seconds a writer waits for another process's transaction on SQLite."""


CANCEL_AGAIN = 0.05
"""Seconds after which a query that outlived its cancellation is cancelled again."""


class Database:
    """Sessions over one database: many readers beside one writer."""

    def __init__(self, url: str) -> None:
        """Prepare connections to the database at `url` (an SQLAlchemy URL); none is opened yet."""
        self.url = make_url(url)
        self.dialect: Dialect = 'sqlite' if self.url.get_backend_name() == 'sqlite' else 'postgresql'
        if self.dialect == 'sqlite':
            self._readers = _sqlite_engine(self.url, READERS + 1, read_only=True)
            self._writer = _sqlite_engine(self.url, 1, read_only=False)
        else:
            # Each statement sees what is committed, in a transaction or not; without one it is one question and answer.
            self._readers = _postgresql_engine(self.url, READERS + 1, isolation_level='AUTOCOMMIT')
            self._writer = _postgresql_engine(self.url, 3, pool_pre_ping=True)
        self._read_threads = ThreadPoolExecutor(READERS, thread_name_prefix='reader')
        self._read_beside_thread = ThreadPoolExecutor(1, thread_name_prefix='reader beside')
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix='writer')
        self._beside_thread = ThreadPoolExecutor(1, thread_name_prefix='writer beside')
        self._cancel_thread = ThreadPoolExecutor(1, thread_name_prefix='canceller')

    async def read(self, work: Work[T]) -> T:
        """Do reading work in a reader's thread.

        Raises:
            Unavailable: the database does not answer.
            Busy: the database cancelled the query by a time limit of its own.
        """
        return await self._run(self._read_threads, self._readers, work)

    async def read_beside(self, work: Work[T]) -> T:
        """Read as `read` does, though not behind what people search: for what is quick and must never wait."""
        return await self._run(self._read_beside_thread, self._readers, work)

    async def read_within(self, seconds: float, work: Work[T]) -> T:
        """Do reading work that is stopped, and raises Busy, when it takes longer than so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                return await self.read(work)
        except TimeoutError:
            raise Busy from None

    async def write(self, work: Work[T]) -> T:
        """Do writing work as one transaction in the writer's thread; raises as `read` does."""
        return await self._run(self._write_thread, self._writer, work)

    async def write_beside(self, work: Work[T]) -> T:
        """Write as `write` does, though not behind what this process has to write besides.

        For what somebody waits for, what no message shares a row with, and of which no open page need hear. On SQLite
        it still waits for the transaction that is under way.
        """
        return await self._run(self._beside_thread, self._writer, work, tells=False)

    def read_now(self, work: Work[T]) -> T:
        """Do reading work here and now: for the command line; raises as `read` does."""
        return _Job(self._readers, work, writes=False).run()

    def read_still(self, work: Work[T]) -> T:
        """Do reading work here and now that sees the database as it is at one moment; raises as `read` does."""
        # SQLite's reading transactions see one moment anyway.
        still = {'isolation_level': 'REPEATABLE READ'} if self.dialect == 'postgresql' else {}
        return _Job(self._readers.execution_options(**still), work, writes=False).run()

    def write_now(self, work: Work[T]) -> T:
        """Do writing work as one transaction here and now: for the command line; raises as `read` does."""
        return _Job(self._writer, work, writes=True).run()

    def freshen(self) -> None:
        """Collect the query planner's statistics anew; blocks, for after a bulk load."""
        with _clear_errors(), self._writer.connect() as connection:
            if self.dialect == 'postgresql':
                connection.execution_options(isolation_level='AUTOCOMMIT').exec_driver_sql('VACUUM (ANALYZE)')
            else:
                statistics.analyze(connection)
                connection.commit()

    def close(self) -> None:
        """Let running work end, then close every connection."""
        self._read_threads.shutdown(cancel_futures=True)
        self._read_beside_thread.shutdown(cancel_futures=True)
        self._write_thread.shutdown(cancel_futures=True)
        self._beside_thread.shutdown(cancel_futures=True)
        self._cancel_thread.shutdown(cancel_futures=True)
        self._readers.dispose()
        self._writer.dispose()

    async def _run(self, threads: ThreadPoolExecutor, engine: Engine, work: Work[T], *, tells: bool = True) -> T:
        job = _Job(engine, work, writes=engine is self._writer, tells=tells)
        future = asyncio.get_running_loop().run_in_executor(threads, job.run)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            # Nobody awaits it any more, so its end must not be reported as an error that nobody caught.
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._cancel_thread.submit(job.cancel)
            raise


class _Job(Generic[T]):
    """One piece of work on its way through a thread; another thread may cancel it."""

    def __init__(self, engine: Engine, work: Work[T], *, writes: bool, tells: bool = True) -> None:
        self._engine = engine
        self._work = work
        self._writes = writes
        self._tells = tells
        self._lock = Lock()
        self._ended = Event()
        self._cancelled = False
        self._driver: Any = None

    def run(self) -> T:
        """Do the work: writing in a transaction of its own, reading once more if the connection was dead."""
        with _clear_errors():
            try:
                return self._run()
            except DBAPIError as error:
                if self._writes or not error.connection_invalidated:
                    raise
            self._ended.clear()
            return self._run()

    def _run(self) -> T:
        with Session(self._engine) as session:
            driver = session.connection().connection.driver_connection
            with self._lock:
                if self._cancelled:
                    raise Busy
                self._driver = driver
            try:
                done = self._work(session)
            finally:
                with self._lock:
                    self._driver = None
                self._ended.set()
            if self._writes:
                if self._tells and isinstance(driver, psycopg.Connection):
                    session.connection().exec_driver_sql(f'NOTIFY {CHANNEL}')
                session.commit()
            return done

    def cancel(self) -> None:
        """Stop the work: what has not begun never does, and what runs is interrupted until it has ended.

        Once is not enough: an interruption between two statements is lost.
        """
        while not self._ended.wait(0 if not self._cancelled else CANCEL_AGAIN):
            with self._lock:
                self._cancelled = True
                if isinstance(self._driver, sqlite3.Connection):
                    self._driver.interrupt()
                elif isinstance(self._driver, psycopg.Connection):
                    self._driver.cancel_safe(timeout=1)
                else:
                    return


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Turn the drivers' errors into the two that a caller can act upon; the rest are mistakes of the program."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        if isinstance(error.orig, psycopg.errors.QueryCanceled) or 'interrupted' in str(error.orig):
            raise Busy from error
        raise Unavailable(str(error.orig)) from error
    except DBAPIError as error:
        if error.connection_invalidated or isinstance(error.orig, psycopg.errors.ReadOnlySqlTransaction):
            raise Unavailable(str(error.orig)) from error
        raise
    except NoConnection as error:  # whoever writes holds it for longer than others wait
        raise Unavailable(str(error)) from error


def _sqlite_engine(url: URL, size: int, *, read_only: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_use_lifo=True,  # the connection used last has the most in its cache
        connect_args={'check_same_thread': False, 'timeout': WRITE_WAIT},
    )

    @event.listens_for(engine, 'connect')
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        # The driver's own transactions begin too late (at the first write); SQLAlchemy's BEGIN is sent below instead.
        connection.isolation_level = None
        connection.execute('PRAGMA journal_mode = WAL')
        # FULL: what was answered as accepted is on disk even if the power fails.
        connection.execute('PRAGMA synchronous = FULL')
        connection.execute('PRAGMA foreign_keys = ON')
        connection.execute(f'PRAGMA cache_size = {-CACHE}')
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
