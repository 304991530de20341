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
from services.messages.message_tables import Rows, message
from services.messages.search.text_condition import Reach, Way

index = table('message_search', column('rowid', Integer), column('message_search'))
LEADING_KEY = literal_column('+message_search.rowid', Integer)
"""The plus keeps SQLite from reading every message and asking the index about each: the index leads."""
FACTS_KEY: ColumnElement[Any] = message.c.place.op('|')(literal_column('0'))
"""Said as the index `message_facts` says it, which has all of a message that sums need, and is a tenth as large."""

NAME: ColumnElement[str] = literal_column(sqlite_indexes.NAME.format(row='message'), String)
"""The words by which a message is found."""


def contains(searched: ColumnElement[str], value: str) -> ColumnElement[bool]:
    """Say that a column contains what stands in the place `value`."""
    return func.instr(searched, bindparam(value)) > 0


def in_order(reach: Reach) -> Rows:
    """Say where messages are read in the order of the list, or all of them to be sorted, by what is needed of them."""
    return Rows(message, message.c.place if reach == 'all' else FACTS_KEY)


def in_index(way: Way, reach: Reach, part: str = '') -> tuple[Rows, Sequence[ColumnElement[bool]]]:
    """Say how messages come from the index, and what of them is there besides.

    `part` tells what is left open here from what other parts of one statement leave open.
    """
    fits = [index.c.message_search.op('MATCH')(bindparam(f'match{part}'))]
    if reach == 'places':
        return Rows(index, index.c.rowid), fits
    key = FACTS_KEY if reach == 'facts' else message.c.place
    return Rows(index.join(message, key == LEADING_KEY), index.c.rowid), fits


def asked_for(readings: Sequence[Sequence[Sequence[str]]], part: str = '') -> dict[str, Any]:
    """Give what `in_index` leaves open: any of the readings, of a reading each set, of a set any token."""
    return {f'match{part}': _any(_all(_any(map(_quoted, tokens)) for tokens in sets) for sets in readings)}


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _all(expressions: Iterable[str]) -> str:
    return f'({" AND ".join(expressions)})'


def _any(expressions: Iterable[str]) -> str:
    return f'({" OR ".join(expressions)})'
