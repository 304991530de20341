"""Uploaded files: stored in parts in a private folder, previewed and imported by a process, deleted afterwards.

The files of patients' messages are readable by the program alone, and only until the page that uploaded them is closed.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final
from zoneinfo import ZoneInfo

from services import texts
from services.audit.hash_chain import Actor
from services.errors import InvalidInputError
from services.export.export_jobs import ExportFile
from services.imports.file_preview import FilePreview
from services.ingest.file_import.import_report import ImportReport
from services.workers.private_folder import empty_private_folder, remove_folder
from services.workers.worker_process import WorkerError, run_worker

MAX_PART_BYTES: Final = 4 << 20
"""Bytes that one request may append to a file."""
MAX_FILE_BYTES: Final = 512 << 20
MAX_UPLOADS: Final = 8
"""Files that may be stored at the same time."""
MAX_NAME_LENGTH: Final = 100
DEFAULT_NAME: Final = 'table'


class Journal(StrEnum):
    """The journal whose rows a file has."""

    MESSAGES = 'messages'
    DOCUMENTS = 'documents'


class ImportAction(StrEnum):
    """What the process does with a file."""

    PREVIEW = 'preview'
    IMPORT = 'import'


class UploadError(InvalidInputError):
    """A file cannot be uploaded or imported; the message is for the user."""


@dataclass
class _Upload:
    """A file that is being uploaded, or was."""

    owner: str
    path: Path
    size: int = 0
    """Bytes stored so far."""


@dataclass(frozen=True)
class FinishedImport:
    """What an import did."""

    report: ImportReport
    rejects: ExportFile | None
    """The rejected rows, for `ExportJobs.offer_download`; None if there are none."""


class ImportJobs:
    """Stores uploaded files, and previews and imports them."""

    def __init__(self, database_url: str, zone: ZoneInfo, folder: Path, *, accepts_unknown_kinds: bool) -> None:
        """Import into the database at `database_url`, with times in `zone`; store the files in `folder`."""
        self._settings = {
            'database': database_url,
            'zone': zone.key,
            'accepts_unknown_kinds': accepts_unknown_kinds,
        }
        self._folder = folder
        self._uploads: dict[str, _Upload] = {}
        self._import_lock = asyncio.Lock()

    def clear(self) -> None:
        """Delete the files of an earlier run, and create the folder, readable by this user only.

        Raises:
            OSError: the folder cannot be created.
        """
        empty_private_folder(self._folder)

    def begin_upload(self, owner: str, name: str) -> str:
        """Create an empty file for the session `owner`, and return the key of the upload.

        Args:
            owner: the session that may append to the file.
            name: the name that the user's file has.

        Raises:
            UploadError: too many files are stored, or the file cannot be created.
        """
        if len(self._uploads) >= MAX_UPLOADS:
            raise UploadError(texts.UPLOAD_TOO_MANY)
        try:
            path = Path(mkdtemp(dir=self._folder)) / _safe_name(name)
            path.touch(mode=0o600)
        except OSError:
            raise UploadError(texts.UPLOAD_FAILED.format(cause=texts.WORKER_DISK_FULL)) from None
        key = secrets.token_urlsafe(16)
        self._uploads[key] = _Upload(owner, path)
        return key

    async def append(self, key: str, owner: str, offset: int, part: bytes) -> None:
        """Append a part to a file.

        Args:
            key: what begin_upload returned.
            owner: the session.
            offset: where the part begins, in bytes.
            part: at most MAX_PART_BYTES.

        Raises:
            UploadError: there is no such upload of this session, the part does not follow the last one, or the file is
                too large or cannot be written.
        """
        upload = self._uploads.get(key)
        if upload is None or upload.owner != owner or offset != upload.size:
            raise UploadError(texts.UPLOAD_UNKNOWN)
        if upload.size + len(part) > MAX_FILE_BYTES:
            raise UploadError(texts.UPLOAD_TOO_LARGE.format(limit=MAX_FILE_BYTES >> 20))
        upload.size += len(part)
        try:
            await asyncio.to_thread(_append, upload.path, part)
        except OSError:
            raise UploadError(texts.UPLOAD_FAILED.format(cause=texts.WORKER_DISK_FULL)) from None

    async def preview(self, key: str, journal: Journal) -> FilePreview:
        """Read the beginning of a file.

        Raises:
            UploadError: it cannot be imported, and why.
        """
        upload = self._uploads[key]
        return FilePreview.from_json(await self._run(upload, journal, ImportAction.PREVIEW, lambda _: None, {}))

    async def run(
        self, key: str, journal: Journal, actor: Actor, progress: Callable[[int, int], None]
    ) -> FinishedImport:
        """Import a file; if this call is cancelled, the batches that were imported before remain.

        Args:
            key: what begin_upload returned.
            journal: what the file has.
            actor: who imports it, for the audit log.
            progress: called with how much was read, and of how much; see services.ingest.table_files.open_table.

        Raises:
            UploadError: another import is running, or the file cannot be imported, and why.
        """
        if self._import_lock.locked():
            raise UploadError(texts.UPLOAD_IMPORT_RUNNING)
        upload = self._uploads[key]
        async with self._import_lock:
            rejects_path = Path(mkdtemp(dir=self._folder)) / 'rejects.csv'
            try:
                result = await self._run(
                    upload,
                    journal,
                    ImportAction.IMPORT,
                    lambda done_and_total: progress(*done_and_total),
                    {'rejects': str(rejects_path), 'actor': asdict(actor)},
                )
            except BaseException:
                remove_folder(rejects_path.parent)
                raise
        if not result['rejects_path']:
            remove_folder(rejects_path.parent)
        report = ImportReport(**result | {'rejects_path': rejects_path if result['rejects_path'] else None})
        name = texts.UPLOAD_REJECTS_NAME.format(name=upload.path.stem)
        return FinishedImport(report, ExportFile(rejects_path, name, report.rejected) if report.rejects_path else None)

    def discard(self, key: str) -> None:
        """Delete an uploaded file, if it is still stored."""
        if upload := self._uploads.pop(key, None):
            remove_folder(upload.path.parent)

    async def _run(
        self,
        upload: _Upload,
        journal: Journal,
        action: ImportAction,
        on_progress: Callable[[Any], None],
        more: dict[str, Any],
    ) -> dict[str, Any]:
        request = {'action': action, 'journal': journal, 'folder': str(upload.path.parent), 'name': upload.path.name}
        try:
            return await run_worker('services.imports', self._settings | request | more, on_progress)
        except WorkerError as error:
            raise UploadError(str(error)) from error


def _append(path: Path, part: bytes) -> None:
    with path.open('ab') as file:
        file.write(part)


def _safe_name(name: str) -> str:
    """Return a name that is no path, and whose letters are printable; the end has the extension."""
    letters = ''.join(letter for letter in name.replace('\\', '/').rpartition('/')[2] if letter.isprintable())
    return letters.strip('. ')[-MAX_NAME_LENGTH:] or DEFAULT_NAME
