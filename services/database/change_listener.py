"""Notification of commits to the database by this process or another.

On SQLite the listener polls `PRAGMA data_version`, which changes with every commit of another connection. On PostgreSQL
it listens to the channel that services.database.database_job notifies with every commit. Each process has one listening
thread, which reconnects when the database becomes unavailable.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from threading import Event, Thread

import psycopg
from sqlalchemy.engine import URL

from services.database.connections import connection_limits

CHANNEL = 'journal'
POLL_INTERVAL = 0.25
"""Seconds between two polls of SQLite; also the longest time that a stopped thread takes to end."""
RECONNECT_INTERVAL = 1.0
"""Seconds between two attempts to reach an unavailable database."""


class ChangeListener:
    """A listener for commits to one database."""

    def __init__(self, url: URL) -> None:
        """Prepare the listener; `start` opens the connection."""
        self._url = url
        self._stop = Event()
        self._thread: Thread | None = None
        self._changed = asyncio.Event()

    def start(self) -> None:
        """Start the listening thread, which wakes the running event loop."""
        loop = asyncio.get_running_loop()

        def notify() -> None:
            with contextlib.suppress(RuntimeError):  # the loop may be closed before the thread has ended
                loop.call_soon_threadsafe(self._changed.set)

        listen = _poll_sqlite if self._url.get_backend_name() == 'sqlite' else _listen_postgresql
        self._thread = Thread(target=self._listen, args=(listen, notify), name='changes', daemon=True)
        self._thread.start()

    async def wait(self, timeout: float) -> bool:
        """Wait until something has been committed since the last call.

        Args:
            timeout: the longest time to wait, in seconds.

        Returns:
            Whether there was a commit within that time.
        """
        with contextlib.suppress(TimeoutError):
            # asyncio.wait_for would lose a cancellation that arrives together with a change.
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        changed = self._changed.is_set()
        self._changed.clear()
        return changed

    def stop(self) -> None:
        """Stop listening; the thread ends within POLL_INTERVAL seconds without being joined."""
        self._stop.set()

    def _listen(self, listen: Callable[[URL, Event], Iterator[None]], notify: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                for _ in listen(self._url, self._stop):
                    notify()
            except (sqlite3.Error, psycopg.Error):
                notify()  # subscribers must also notice that the database is unavailable
                self._stop.wait(RECONNECT_INTERVAL)


def _poll_sqlite(url: URL, stop: Event) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(url.database or '')) as connection:
        last_version = None
        while not stop.is_set():
            data_version = connection.execute('PRAGMA data_version').fetchone()
            if data_version != last_version:
                last_version = data_version
                yield
            stop.wait(POLL_INTERVAL)


def _listen_postgresql(url: URL, stop: Event) -> Iterator[None]:
    dsn = url.set(drivername='postgresql').render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True, **connection_limits(url)) as connection:
        connection.execute(f'LISTEN {CHANNEL}')
        yield  # commits before LISTEN are not notified
        while not stop.is_set():
            for _ in connection.notifies(timeout=POLL_INTERVAL, stop_after=1):
                yield
