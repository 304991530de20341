"""Totals of a name, from those that the database keeps of each word.

A fragment stands in some words, and the messages with each of them are kept counted, day by day. A message with two of
the words («Иванова Мария Ивановна») stands in two of those counts: such are few, the index of pairs knows them, and
they are taken away again.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Result, Select, bindparam, func, select, union_all

from models.column_types import kopecks_to_roubles
from services.lists.query_protocol import Totals
from services.messages.message_tables import message, word_total
from services.messages.search import index_tokens
from services.messages.search.index_tokens import Tokens
from services.messages.search.query_shape import BoundQuery, QueryShape
from services.messages.search.statements import STATEMENT_CACHE_SIZE, dialect_module, filter_conditions
from services.messages.search.text_condition import AccessPath
from services.messages.totals import aggregates

MESSAGE_COUNT = func.sum(word_total.c.messages).label('messages')
WORD_TOTAL_CONDITIONS = (
    word_total.c.word.in_(bindparam('words', expanding=True)),
    word_total.c.day.between(bindparam('first'), bindparam('last')),
)


def sum_word_totals(bound_query: BoundQuery) -> Totals | None:
    """Count the messages that have a fragment of a name and add up their cost; None where more is asked for."""
    result = _execute(bound_query, _sums_statement)
    if result is None:
        return None
    count, kopecks = result.one()
    return Totals(int(count or 0), kopecks_to_roubles(int(kopecks or 0)))


def count_by_day(bound_query: BoundQuery) -> list[tuple[int, int]] | None:
    """Give each day, as a number, and how many of the same messages it has, newest first."""
    result = _execute(bound_query, _counts_statement)
    return None if result is None else [(day, int(count)) for day, count in result]


def _execute(
    bound_query: BoundQuery, build_statement: Callable[[str, QueryShape, int, bool], Select[Any, Any]]
) -> Result[Any, Any] | None:
    words = _matching_words(bound_query)
    if not words:
        return None
    statement = build_statement(bound_query.engine, bound_query.shape, len(words), bool(bound_query.ten_day_blocks))
    return bound_query.connection.execute(statement, _statement_params(bound_query, words))


def _matching_words(bound_query: BoundQuery) -> Tokens:
    """Give the words that a fragment is in, where nothing else is asked for and they are not too many; else none."""
    shape, name_patterns = bound_query.shape, bound_query.shape.text.name_patterns
    if (
        not name_patterns
        or shape.has_filters
        or shape.text.phone
        or any(each != (1, False, False) for each in name_patterns)
    ):
        return ()
    index_query = index_tokens.build_index_query(bound_query)
    if index_query is None or index_query.token_count > bound_query.settings.max_counted_words:
        return ()
    return tuple(dict.fromkeys(word for (each,) in index_query.alternatives for word in each))


def _statement_params(bound_query: BoundQuery, words: Sequence[str]) -> dict[str, Any]:
    first, last = aggregates.period_bounds(bound_query.query.period)
    params = {**bound_query.params, 'words': words, 'first': first, 'last': last, 'tens': bound_query.ten_day_blocks}
    for number in range(1, len(words)):
        # A message with several of the words is found at all of them but its first.
        pairs = tuple(index_tokens.pair_token(earlier, words[number]) for earlier in words[:number])
        params |= dialect_module(bound_query.engine).index_params(((pairs,),), str(number))
    return params


@lru_cache(STATEMENT_CACHE_SIZE)
def _sums_statement(engine: str, shape: QueryShape, word_count: int, limits_days: bool) -> Select[Any, Any]:
    """Give the statement that adds up totals of words and takes away the rest: one, so that all is of one moment."""
    of_words = select(MESSAGE_COUNT, func.sum(word_total.c.kopecks).label('kopecks')).where(*WORD_TOTAL_CONDITIONS)
    kopecks = -func.sum(message.c.cost, type_=Integer)
    duplicates = (part.add_columns(kopecks) for part in _duplicate_selects(engine, shape, word_count, limits_days))
    parts = union_all(of_words, *duplicates).subquery()
    return select(func.sum(parts.c.messages), func.sum(parts.c.kopecks))


@lru_cache(STATEMENT_CACHE_SIZE)
def _counts_statement(engine: str, shape: QueryShape, word_count: int, limits_days: bool) -> Select[Any, Any]:
    """Give the statement that counts the same day by day, newest first."""
    of_words = select(MESSAGE_COUNT, word_total.c.day).where(*WORD_TOTAL_CONDITIONS).group_by(word_total.c.day)
    duplicates = (
        part.add_columns(message.c.day).group_by(message.c.day)
        for part in _duplicate_selects(engine, shape, word_count, limits_days)
    )
    parts = union_all(of_words, *duplicates).subquery()
    return select(parts.c.day, func.sum(parts.c.messages)).group_by(parts.c.day).order_by(parts.c.day.desc())


def _duplicate_selects(engine: str, shape: QueryShape, word_count: int, limits_days: bool) -> Iterator[Select[Any]]:
    """Count, for each word but the first, the messages that have it and one before it: below nothing."""
    path = AccessPath(uses_text_index=True, limits_days=limits_days, token_set_counts=(1,), is_exact=True)
    for number in range(1, word_count):
        source, conditions = dialect_module(engine).indexed_rows(path, 'facts', str(number))
        yield (
            select(-func.count()).select_from(source.from_clause).where(*conditions, *filter_conditions(shape, source))
        )
