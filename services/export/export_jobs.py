"""Run exports of search results, and offer the files for download.

Each export is a separate process (services.export.__main__). It streams a snapshot of the database from the moment when
the export starts, in the order of the list. The files stay in a private folder of the program until they are
downloaded, once, by the session that requested them.
"""

import asyncio
import logging
import secrets
import shutil
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from services import texts
from services.access_scope.organization_scope import ScopedService
from services.audit.shown_rows import unpack_keys
from services.errors import JournalError
from services.messages import query_params
from services.messages.delivery import DEFAULT_TIMEOUTS, DeliveryTimeouts
from services.messages.message_query import MessageQuery
from services.workers.private_folder import empty_private_folder, remove_folder
from services.workers.worker_process import WorkerError, WorkerRunner, run_worker

log = logging.getLogger(__name__)

MAX_CONCURRENT_EXPORTS: Final = 2
"""Exports that run at the same time; further ones wait."""
DOWNLOAD_EXPIRY_SECONDS: Final = 600.0
"""Seconds after which a file that was not downloaded expires."""
KEYS_FILE: Final = 'keys'
"""The file with the ids of the exported messages, next to the exported file; a large export has none."""


class ExportFormat(StrEnum):
    """A file format by its extension."""

    XLSX = 'xlsx'
    CSV = 'csv'


class ExportError(JournalError):
    """An export failed or was rejected; the message is for the user."""


@dataclass(frozen=True)
class ExportFile:
    """An exported file."""

    path: Path
    name: str
    """The file name for the user; it describes the conditions without personal data."""
    rows: int
    keys: Sequence[UUID] | None = None
    """The ids of the messages; None for a large export (see services.audit.shown_rows.MAX_EXPORTED_KEYS)."""


@dataclass(frozen=True)
class Download:
    """An open file that is already deleted from the folder; its data is freed when it is closed."""

    file: BinaryIO
    name: str
    size: int
    """The size in bytes."""


@dataclass(frozen=True)
class _PendingDownload:
    file: ExportFile
    owner: str
    expires_at: float


class ExportJobs(ScopedService):
    """Run exports and offer each file for one download."""

    def __init__(
        self,
        database_url: str,
        zone: ZoneInfo,
        folder: Path,
        timeouts: DeliveryTimeouts = DEFAULT_TIMEOUTS,
        run: WorkerRunner = run_worker,
    ) -> None:
        """Read the database at `database_url`; write times in the local time of `zone`, and files into `folder`.

        `run` runs the export, by default in a process of its own.
        """
        self._database_url = database_url
        self._zone = zone
        self._folder = folder
        self._timeouts = timeouts
        self._run_worker = run
        self._semaphore = asyncio.Semaphore(MAX_CONCURRENT_EXPORTS)
        self._running: set[int] = set()
        self._downloads: dict[str, _PendingDownload] = {}

    def clear(self) -> None:
        """Delete the files of an earlier run, and create the folder, readable by this user only.

        Raises:
            OSError: the folder cannot be created.
        """
        empty_private_folder(self._folder)

    async def make(
        self, query: MessageQuery, format: ExportFormat, *, account_id: int, progress: Callable[[int], None]
    ) -> ExportFile:
        """Export the result of a query to a file; a cancelled export leaves no files.

        Args:
            query: the query to export.
            format: the file format.
            account_id: the account of the user, who may run one export at a time.
            progress: called with the number of rows written so far.

        Raises:
            ExportError: the export failed, or an export of the same user is running.
        """
        keys: Sequence[UUID] | None = None

        async def write(path: Path) -> int:
            nonlocal keys
            rows = await self._run_process(query, path, progress)
            keys = await asyncio.to_thread(_read_keys, path.with_name(KEYS_FILE))
            return rows

        file = await self.write_file(f'{query.file_name()}.{format}', write, account_id=account_id)
        return replace(file, keys=keys)

    async def write_file(self, name: str, write: Callable[[Path], Awaitable[int]], *, account_id: int) -> ExportFile:
        """Write a file that can be offered for download; a cancelled export leaves no files.

        Args:
            name: the file name for the user, with the extension of an ExportFormat.
            write: writes the file and returns the number of rows.
            account_id: the account of the user, who may run one export at a time.

        Raises:
            ExportError: the export failed, or an export of the same user is running.
        """
        if account_id in self._running:
            raise ExportError(texts.EXPORT_RUNNING)
        self._running.add(account_id)
        folder = None
        try:
            async with self._semaphore:
                folder = Path(mkdtemp(dir=self._folder))
                path = folder / f'export.{name.rpartition(".")[2]}'
                rows = await write(path)
        except OSError:
            log.exception('an export could not be written')
            if folder:
                remove_folder(folder)
            raise ExportError(texts.EXPORT_FAILED.format(cause=texts.WORKER_DISK_FULL)) from None
        except BaseException:
            if folder:
                remove_folder(folder)
            raise
        finally:
            self._running.discard(account_id)
        return ExportFile(path, name, rows)

    def offer_download(self, file: ExportFile, owner: str) -> str:
        """Offer a file to its owner for DOWNLOAD_EXPIRY_SECONDS; return the key for a single download."""
        for key in [key for key, download in self._downloads.items() if download.expires_at < time.monotonic()]:
            self.discard_download(key)
        key = secrets.token_urlsafe(16)
        self._downloads[key] = _PendingDownload(file, owner, time.monotonic() + DOWNLOAD_EXPIRY_SECONDS)
        return key

    def open_download(self, key: str, owner: str) -> Download | None:
        """Open a file for download, once; return None if the owner has no such file. The caller closes it."""
        download = self._downloads.get(key)
        if download is None or download.owner != owner or download.expires_at < time.monotonic():
            return None
        del self._downloads[key]
        file = download.file.path.open('rb')
        size = download.file.path.stat().st_size
        # An open file stays readable after deletion, so that no file remains however the download ends.
        shutil.rmtree(download.file.path.parent)
        return Download(file, download.file.name, size)

    def discard_download(self, key: str) -> None:
        """Delete a file that was not downloaded."""
        if download := self._downloads.pop(key, None):
            remove_folder(download.file.path.parent)

    async def _run_process(self, query: MessageQuery, path: Path, progress: Callable[[int], None]) -> int:
        request = {
            'database': self._database_url,
            'zone': self._zone.key,
            'path': str(path),
            'words': query_params.to_params(query),
            'person': query_params.to_person_params(query),
            'scope': None if self._scope is None else sorted(self._scope.ids),
            'now': datetime.now(UTC).isoformat(),
            'timeouts': {name: value.total_seconds() for name, value in vars(self._timeouts).items()},
        }
        try:
            result = await self._run_worker('services.export', request, progress)
        except WorkerError as error:
            raise ExportError(texts.EXPORT_FAILED.format(cause=error)) from error
        return int(result['rows'])


def _read_keys(path: Path) -> list[UUID] | None:
    return list(unpack_keys(path.read_bytes())) if path.exists() else None
