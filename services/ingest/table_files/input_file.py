"""The bytes of an imported file: from a path or the standard input, unpacked if they are a .gz or a .zip.

A packed file is unpacked while it is read, and only up to a multiple of its size, so that a small file cannot expand
without end.
"""

import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from gzip import BadGzipFile, GzipFile
from itertools import chain
from os import fstat
from pathlib import Path
from typing import IO, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from services import texts
from services.ingest.table_files.byte_stream import read_chunks, stream_of
from services.ingest.table_files.file_errors import InvalidFileError

STANDARD_INPUT = Path('-')
STANDARD_INPUT_NAME = Path('/dev/stdin')
"""What error messages call the standard input."""
GZIP_MAGIC = b'\x1f\x8b'
ZIP_MAGIC = b'PK\x03\x04'
PACKED_SUFFIXES = {'.gz', '.zip'}
MAX_EXPANSION = 100
"""Bytes that each packed byte may expand to. Messages expand about tenfold, because their ids do not repeat."""
EXPANSION_ALLOWANCE = 1 << 20
"""Bytes that any packed file may expand to."""
ENCRYPTED = 0x1
"""The bit of the flags of a file in a .zip."""


class InputFile:
    """An open file; `stream` has its unpacked bytes."""

    def __init__(self, file: BinaryIO, name: Path) -> None:
        """Recognise a packed file by its first bytes.

        Args:
            file: open for reading, at its beginning.
            name: its name in error messages.

        Raises:
            InvalidFileError: it is a .zip that does not hold exactly one file that can be read.
        """
        self.name = name
        self.size = fstat(file.fileno()).st_size
        """Bytes before unpacking; 0 if unknown, as for a pipe."""
        self.position = 0
        """Bytes read so far, before unpacking."""
        self._file = file
        head = file.read(len(ZIP_MAGIC))
        packed = stream_of(self._count(chain([head], read_chunks(file.read))))
        if head.startswith(GZIP_MAGIC):
            self.stream = stream_of(self._unpack(GzipFile(fileobj=packed).read, lambda: self.position))
        elif head == ZIP_MAGIC:
            self.stream = stream_of(self._unpack(self._open_zip().read, file.tell))
        else:
            self.stream = packed

    def _count(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.position += len(chunk)
            yield chunk

    def _unpack(self, read: Callable[[int], bytes], position: Callable[[], int]) -> Iterator[bytes]:
        size = 0
        chunks = read_chunks(read)
        while True:
            try:
                chunk = next(chunks, b'')
            except (EOFError, zlib.error, BadGzipFile, BadZipFile):
                raise InvalidFileError(texts.IMPORT_BROKEN_ARCHIVE.format(path=self.name)) from None
            if not chunk:
                return
            self.position = position()
            size += len(chunk)
            if size > EXPANSION_ALLOWANCE + MAX_EXPANSION * self.position:
                raise InvalidFileError(texts.IMPORT_ARCHIVE_BOMB.format(path=self.name, ratio=MAX_EXPANSION))
            yield chunk

    def _open_zip(self) -> IO[bytes]:
        if not self._file.seekable():
            raise InvalidFileError(texts.IMPORT_ZIP_FROM_PIPE)
        try:
            archive = ZipFile(self._file)
        except BadZipFile:
            raise InvalidFileError(texts.IMPORT_BROKEN_ARCHIVE.format(path=self.name)) from None
        # macOS adds a file of attributes for each file.
        members = [
            each for each in archive.infolist() if not each.is_dir() and not each.filename.startswith('__MACOSX/')
        ]
        if len(members) != 1:
            raise InvalidFileError(texts.IMPORT_ARCHIVE_FILES.format(path=self.name, count=len(members)))
        if members[0].flag_bits & ENCRYPTED or members[0].compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise InvalidFileError(texts.IMPORT_ARCHIVE_LOCKED.format(path=self.name))
        try:
            return archive.open(members[0])
        except BadZipFile:
            raise InvalidFileError(texts.IMPORT_BROKEN_ARCHIVE.format(path=self.name)) from None


@contextmanager
def open_input(path: Path) -> Iterator[InputFile]:
    """Open a file, or the standard input for `-`; raises InvalidFileError, see InputFile, or OSError."""
    if path == STANDARD_INPUT:
        yield InputFile(sys.stdin.buffer, STANDARD_INPUT_NAME)
    else:
        with path.open('rb') as file:
            yield InputFile(file, path)


def default_rejects_path(path: Path) -> Path:
    """Return the path of the file of rejected rows: `a.refused.csv` for `a.csv` and for `a.csv.gz`."""
    if path == STANDARD_INPUT:
        return Path('stdin.refused.csv')
    while path.suffix.lower() in PACKED_SUFFIXES:
        path = path.with_suffix('')
    return path.with_suffix('.refused.csv')
