"""Tells when anybody, in this process or another, has committed something to the database.

SQLite counts commits of others for each connection (`PRAGMA data_version`); PostgreSQL tells those who listen, and
services.database.engine notifies with every commit. One thread a process listens; when the database goes away, it tries again.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from threading import Event, Thread

import psycopg
from sqlalchemy.engine import URL

CHANNEL = 'journal'
INTERVAL = 0.25
"""Seconds between two looks at SQLite's number, and the longest that a listening thread takes to end."""
AGAIN = 1.0
"""Seconds between two attempts to reach a database that is away."""


class Changes:
    """Listens to one database."""

    def __init__(self, url: URL) -> None:
        """Nothing is opened before `start`."""
        self._url = url
        self._stop = Event()
        self._thread: Thread | None = None
        self._changed = asyncio.Event()

    def start(self) -> None:
        """Begin to listen, in the running loop."""
        loop = asyncio.get_running_loop()

        def tell() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended before the thread
                loop.call_soon_threadsafe(self._changed.set)

        listen = _sqlite if self._url.get_backend_name() == 'sqlite' else _postgresql
        self._thread = Thread(target=self._listen, args=(listen, tell), name='changes', daemon=True)
        self._thread.start()

    async def wait(self, longest: float) -> bool:
        """Wait for a change since the last call; False when there was none in `longest` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(longest):  # wait_for loses a cancellation that comes together with a change
                await self._changed.wait()
        changed = self._changed.is_set()
        self._changed.clear()
        return changed

    def stop(self) -> None:
        """Stop listening; the thread ends by itself within a moment."""
        self._stop.set()

    def _listen(self, listen: Callable[[URL, Event], Iterator[None]], tell: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                for _ in listen(self._url, self._stop):
                    tell()
            except (sqlite3.Error, psycopg.Error):
                tell()  # that it has gone away is a change too
                self._stop.wait(AGAIN)


def _sqlite(url: URL, stop: Event) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(url.database or '')) as connection:
        seen = None
        while not stop.is_set():
            number = connection.execute('PRAGMA data_version').fetchone()
            if number != seen:
                seen = number
                yield
            stop.wait(INTERVAL)


def _postgresql(url: URL, stop: Event) -> Iterator[None]:
    address = url.set(drivername='postgresql').render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
        connection.execute(f'LISTEN {CHANNEL}')
        yield  # whatever was told before
        while not stop.is_set():
            for _ in connection.notifies(timeout=INTERVAL, stop_after=1):
                yield
