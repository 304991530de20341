"""What the modules of both engines define, so that statements are built without knowing the engine."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement

from services.messages.message_tables import MessageSource
from services.messages.search.access_path import AccessPath, RequiredColumns
from services.messages.search.dialects import postgresql_dialect, sqlite_dialect


class Dialect(Protocol):
    """The parts of statements that differ between the engines."""

    SEARCH_WORDS: ColumnElement[str]
    """The words by which the text index finds a message."""
    APPOINTMENT_DAY: ColumnElement[int]
    """The day of the appointment, as its index has it."""
    SURNAME: ColumnElement[str]
    """The surname (services.name_parts.surnames.surname_of), as its index has it."""

    def contains(self, searched_column: ColumnElement[str], param_name: str) -> ColumnElement[bool]:
        """Build the condition that a column contains the parameter."""

    def ordered_rows(self, required_columns: RequiredColumns) -> MessageSource:
        """Return the source of a scan."""

    def indexed_rows(
        self, path: AccessPath, required_columns: RequiredColumns, param_suffix: str = ''
    ) -> tuple[MessageSource, Sequence[ColumnElement[bool]]]:
        """Return the source of rows from the text index, and its conditions."""

    def index_params(self, alternatives: Sequence[Sequence[Sequence[str]]], param_suffix: str = '') -> dict[str, Any]:
        """Return the parameters of `indexed_rows`."""


def dialect_module(engine: str) -> Dialect:
    """Return the dialect of an engine."""
    if engine == 'postgresql':
        return postgresql_dialect
    return sqlite_dialect
