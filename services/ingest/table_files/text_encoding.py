"""The encodings of files: a byte order mark decides, then the caller, then the titles of the columns (csv_header)."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, Literal, TypeAlias

from services.ingest.table_files.byte_stream import read_chunks, stream_of

Encoding: TypeAlias = Literal['utf-8', 'utf-16-le', 'utf-16-be', 'windows-1251', 'cp866']
"""The names that the command line takes; Python knows them, too."""
EIGHT_BIT_ENCODINGS: tuple[Encoding, ...] = ('windows-1251', 'cp866')
BYTE_ORDER_MARKS: dict[bytes, Encoding] = {BOM_UTF8: 'utf-8', BOM_UTF16_LE: 'utf-16-le', BOM_UTF16_BE: 'utf-16-be'}
UNDECODABLE = b'\xff'
"""A byte that is invalid in UTF-8, so that the import rejects its row."""


def open_text(file: BinaryIO, encoding: Encoding | None) -> tuple[BinaryIO, Encoding | None]:
    """Remove the byte order mark, and convert UTF-16 to UTF-8, in which lines end with one byte.

    Args:
        file: at its beginning.
        encoding: of a file without a byte order mark; None if unknown.

    Returns:
        The stream and its encoding: neither kind of UTF-16, and None if it is unknown.
    """
    head = file.read(len(BOM_UTF8))
    for mark, marked_encoding in BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            head, encoding = head.removeprefix(mark), marked_encoding
            break
    chunks = chain([head], read_chunks(file.read))
    if encoding in ('utf-16-le', 'utf-16-be'):
        return stream_of(_to_utf8(chunks, encoding)), 'utf-8'
    return stream_of(chunks), encoding


def _to_utf8(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    # Half of a surrogate pair becomes invalid UTF-8, so that the import rejects its row.
    decoder = getincrementaldecoder(encoding)('surrogatepass')
    for chunk in chunks:
        yield decoder.decode(chunk).encode('utf-8', 'surrogatepass')
    if decoder.getstate()[0]:
        yield UNDECODABLE
