"""Names and phones on SQLite: words in a full-text index that is in the order of the list (services.database.indexes.sqlite_indexes)."""

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

from services.database.indexes import sqlite_indexes
from services.messages.message_tables import MessageSource, message
from services.messages.search.text_condition import AccessPath, RequiredColumns

search_index = table('message_search', column('rowid', Integer), column('message_search'))
INDEX_FIRST_KEY = literal_column('+message_search.rowid', Integer)
"""The plus keeps SQLite from reading every message and asking the index about each: the index leads."""
COVERING_INDEX_KEY: ColumnElement[Any] = message.c.place.op('|')(literal_column('0'))
"""Said as the index `message_facts` says it, which has all of a message that sums need, and is a tenth as large."""

SEARCH_WORDS: ColumnElement[str] = literal_column(sqlite_indexes.SEARCH_WORDS.format(row='message'), String)
"""The words by which a message is found."""


def contains(searched_column: ColumnElement[str], param_name: str) -> ColumnElement[bool]:
    """Say that a column contains what stands in the place `value`."""
    return func.instr(searched_column, bindparam(param_name)) > 0


def ordered_rows(required_columns: RequiredColumns) -> MessageSource:
    """Say where messages are read in the order of the list, or all of them to be sorted, by what is needed of them."""
    return MessageSource(message, message.c.place if required_columns == 'all' else COVERING_INDEX_KEY)


def indexed_rows(
    path: AccessPath, required_columns: RequiredColumns, param_suffix: str = ''
) -> tuple[MessageSource, Sequence[ColumnElement[bool]]]:
    """Say how messages come from the index, and what of them is there besides.

    `part` tells what is left open here from what other parts of one statement leave open.
    """
    conditions = [search_index.c.message_search.op('MATCH')(bindparam(f'match{param_suffix}'))]
    if required_columns == 'places':
        return MessageSource(search_index, search_index.c.rowid), conditions
    key = COVERING_INDEX_KEY if required_columns == 'facts' else message.c.place
    return MessageSource(search_index.join(message, key == INDEX_FIRST_KEY), search_index.c.rowid), conditions


def index_params(alternatives: Sequence[Sequence[Sequence[str]]], param_suffix: str = '') -> dict[str, Any]:
    """Give what `in_index` leaves open: any of the readings, of a reading each set, of a set any token."""
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
