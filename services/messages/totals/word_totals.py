"""Totals of a name, from those that the database keeps of each word.

A fragment stands in some words, and the messages with each of them are kept counted, day by day. A message with two of
the words («Иванова Мария Ивановна») stands in two of those counts: such are few, the index of pairs knows them, and
they are taken away again.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Result, Select, bindparam, func, select, union_all

from models.column_types import roubles
from services.lists.query_protocol import Totals
from services.messages.message_tables import message, word_total
from services.messages.search import index_tokens
from services.messages.search.index_tokens import Tokens
from services.messages.search.query_shape import Asked, Shape
from services.messages.search.statements import SHAPES, dialect, plain
from services.messages.search.text_condition import Way
from services.messages.totals import aggregates

MOST_WORDS = 30
"""Of more words there are too many pairs."""
MESSAGES = func.sum(word_total.c.messages).label('messages')
KEPT = (
    word_total.c.word.in_(bindparam('words', expanding=True)),
    word_total.c.day.between(bindparam('first'), bindparam('last')),
)


def add_up(asked: Asked) -> Totals | None:
    """Count the messages that have a fragment of a name and add up their cost; None where more is asked for."""
    found = _ask(asked, _sums)
    if found is None:
        return None
    count, kopecks = found.one()
    return Totals(int(count or 0), roubles(int(kopecks or 0)))


def counts(asked: Asked) -> list[tuple[int, int]] | None:
    """Give each day, as a number, and how many of the same messages it has, newest first."""
    found = _ask(asked, _counts)
    return None if found is None else [(day, int(count)) for day, count in found]


def _ask(asked: Asked, statement: Callable[[str, Shape, int, bool], Select[Any, Any]]) -> Result[Any, Any] | None:
    words = _words(asked)
    if not words:
        return None
    together = statement(asked.engine, asked.shape, len(words), bool(asked.tens))
    return asked.connection.execute(together, _values(asked, words))


def _words(asked: Asked) -> Tokens:
    """Give the words that a fragment is in, where nothing else is asked for and they are not too many; else none."""
    shape, readings = asked.shape, asked.shape.text.readings
    if not readings or shape.chooses or shape.text.phone or any(each != (1, False, False) for each in readings):
        return ()
    index = index_tokens.ask(asked)
    if index is None or index.tokens > MOST_WORDS:
        return ()
    return tuple(dict.fromkeys(word for (each,) in index.readings for word in each))


def _values(asked: Asked, words: Sequence[str]) -> dict[str, Any]:
    first, last = aggregates.ends(asked.query.period)
    values = {**asked.values, 'words': words, 'first': first, 'last': last, 'tens': asked.tens}
    for number in range(1, len(words)):
        # A message with several of the words is found at all of them but its first.
        pairs = tuple(index_tokens.pair(before, words[number]) for before in words[:number])
        values |= dialect(asked.engine).asked_for(((pairs,),), str(number))
    return values


@lru_cache(SHAPES)
def _sums(engine: str, shape: Shape, words: int, tens: bool) -> Select[Any, Any]:
    """Give the statement that adds up totals of words and takes away the rest: one, so that all is of one moment."""
    of_words = select(MESSAGES, func.sum(word_total.c.kopecks).label('kopecks')).where(*KEPT)
    kopecks = -func.sum(message.c.cost, type_=Integer)
    twice = (part.add_columns(kopecks) for part in _twice(engine, shape, words, tens))
    found = union_all(of_words, *twice).subquery()
    return select(func.sum(found.c.messages), func.sum(found.c.kopecks))


@lru_cache(SHAPES)
def _counts(engine: str, shape: Shape, words: int, tens: bool) -> Select[Any, Any]:
    """Give the statement that counts the same day by day, newest first."""
    of_words = select(MESSAGES, word_total.c.day).where(*KEPT).group_by(word_total.c.day)
    twice = (part.add_columns(message.c.day).group_by(message.c.day) for part in _twice(engine, shape, words, tens))
    found = union_all(of_words, *twice).subquery()
    return select(found.c.day, func.sum(found.c.messages)).group_by(found.c.day).order_by(found.c.day.desc())


def _twice(engine: str, shape: Shape, words: int, tens: bool) -> Iterator[Select[Any]]:
    """Count, for each word but the first, the messages that have it and one before it: below nothing."""
    way = Way(by_index=True, tens=tens, sets=(1,), exact=True)
    for number in range(1, words):
        rows, fits = dialect(engine).in_index(way, 'facts', str(number))
        yield select(-func.count()).select_from(rows.source).where(*fits, *plain(shape, rows))
