"""The titles of columns: those of the journal, other usual ones, and those that a mapping file explains."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from services import texts
from services.ingest.table_files.file_errors import InvalidFileError

NO_LETTERS = re.compile('(?:[^\\w\udc80-\udcff]|_)+')
"""Half of a surrogate pair is a byte that could not be decoded, which may be a letter."""


def normalize_name(name: str) -> str:
    """Return the title of a column in the form in which titles are compared: without case, punctuation and ё."""
    return NO_LETTERS.sub(' ', name.casefold().replace('ё', 'е').replace('sms', 'смс')).strip()


def known_titles(names: Iterable[str], known: Collection[str]) -> list[str]:
    """Return those titles whose normalized form is among the known ones."""
    return [name for name in names if normalize_name(name) in known]


def strip_untitled(names: Sequence[str]) -> list[str]:
    """Return titles without empty ones at the end, which spreadsheets often add."""
    count = next((number for number in range(len(names), 0, -1) if names[number - 1].strip()), 0)
    return list(names[:count])


class ColumnTitles:
    """What the columns of a file may be called."""

    def __init__(
        self,
        required: Sequence[str],
        optional: Sequence[str] = (),
        *,
        others: Mapping[str, str] | None = None,
        mapping: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare the titles.

        Args:
            required: the columns that a file must have, in any order.
            optional: the columns that it may have.
            others: columns by other titles.
            mapping: columns by the titles that a mapping file explains; these come before all others.
        """
        self.required = required
        own = {column: column for column in (*required, *optional)}
        # In the order of precedence.
        self._levels = [_normalized(titles) for titles in (mapping or {}, own, others or {})]
        self.known = {name for level in self._levels for name in level}
        """The normalized titles."""

    def match(self, names: Iterable[str]) -> list[str]:
        """Return the column of each title; empty for a title that is unknown, or whose column has a better one."""
        normalized = [normalize_name(name) for name in names]
        columns = [''] * len(normalized)
        for level in self._levels:
            taken = set(columns)
            for index, name in enumerate(normalized):
                column = level.get(name, '')
                if not columns[index] and column not in taken:
                    columns[index] = column
        return columns


def read_column_mapping(path: Path, columns: Sequence[str]) -> dict[str, str]:
    """Read a mapping file: TOML with lines such as "Абонент" = "Номер телефона".

    Args:
        path: the file.
        columns: the columns that it may name.

    Returns:
        Columns by the titles in the file to import.

    Raises:
        InvalidFileError: it cannot be read, or names a column that does not exist.
    """
    try:
        entries = tomllib.loads(path.read_text('utf-8-sig'))
    except OSError as error:
        raise InvalidFileError(texts.IMPORT_CANNOT_READ.format(path=path, cause=error.strerror)) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise InvalidFileError(texts.IMPORT_MAPPING_INVALID.format(path=path)) from None
    known = _normalized({column: column for column in columns})
    mapping = {}
    for title, column in entries.items():
        if not isinstance(column, str) or normalize_name(column) not in known:
            raise InvalidFileError(
                texts.IMPORT_MAPPING_UNKNOWN.format(path=path, column=column, columns=quoted_list(columns))
            )
        mapping[title] = known[normalize_name(column)]
    return mapping


def quoted_list(columns: Iterable[str]) -> str:
    """Return titles for a sentence; bytes that could not be decoded become question marks."""
    quoted = ', '.join(f'«{" ".join(name.split()) or texts.IMPORT_UNTITLED}»' for name in columns)
    return quoted.encode(errors='replace').decode()


def _normalized(titles: Mapping[str, str]) -> dict[str, str]:
    return {normalize_name(title): column for title, column in titles.items()}
