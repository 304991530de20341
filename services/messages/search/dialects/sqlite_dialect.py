"""Names and phones on SQLite: a full-text index of words, in the order of the list.

See services.database.indexes.sqlite_indexes.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    bindparam,
    column,
    func,
    literal_column,
    table,
)

from services.database.indexes import condition_indexes, sqlite_indexes
from services.messages.message_tables import MessageSource, message, qualify
from services.messages.search.access_path import AccessPath, RequiredColumns

search_index = table('message_search', column('rowid', Integer), column('message_search'))
INDEX_FIRST_KEY = literal_column('+message_search.rowid', Integer)
"""The unary plus stops SQLite from scanning messages and probing the index for each, so that the index drives."""
COVERING_INDEX_KEY: ColumnElement[Any] = message.c.place.op('|')(literal_column('0'))
"""The expression of the index `message_facts`, which covers what totals need and is a tenth as large as the table."""

SEARCH_WORDS: ColumnElement[str] = literal_column(sqlite_indexes.SEARCH_WORDS.format(row='message'), String)
"""The words by which the text index finds a message."""
APPOINTMENT_DAY: ColumnElement[int] = literal_column(f'({condition_indexes.APPOINTMENT_DAYS["sqlite"]})', Integer)
"""The day of the appointment, as its index has it."""
SURNAME: ColumnElement[str] = literal_column(f'({qualify(condition_indexes.SURNAMES["sqlite"])})', String)
"""The surname (services.name_parts.surnames.surname_of), as its index has it."""


def contains(searched_column: ColumnElement[str], param_name: str) -> ColumnElement[bool]:
    """Build the condition that a column contains the parameter."""
    return func.instr(searched_column, bindparam(param_name)) > 0


def ordered_rows(required_columns: RequiredColumns) -> MessageSource:
    """Return the source of a scan: the table, or the covering index where it has the required columns."""
    return MessageSource(message, message.c.place if required_columns == 'all' else COVERING_INDEX_KEY)


def indexed_rows(
    path: AccessPath, required_columns: RequiredColumns, param_suffix: str = ''
) -> tuple[MessageSource, Sequence[ColumnElement[bool]]]:
    """Return the source of rows from the text index, joined with the required columns, and its conditions.

    Args:
        path: the access path.
        required_columns: what is needed of the messages.
        param_suffix: distinguishes the parameters of the parts of one statement.
    """
    conditions = [search_index.c.message_search.op('MATCH')(bindparam(f'match{param_suffix}'))]
    if required_columns == 'places':
        return MessageSource(search_index, search_index.c.rowid), conditions
    key = COVERING_INDEX_KEY if required_columns == 'facts' else message.c.place
    return MessageSource(search_index.join(message, key == INDEX_FIRST_KEY), search_index.c.rowid), conditions


def index_params(alternatives: Sequence[Sequence[Sequence[str]]], param_suffix: str = '') -> dict[str, Any]:
    """Return the parameters of `indexed_rows`: any alternative, of an alternative each set, of a set any token."""
    return {
        f'match{param_suffix}': _or_expression(
            _and_expression(_or_expression(map(_quoted, tokens)) for tokens in sets) for sets in alternatives
        )
    }


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _and_expression(expressions: Iterable[str]) -> str:
    return f'({" AND ".join(expressions)})'


def _or_expression(expressions: Iterable[str]) -> str:
    return f'({" OR ".join(expressions)})'
