"""Totals of a name, from those that the database maintains for each word.

A fragment occurs in some words, and the messages with each of them are counted day by day. A message with two of the
words («Иванова Мария Ивановна») is in two of those counts: such messages are few, the index of word pairs finds them,
and they are subtracted again.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, select, union_all

from models.column_types import kopecks_to_roubles
from services.lists.query_protocol import Totals
from services.messages.message_tables import message, word_total
from services.messages.search import index_tokens
from services.messages.search.access_path import AccessPath
from services.messages.search.conditions import filter_conditions
from services.messages.search.dialects.dialect import dialect_module
from services.messages.search.index_tokens import IndexQuery, Tokens
from services.messages.search.query_shape import BoundQuery, QueryShape
from services.messages.search.statements import STATEMENT_CACHE_SIZE
from services.messages.totals import aggregates

COVERED_PATTERNS = {(1, False, False, 0), (0, False, False, 1)}
"""The shapes of a reading that is one fragment or one whole word."""
MESSAGE_COUNT = func.sum(word_total.c.messages).label('messages')
WORD_TOTAL_CONDITIONS = (
    word_total.c.word.in_(bindparam('words', expanding=True)),
    word_total.c.day.between(bindparam('first'), bindparam('last')),
)


def covers(shape: QueryShape) -> bool:
    """Check whether a query has no condition but a period and one fragment or word in each reading of its name."""
    if shape.has_filters or shape.text.phone_patterns or not shape.text.name_patterns:
        return False
    return all(pattern in COVERED_PATTERNS for pattern in shape.text.name_patterns)


def distinct_words(index_query: IndexQuery) -> Tokens:
    """Return the words in which the fragments of a covered query occur, each once."""
    return tuple(dict.fromkeys(word for (words,) in index_query.alternatives for word in words))


def sum_word_totals(bound_query: BoundQuery, words: Tokens) -> Totals:
    """Count the messages that have any of the words, and add up their cost."""
    limits_days = bool(bound_query.ten_day_blocks)
    statement = _sums_statement(bound_query.engine, bound_query.shape, len(words), limits_days)
    count, kopecks = bound_query.connection.execute(statement, _statement_params(bound_query, words)).one()
    return Totals(int(count or 0), kopecks_to_roubles(int(kopecks or 0)))


def count_by_day(bound_query: BoundQuery, words: Tokens) -> list[tuple[int, int]]:
    """Return each day, as a number, with its count of messages that have any of the words, newest first."""
    limits_days = bool(bound_query.ten_day_blocks)
    statement = _counts_statement(bound_query.engine, bound_query.shape, len(words), limits_days)
    rows = bound_query.connection.execute(statement, _statement_params(bound_query, words))
    return [(day, int(count)) for day, count in rows]


def _statement_params(bound_query: BoundQuery, words: Sequence[str]) -> dict[str, Any]:
    first, last = aggregates.period_bounds(bound_query.query.period)
    params = {**bound_query.params, 'words': words, 'first': first, 'last': last, 'tens': bound_query.ten_day_blocks}
    for number in range(1, len(words)):
        # A message with several of the words is found as a pair for each of them but its first.
        pairs = tuple(index_tokens.pair_token(earlier, words[number]) for earlier in words[:number])
        params |= dialect_module(bound_query.engine).index_params(((pairs,),), str(number))
    return params


@lru_cache(STATEMENT_CACHE_SIZE)
def _sums_statement(engine: str, shape: QueryShape, word_count: int, limits_days: bool) -> Select[Any, Any]:
    """Build the statement that adds up word totals and subtracts duplicates: one statement, so one moment in time."""
    of_words = select(MESSAGE_COUNT, func.sum(word_total.c.kopecks).label('kopecks')).where(*WORD_TOTAL_CONDITIONS)
    kopecks = -func.sum(message.c.cost, type_=Integer)
    duplicates = (part.add_columns(kopecks) for part in _duplicate_selects(engine, shape, word_count, limits_days))
    parts = union_all(of_words, *duplicates).subquery()
    return select(func.sum(parts.c.messages), func.sum(parts.c.kopecks))


@lru_cache(STATEMENT_CACHE_SIZE)
def _counts_statement(engine: str, shape: QueryShape, word_count: int, limits_days: bool) -> Select[Any, Any]:
    """Build the statement that counts the same messages day by day, newest first."""
    of_words = select(MESSAGE_COUNT, word_total.c.day).where(*WORD_TOTAL_CONDITIONS).group_by(word_total.c.day)
    duplicates = (
        part.add_columns(message.c.day).group_by(message.c.day)
        for part in _duplicate_selects(engine, shape, word_count, limits_days)
    )
    parts = union_all(of_words, *duplicates).subquery()
    return select(parts.c.day, func.sum(parts.c.messages)).group_by(parts.c.day).order_by(parts.c.day.desc())


def _duplicate_selects(engine: str, shape: QueryShape, word_count: int, limits_days: bool) -> Iterator[Select[Any]]:
    """Build, for each word but the first, the negative count of messages that have it and an earlier word."""
    path = AccessPath(uses_text_index=True, limits_days=limits_days, token_set_counts=(1,), is_exact=True)
    for number in range(1, word_count):
        source, conditions = dialect_module(engine).indexed_rows(path, 'facts', str(number))
        yield (
            select(-func.count()).select_from(source.from_clause).where(*conditions, *filter_conditions(shape, source))
        )
