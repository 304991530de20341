"""Search for the header of a CSV file: the line with the titles of columns, its delimiter and its encoding."""

import csv
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.ingest.table_files.column_titles import known_titles, strip_untitled
from services.ingest.table_files.file_errors import UnknownEncodingError
from services.ingest.table_files.text_encoding import EIGHT_BIT_ENCODINGS, Encoding

DELIMITERS = ';,\t'
MAX_HEADER_LINES = 20
"""The header is one of the first lines; a spreadsheet may have a title and blank lines above it."""
SEPARATOR_LINE = re.compile(r'"?sep=([;,\t|])"?\s*', re.IGNORECASE)
"""A first line by which Excel learns the delimiter."""


@dataclass(frozen=True)
class CsvHeader:
    """The header of a file."""

    encoding: Encoding
    delimiter: str
    names: Sequence[str]
    """The titles as they are written, without empty ones at the end."""
    known_names: Sequence[str]
    """Those that are titles of columns."""
    line_count: int
    """Lines up to its end, including those above it."""


def find_header(lines: Sequence[bytes], known: Collection[str], encoding: Encoding | None) -> CsvHeader | None:
    """Find the line with the most titles of columns; return None if there is none.

    Args:
        lines: the first lines of the file, each with its line break.
        known: the normalized titles of all columns.
        encoding: of the lines; None if it is unknown.

    Raises:
        UnknownEncodingError: the encoding is unknown and cannot be determined.
    """
    if encoding:
        return _find_header(lines, known, encoding)
    header = _find_header(lines, known, 'utf-8')
    is_utf8 = all(map(_is_utf8, lines))
    # Cyrillic titles in another encoding are never valid UTF-8, but Latin ones are the same in all three.
    if is_utf8 or (header and not all(map(str.isascii, header.known_names))):
        return header
    windows, dos = (_find_header(lines, known, each) for each in EIGHT_BIT_ENCODINGS)
    windows_count, dos_count = (len(each.known_names) if each else 0 for each in (windows, dos))
    if windows_count == dos_count:
        raise UnknownEncodingError
    return windows if windows_count > dos_count else dos


def _find_header(lines: Sequence[bytes], known: Collection[str], encoding: Encoding) -> CsvHeader | None:
    decoded = [line.decode(encoding, 'surrogateescape') for line in lines]
    separator = SEPARATOR_LINE.fullmatch(decoded[0])
    best: CsvHeader | None = None
    for start in range(min(MAX_HEADER_LINES, len(decoded))):
        for delimiter in separator[1] if separator else DELIMITERS:
            reader = csv.reader(decoded[start:], delimiter=delimiter)
            try:
                names = next(reader)
            except (csv.Error, StopIteration):
                continue
            known_names = known_titles(names, known)
            if len(known_names) > (len(best.known_names) if best else 0):
                best = CsvHeader(encoding, delimiter, strip_untitled(names), known_names, start + reader.line_num)
    return best


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
