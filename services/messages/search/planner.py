"""Which way leads to the rows of a text search soonest.

An engine's planner cannot be trusted with the question: it guesses how many messages have a word, and where it guesses
too many it reads the newest messages one by one, for a rare name the whole journal. So the ways are tried in turn here:
the newest rows up to a bound, where a page of a common name is likely to be; then some days of the text index; then all
that the index has.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any

from models.message import ARRIVAL_BITS
from services import days
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery
from services.messages.search import index_tokens, postgresql_dialect, statements
from services.messages.search.index_tokens import Indexed
from services.messages.search.query_shape import Asked, Shape
from services.messages.search.selectivity import SAMPLE
from services.messages.search.text_condition import Way
from services.messages.totals import aggregates, word_totals

NEAR = 1_000
"""Messages that are read one by one sooner than the index is asked, where a page is likely to be among them."""
FEW_TOKENS = 50
"""So few are looked up at once by an index that is in the order of the list."""
WINDOW = timedelta(days=9)
"""How many days the index of PostgreSQL is asked for first."""
DEAR = 4
"""How many times as long as such a look at a fact the look at a whole message takes."""
FAR = 2_000
"""Rows that are skipped sooner than it is counted in which days the wanted ones are."""
FEW_DAYS = 2
"""Days besides the first whose messages are read through sooner than the index gathers ten days of a common name."""
FEW = 50_000
"""Messages that can be read through in a blink."""
STEP = 8
"""How many times as long as reading and sorting a message a step along an index may take."""


@dataclass(frozen=True)
class Reached:
    """A way, the shape of what is asked along it, and what stands in the places that its statement leaves open."""

    shape: Shape
    way: Way
    values: dict[str, Any]


def whole(asked: Asked) -> Reached | None:
    """Choose the way to all rows of a query at once; None when there are none."""
    rows = Reached(asked.shape, Way(), asked.values)
    if not asked.search or asked.search.whole_phone:
        return rows
    index = index_tokens.ask(asked)
    if index is None or _chosen_are_fewer(asked, index):
        return rows
    return _narrowed(asked, _reached(asked, index)) if index.readings else None


def along(asked: Asked, count: int, wanted: int) -> Reached | None:
    """Choose the index of the column to sort by, where it comes to the first `wanted` rows sooner than all are sorted.

    None where the column has no index. The query is one of which totals are kept; `count` is how many rows it finds.
    """
    if asked.query.order is None or asked.query.order.column not in statements.INDEXED:
        return None
    messages = aggregates.add_up(asked.about(MessageQuery())).count
    # One of `messages / count` steps along the index leads to a message that fits.
    sooner = wanted * messages * STEP < count * count
    return Reached(asked.shape, Way(along=True), asked.values) if sooner else None


def newest(asked: Asked, wanted: int, *, backwards: bool) -> Iterator[Reached]:
    """Give the ways to the first `wanted` rows of a text search, in turn, or to its last ones: the last way has all."""
    rows = Reached(asked.shape, Way(backwards=backwards), asked.values)
    index = None if not asked.search or asked.search.whole_phone else index_tokens.ask(asked)
    if index is None or _chosen_are_fewer(asked, index):
        yield rows
        return
    if not index.readings:
        return
    unordered = asked.engine == 'postgresql'
    if index.share * NEAR >= wanted and (unordered or index.tokens > FEW_TOKENS):
        bound = _bound(asked, NEAR, backwards=backwards)
        if bound is None:
            yield rows
            return
        yield _near(rows, bound)
    reached = _reached(asked, index, backwards=backwards)
    if unordered and index.share * SAMPLE >= 1:
        yield from _window(asked, reached)
    yield _narrowed(asked, reached)


def far(asked: Asked, skip: int, size: int) -> tuple[Reached, int] | None:
    """Choose the way to the rows after `skip` others in those days alone in which they are; how many come before there.

    None where the index is in the order of the list and skips unseen, and where the days of what is asked are not kept.
    """
    if asked.engine != 'postgresql' or skip < FAR or (counts := word_totals.counts(asked)) is None:
        return None
    found = list(accumulate(count for _, count in counts))
    newest, oldest = bisect_right(found, skip), min(bisect_left(found, skip + size), len(found) - 1)
    if newest >= len(found):
        return None
    period = Period(days.from_number(counts[oldest][0]), days.from_number(counts[newest][0]))
    nearer = asked.about(replace(asked.query, period=period))
    reached = whole(nearer) if oldest - newest > FEW_DAYS else Reached(nearer.shape, Way(), nearer.values)
    return (reached, skip - (found[newest - 1] if newest else 0)) if reached else None


def _chosen_are_fewer(asked: Asked, index: Indexed) -> bool:
    """Say whether what fits the other conditions is less than what fits the text: the smaller set drives."""
    if not asked.query.chooses:
        return False
    few = aggregates.add_up(asked).count
    period = asked.about(MessageQuery(period=asked.query.period))
    # What an exact index gives is held against the choices by a small index of SQLite, without the messages themselves.
    dear = DEAR if index.exact and asked.engine == 'sqlite' else 1
    return few <= FEW and few * dear <= index.share * aggregates.add_up(period).count


def _reached(asked: Asked, index: Indexed, *, backwards: bool = False) -> Reached:
    """Ask the index."""
    way = Way(by_index=True, backwards=backwards, sets=tuple(map(len, index.readings)), exact=index.exact)
    return Reached(asked.shape, way, {**asked.values, **statements.dialect(asked.engine).asked_for(index.readings)})


def _bound(asked: Asked, skip: int, *, backwards: bool) -> int | None:
    """Give the place that so many others come before; None when there are not so many."""
    statement = statements.bound(asked.engine, asked.shape, backwards=backwards)
    place: int | None = asked.connection.execute(statement, {**asked.values, 'skip': skip, 'size': 1}).scalar()
    return place


def _window(asked: Asked, index: Reached) -> Iterator[Reached]:
    """Ask the index for some days at the end where the list begins."""
    backwards = index.way.backwards
    end = _bound(asked, 0, backwards=backwards)
    if end is None:
        return
    past = end + (1 if backwards else -1) * (int(WINDOW.total_seconds()) << ARRIVAL_BITS)
    if tens := postgresql_dialect.tens_of_days(*sorted((_day(asked, past), _day(asked, end)))):
        way = replace(index.way, tens=True)
        yield _near(Reached(asked.shape, way, {**index.values, 'tens': tens}), past)


def _near(reached: Reached, bound: int) -> Reached:
    """Go a way no further than to a place."""
    if reached.way.backwards:
        until = min(bound, reached.values.get('until', bound))
        return replace(reached, shape=replace(reached.shape, until=True), values={**reached.values, 'until': until})
    since = max(bound, reached.values.get('since', bound))
    return replace(reached, shape=replace(reached.shape, since=True), values={**reached.values, 'since': since})


def _narrowed(asked: Asked, index: Reached) -> Reached:
    """Ask the index of PostgreSQL for the days of the period alone, where they are not too many."""
    way = replace(index.way, tens=True)
    return replace(index, way=way, values={**index.values, 'tens': asked.tens}) if asked.tens else index


def _day(asked: Asked, place: int) -> date:
    return datetime.fromtimestamp(place >> ARRIVAL_BITS, UTC).astimezone(asked.zone).date()
