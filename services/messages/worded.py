"""Totals of a name, from those that the database keeps of each word.

A fragment stands in some words, and the messages with each of them are kept counted, by tens of days. A message with
two of the words («Иванова Мария Ивановна») stands in two of those counts: such are few, the index of pairs knows them,
and they are taken away again. Days at the ends of a period that are no whole ten are counted message by message.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, literal_column, select, union_all

from models.columns import roubles
from models.message import ARRIVAL_BITS
from services import days
from services.messages import search_postgresql, tokens
from services.messages.search import Way
from services.messages.shape import Asked
from services.messages.statements import SHAPES, dialect
from services.messages.tables import message, word_total
from services.messages.tokens import Tokens
from services.query import Period, Totals

MOST_WORDS = 30
"""Of more words there are too many pairs."""
NEVER, ALWAYS = 0, 9999999
"""Tens of days before and after all others."""
NEWEST = select(func.max(message.c.place))
MESSAGES = func.sum(word_total.c.messages).label('messages')
KOPECKS = func.sum(word_total.c.kopecks).label('kopecks')
KEPT = (
    word_total.c.word.in_(bindparam('words', expanding=True)),
    word_total.c.tens.between(bindparam('first'), bindparam('last')),
)


@dataclass(frozen=True)
class Tens:
    """The whole tens of days in a period, as numbers, and what is left at its ends."""

    first: int
    last: int
    whole: Period
    ends: tuple[Period, ...]


@dataclass(frozen=True)
class Piece:
    """Messages of some days that have any of some tokens, to be counted one by one."""

    tokens: Tokens
    period: Period
    sign: int
    """-1 where they were counted once too often."""


PieceShape = tuple[int, bool, bool, bool]
"""The sign of a piece, whether its period has a beginning and an end, whether the index is asked by tens of days."""


def add_up(asked: Asked) -> Totals | None:
    """Count the messages that have a fragment of a name and add up their cost; None where more is asked for."""
    found = _kept(asked)
    if found is None:
        return None
    shapes, values = found
    count, kopecks = asked.connection.execute(_sums(asked.engine, shapes), values).one()
    return Totals(int(count or 0), roubles(int(kopecks or 0)))


def counts(asked: Asked) -> list[tuple[Period, int]] | None:
    """Count the same by tens of days, each given by its first and last day, newest first."""
    found = _kept(asked)
    if found is None:
        return None
    shapes, values = found
    rows = asked.connection.execute(_counts(asked.engine, shapes), values).all()
    return [(Period(*_bounds(_first_day(tens))), int(count)) for tens, count in rows]


def _kept(asked: Asked) -> tuple[tuple[PieceShape, ...], dict[str, Any]] | None:
    """Give what adds up to a query besides the totals of its words, and all that the statements leave open."""
    shape, readings = asked.shape, asked.shape.text.readings
    if not readings or shape.chooses or shape.text.phone or any(each != (1, False, False) for each in readings):
        return None
    index, tens = tokens.ask(asked), _tens(asked)
    if index is None or tens is None or not 0 < index.tokens <= MOST_WORDS:
        return None
    words = tuple(dict.fromkeys(word for (each,) in index.readings for word in each))
    pieces = [*_twice(words, tens.whole), *(Piece(words, end, 1) for end in tens.ends)]
    values: dict[str, Any] = {'words': words, 'first': tens.first, 'last': tens.last}
    shapes: list[PieceShape] = []
    for number, piece in enumerate(pieces):
        of_shape, of_piece = _asked_for(asked, piece, number)
        shapes.append(of_shape)
        values |= of_piece
    return tuple(shapes), values


def _twice(words: Sequence[str], period: Period) -> Iterator[Piece]:
    """Give what is counted too often: a message with several of the words is found at all of them but its first."""
    for number, word in enumerate(words):
        if number:
            yield Piece(tuple(tokens.pair(before, word) for before in words[:number]), period, -1)


def _asked_for(asked: Asked, piece: Piece, number: int) -> tuple[PieceShape, dict[str, Any]]:
    since, until = piece.period.since, piece.period.until
    tens = search_postgresql.tens_of_days(since, until) if asked.engine == 'postgresql' and since and until else None
    of_period = asked.about(replace(asked.query, period=piece.period, name='')).values
    values = {f'{name}{number}': value for name, value in of_period.items()}
    values |= dialect(asked.engine).asked_for(((piece.tokens,),), str(number))
    if tens:
        values[f'tens{number}'] = tens
    return (piece.sign, since is not None, until is not None, bool(tens)), values


@lru_cache(SHAPES)
def _sums(engine: str, pieces: tuple[PieceShape, ...]) -> Select[Any]:
    """Give the statement that adds up the totals of words and all pieces: one, so that all is of one moment."""
    of_words = select(MESSAGES, KOPECKS).where(*KEPT)
    of_pieces = (
        _counted(engine, str(number), piece).add_columns(piece[0] * func.sum(message.c.cost, type_=Integer))
        for number, piece in enumerate(pieces)
    )
    found = union_all(of_words, *of_pieces).subquery()
    return select(func.sum(found.c.messages), func.sum(found.c.kopecks))


@lru_cache(SHAPES)
def _counts(engine: str, pieces: tuple[PieceShape, ...]) -> Select[Any]:
    """Give the statement that counts the same by tens of days, newest first."""
    of_words = select(MESSAGES, word_total.c.tens).where(*KEPT).group_by(word_total.c.tens)
    tens = message.c.day.op('/')(literal_column('10'))
    of_pieces = (
        _counted(engine, str(number), piece).add_columns(tens).group_by(tens) for number, piece in enumerate(pieces)
    )
    found = union_all(of_words, *of_pieces).subquery()
    return select(found.c.tens, func.sum(found.c.messages)).group_by(found.c.tens).order_by(found.c.tens.desc())


def _counted(engine: str, part: str, piece: PieceShape) -> Select[Any]:
    sign, since, until, tens = piece
    way = Way(by_index=True, tens=tens, sets=(1,), exact=True)
    rows, fits = dialect(engine).in_index(way, 'facts', part)
    conditions = [*fits]
    if since:
        conditions.append(rows.place >= bindparam(f'since{part}', type_=message.c.place.type))
    if until:
        conditions.append(rows.place <= bindparam(f'until{part}', type_=message.c.place.type))
    return select(sign * func.count()).select_from(rows.source).where(*conditions)


def _tens(asked: Asked) -> Tens | None:
    """Part a period into whole tens of days and its ends; None when no ten is whole."""
    since, until = asked.query.period.since, asked.query.period.until
    first, last, ends = NEVER, ALWAYS, []
    whole_since, whole_until = since, until
    if since:
        first = _ten(since)
        begin, end = _bounds(since)
        if begin < since:
            ends.append(Period(since, end))
            first, whole_since = first + 1, end + timedelta(days=1)
    if until and until < _newest(asked):
        last = _ten(until)
        begin, end = _bounds(until)
        if until < end:
            ends.append(Period(begin, until))
            last, whole_until = last - 1, begin - timedelta(days=1)
    return Tens(first, last, Period(whole_since, whole_until), tuple(ends)) if first <= last else None


def _newest(asked: Asked) -> date:
    """Give the local day of the newest message, after which any period is as good as open."""
    place: int | None = asked.connection.execute(NEWEST).scalar()
    return datetime.fromtimestamp((place or 0) >> ARRIVAL_BITS, UTC).astimezone(asked.zone).date()


def _ten(day: date) -> int:
    return days.number(day) // 10


def _first_day(ten: int) -> date:
    # No month has a day 0: its first ten days are nine.
    return days.from_number(max(ten * 10, ten // 10 * 100 + 1))


def _bounds(day: date) -> tuple[date, date]:
    """Give the first and the last day of the ten days that a day falls in; the last ones of a month are fewer."""
    first_of_month, past = day.replace(day=1), day.day // 10 * 10
    next_month = (first_of_month + timedelta(days=31)).replace(day=1)
    end = min(first_of_month + timedelta(days=past + 8), next_month - timedelta(days=1))
    return day.replace(day=max(past, 1)), end
