"""One unit of database work that runs in a thread and can be cancelled from another thread."""

import logging
import os
import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock
from typing import Any, Generic, TypeVar

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from services.database.change_listener import CHANNEL
from services.database.driver_errors import translate_driver_errors
from services.errors import QueryTimeoutError

T = TypeVar('T')
Work = Callable[[Session], T]
"""A function that does the work in a session."""

CANCEL_RETRY_INTERVAL = 0.05
"""Seconds after which a query that is still running is cancelled again."""
CANCEL_REQUEST_TIMEOUT = 1.0
"""Seconds within which PostgreSQL has to take the request for a cancellation, on a connection of its own."""
CUT_AFTER = 5.0
"""Seconds after which the connection of a query that is still running is cut."""

log = logging.getLogger(__name__)


class DatabaseJob(Generic[T]):
    """A function of a session, run once in a thread."""

    def __init__(self, engine: Engine, work: Work[T], *, writes: bool, notifies: bool = True) -> None:
        """Prepare the job.

        Args:
            engine: the pool that provides the connection.
            work: the function to run.
            writes: whether the session is committed.
            notifies: whether a commit on PostgreSQL also notifies `ChangeListener`.
        """
        self._engine = engine
        self._work = work
        self.writes = writes
        self._notifies = notifies
        self._lock = Lock()
        self._ended = Event()
        self._cancelled = False
        self._has_begun = False
        self._driver: Any = None

    def run(self) -> T:
        """Run the work, a write in one transaction; it is repeated once if the connection turned out to be dead.

        A write that has begun is not repeated, because it may have been committed.

        Raises:
            DatabaseError: see services.errors.
        """
        with translate_driver_errors():
            try:
                return self._run()
            except DBAPIError as error:
                if not error.connection_invalidated or (self.writes and self._has_begun):
                    raise
            self._ended.clear()
            return self._run()

    def _run(self) -> T:
        if self._cancelled:
            raise QueryTimeoutError
        with Session(self._engine) as session:
            driver = session.connection().connection.driver_connection
            with self._lock:
                if self._cancelled:
                    raise QueryTimeoutError
                self._driver = driver
            try:
                return self._run_in(session, driver)
            except BaseException:
                session.rollback()  # while the connection can still be cut
                raise
            finally:
                with self._lock:
                    self._driver = None
                self._ended.set()

    def _run_in(self, session: Session, driver: Any) -> T:
        if not self.writes:
            return self._work(session)
        is_postgresql = isinstance(driver, psycopg.Connection)
        if is_postgresql:
            # Find out whether the connection still works. The pool could do so, but nothing could cut that short.
            session.connection().exec_driver_sql('SELECT 1')
        self._has_begun = True
        result = self._work(session)
        if not is_postgresql:
            with self._lock:
                self._driver = None  # a commit to SQLite is not interrupted
        elif self._notifies:
            session.connection().exec_driver_sql(f'NOTIFY {CHANNEL}')
        session.commit()
        return result

    def cancel(self) -> None:
        """Cancel the job: interrupt the running statement, or prevent a job that has not started from starting.

        The interruption is repeated until the work has ended, because one between two statements has no effect. Finally
        the connection is cut, because it may lead to a server that does not exist any more.
        """
        if not self.interrupt():
            return
        cut_at = time.monotonic() + CUT_AFTER
        while not self._ended.wait(CANCEL_RETRY_INTERVAL):
            if not self.interrupt(cut=time.monotonic() > cut_at):
                return

    def interrupt(self, *, cut: bool = False) -> bool:
        """Interrupt the running statement once and mark the job as cancelled; return whether the work was running.

        On PostgreSQL the connection is cut if `cut` is set, or if the server takes no request for a cancellation.
        """
        with self._lock:
            self._cancelled = True
            if isinstance(self._driver, sqlite3.Connection):
                self._driver.interrupt()
            elif isinstance(self._driver, psycopg.Connection):
                self._interrupt_postgresql(self._driver, cut=cut)
            else:
                return False
        return True

    def _interrupt_postgresql(self, driver: psycopg.Connection[Any], *, cut: bool) -> None:
        if not cut:
            try:
                driver.cancel_safe(timeout=CANCEL_REQUEST_TIMEOUT)
            except psycopg.Error:
                pass
            else:
                return
        log.warning('a connection to PostgreSQL is cut, because the server does not end a cancelled query')
        # Unless the connection is closed already, the thread of the work waits for this socket, and sees its end.
        with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(driver.pgconn.socket)) as duplicate:
            duplicate.shutdown(socket.SHUT_RDWR)
