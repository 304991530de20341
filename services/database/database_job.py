"""One unit of database work that runs in a thread and can be cancelled from another thread."""

import sqlite3
from collections.abc import Callable
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
        self._driver: Any = None

    def run(self) -> T:
        """Run the work: a write in one transaction; a read is repeated once if its connection was dead.

        Raises:
            DatabaseError: see services.errors.
        """
        with translate_driver_errors():
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
        """Cancel the job: interrupt the running statement, or prevent a job that has not started from starting.

        The interruption is repeated until the work has ended, because one between two statements has no effect.
        """
        if not self.interrupt():
            return
        while not self._ended.wait(CANCEL_RETRY_INTERVAL):
            if not self.interrupt():
                return

    def interrupt(self) -> bool:
        """Interrupt the running statement once and mark the job as cancelled; return whether the work was running."""
        with self._lock:
            self._cancelled = True
            if isinstance(self._driver, sqlite3.Connection):
                self._driver.interrupt()
            elif isinstance(self._driver, psycopg.Connection):
                self._driver.cancel_safe(timeout=1)
            else:
                return False
        return True
