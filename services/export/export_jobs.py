"""A journal as a file: exactly what a search finds at one moment, in the order of the list.

Each export is a process of its own (services.export.__main__): it reads one picture of the database as it stood when
the export began, some rows at a time. What comes in or changes later is not in it. Files lie in a folder of the
program's own until they are handed out, once, to the session that asked for them.
"""

import asyncio
import json
import logging
import secrets
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

from services import texts
from services.messages import query_params
from services.messages.message_query import MessageQuery

log = logging.getLogger(__name__)

AT_ONCE: Final = 2
"""Exports that run at a time; further ones wait for their turn."""
LEAVING: Final = 2.0
"""Seconds that a cancelled export has to end by itself."""
OFFERED: Final = 600.0
"""Seconds for which a file waits to be fetched."""
PROJECT: Final = Path(__file__).resolve().parents[2]
CAUSES: Final = {'disk': texts.EXPORT_NO_ROOM, 'database': texts.EXPORT_NO_DATABASE}


class Format(StrEnum):
    """A kind of file, by its ending."""

    XLSX = 'xlsx'
    CSV = 'csv'


class ExportRefused(Exception):
    """An export that is not made; its only argument is a sentence for the person."""


@dataclass(frozen=True)
class ExportFile:
    """A file that is ready."""

    path: Path
    name: str
    """What to call it; tells the conditions, and nobody's name."""
    rows: int


@dataclass(frozen=True)
class Opened:
    """A file that is being handed out: it is gone from the folder already, and ends with this."""

    file: BinaryIO
    name: str
    size: int
    """Bytes."""


@dataclass(frozen=True)
class _Offer:
    file: ExportFile
    owner: str
    until: float


class Exports:
    """Makes files of what searches find, and hands each out once."""

    def __init__(self, database_url: str, zone: ZoneInfo, folder: Path) -> None:
        """Read the database at `database_url`; write times by the clock of `zone`, and files into `folder`."""
        self._database_url = database_url
        self._zone = zone
        self._folder = folder
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._running: set[int] = set()
        self._offers: dict[str, _Offer] = {}

    def clear(self) -> None:
        """Remove what an earlier run of the program has left, and make the folder, which nobody else may read.

        Raises:
            OSError: it cannot be made.
        """
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def make(
        self, query: MessageQuery, format: Format, *, account_id: int, progress: Callable[[int], None]
    ) -> ExportFile:
        """Write a file; cancelled, it leaves nothing behind.

        Args:
            query: what to export.
            format: as what.
            account_id: who asks; a person has one export at a time.
            progress: called with the number of rows written so far.

        Raises:
            ExportRefused: it cannot be made, or the person has one under way.
        """
        if account_id in self._running:
            raise ExportRefused(texts.EXPORT_RUNNING)
        self._running.add(account_id)
        folder = None
        try:
            async with self._turns:
                folder = Path(mkdtemp(dir=self._folder))
                path = folder / f'export.{format}'
                rows = await self._write(query, path, progress)
        except OSError:
            log.exception('an export could not be written')
            self._remove(folder)
            raise ExportRefused(texts.EXPORT_FAILED.format(cause=texts.EXPORT_NO_ROOM)) from None
        except BaseException:
            self._remove(folder)
            raise
        finally:
            self._running.discard(account_id)
        return ExportFile(path, f'{query.file_name()}.{format}', rows)

    def offer(self, file: ExportFile, owner: str) -> str:
        """Keep a file for its owner for some minutes; give the key that opens it, once."""
        for key in [key for key, offer in self._offers.items() if offer.until < time.monotonic()]:
            self.withdraw(key)
        key = secrets.token_urlsafe(16)
        self._offers[key] = _Offer(file, owner, time.monotonic() + OFFERED)
        return key

    def open(self, key: str, owner: str) -> Opened | None:
        """Hand out a file; None when the owner has no such file, any more or yet. The caller closes it."""
        offer = self._offers.get(key)
        if offer is None or offer.owner != owner or offer.until < time.monotonic():
            return None
        del self._offers[key]
        file = offer.file.path.open('rb')
        size = offer.file.path.stat().st_size
        # Open files stay readable when they are removed: however the download ends, nothing is left.
        shutil.rmtree(offer.file.path.parent)
        return Opened(file, offer.file.name, size)

    def withdraw(self, key: str) -> None:
        """Remove a file that nobody has fetched."""
        if offer := self._offers.pop(key, None):
            self._remove(offer.file.path.parent)

    async def _write(self, query: MessageQuery, path: Path, progress: Callable[[int], None]) -> int:
        order = {
            'database': self._database_url,
            'zone': self._zone.key,
            'path': str(path),
            'words': query_params.written(query),
            'person': query_params.person(query),
            'now': datetime.now(UTC).isoformat(),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            '-m',
            'services.export',
            cwd=PROJECT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps(order).encode())
            process.stdin.close()
            said: dict[str, Any] = {}
            async for line in process.stdout:
                said = json.loads(line)
                if 'progress' in said:
                    progress(said['progress'])
                elif 'priority' in said:
                    log.debug('an export runs at normal priority: %s', said['priority'])
            await process.wait()
        finally:
            await asyncio.shield(_end(process))
        if 'rows' in said:
            return int(said['rows'])
        cause = CAUSES.get(said.get('failed', ''))
        if cause is None:
            reference = secrets.token_hex(3).upper()
            log.error('an export broke, reference %s: %s', reference, said.get('trace', process.returncode))
            cause = texts.EXPORT_FAULT.format(reference=reference)
        raise ExportRefused(texts.EXPORT_FAILED.format(cause=cause))

    @staticmethod
    def _remove(folder: Path | None) -> None:
        """Remove a folder in a thread: a great file takes its time."""
        if folder:
            asyncio.get_running_loop().run_in_executor(None, lambda: shutil.rmtree(folder, ignore_errors=True))


async def _end(process: asyncio.subprocess.Process) -> None:
    """Have a process end: by itself, then by force."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
        try:
            async with asyncio.timeout(LEAVING):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
