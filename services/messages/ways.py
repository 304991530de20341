"""Which way leads to the rows of a text search soonest.

An engine's planner cannot be trusted with the question: it guesses how many messages have a fragment, and where it
guesses too many it reads the newest messages one by one, for a rare name the whole journal. So the ways are tried in
turn here: the newest rows up to a bound, which have a page of every common name; then some days of the text index;
then all that the index has.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from models.message import ARRIVAL_BITS
from services.messages import kept, search_postgresql, search_sqlite, statements
from services.messages.search import TRIGRAM, Way, fours, long_fragments
from services.messages.shape import Asked, Shape

NEAR = 500
"""Messages that are read one by one before the index is asked."""
WINDOW = timedelta(days=9)
"""How far past them the index is asked first, on PostgreSQL."""
FEW = 50_000
"""Messages that can be read through in a blink."""
MOST_WORDS = 100
"""A short fragment in more words than this is so common that reading the newest rows finds a page of it sooner."""


@dataclass(frozen=True)
class Reached:
    """A way, the shape of what is asked along it, and what stands in the places that its statement leaves open."""

    shape: Shape
    way: Way
    values: dict[str, Any]


def whole(asked: Asked) -> Reached | None:
    """Choose the way to all rows of a query at once; None when there are none."""
    if not asked.search or asked.search.whole_phone or _chosen_are_fewer(asked):
        return Reached(asked.shape, Way(), asked.values)
    index = _index(asked)
    if index is None:
        return Reached(asked.shape, Way(), asked.values)
    return _narrowed(asked, index) if index.values else None


def newest(asked: Asked, wanted: int, *, backwards: bool) -> Iterator[Reached]:
    """Give the ways to the first `wanted` rows of a text search, in turn, or to its last ones: the last way has all."""
    rows = Reached(asked.shape, Way(backwards=backwards), asked.values)
    if not asked.search or asked.search.whole_phone or _chosen_are_fewer(asked):
        yield rows
        return
    if asked.engine == 'sqlite' and (long := search_sqlite.match(asked.search, asked.rarest)):
        # This index is in the order of the list, and gives the newest at once.
        yield Reached(asked.shape, Way(by_index=True, backwards=backwards), {**asked.values, 'match': long})
        return
    bound = _bound(asked, backwards=backwards)
    if bound is not None and wanted <= NEAR:
        yield _near(Reached(asked.shape, Way(backwards=backwards), asked.values), bound)
    index = _index(asked) if bound is not None else None
    if index is None:
        yield rows
        return
    if not index.values:
        return
    if asked.engine == 'postgresql' and bound is not None:
        yield from _window(asked, index, bound, backwards=backwards)
    yield _narrowed(asked, index, backwards=backwards)


def _chosen_are_fewer(asked: Asked) -> bool:
    """Say whether what fits the other conditions is less than what fits the text: the smaller set drives."""
    if not asked.query.chooses:
        return False
    few = kept.add_up(asked).count
    if asked.engine == 'postgresql':
        return few <= FEW // 10
    match = search_sqlite.match(asked.search, asked.rarest)
    if few > FEW or match is None:
        return few <= FEW
    bounds = {'since': 0, 'until': 1 << 62, **asked.values}
    hits: int = asked.connection.execute(search_sqlite.HITS, {**bounds, 'match': match, 'most': few}).scalar_one()
    return hits >= few


def _index(asked: Asked) -> Reached | None:
    """Say what to ask the index; None when it cannot help, and no values when it has nothing."""
    search, values = asked.search, asked.values
    if asked.engine == 'sqlite':
        if long := search_sqlite.match(search, asked.rarest):
            return Reached(asked.shape, Way(by_index=True), {**values, 'match': long})
    elif found := _by_trigrams(asked):
        return found
    words = _words(asked)
    if words is None:
        return None
    if not words:
        return Reached(asked.shape, Way(by_index=True), {})
    if asked.engine == 'sqlite':
        return Reached(asked.shape, Way(by_index=True), {**values, 'match': search_sqlite.match_words(words)})
    return Reached(asked.shape, Way(by_index=True, words=True), {**values, 'words': search_postgresql.patterns(words)})


def _by_trigrams(asked: Asked) -> Reached | None:
    """Say what to ask the index of PostgreSQL; None where it knows too little of what was typed."""
    search, way, values = asked.search, Way(by_index=True), dict(asked.values)
    grams = [asked.rarest(long_fragments(each.fragments)) for each in search.names]
    if grams and all(grams):
        way = replace(way, grams=tuple(map(len, grams)))
        for number, each in enumerate(grams):
            values |= {f'gram_{number}_{place}': search_postgresql.contained(gram) for place, gram in enumerate(each)}
        if len(search.names) == 1 and search.names[0].given and search.names[0].patronymic:
            way = replace(way, initials=True)
            values['initials'] = search.names[0].given + search.names[0].patronymic
    if search.phone and search.long_phone:
        way = replace(way, fours='any' if len(search.phone.digits) == TRIGRAM else 'all')
        values['fours'] = fours(search.phone.digits)
    return Reached(asked.shape, way, values) if way.grams or way.fours else None


def _words(asked: Asked) -> list[str] | None:
    """Give words of which each name that fits has one; None when they are too many, or no name is asked for."""
    found: list[str] = []
    for reading in asked.search.names:
        long = long_fragments(reading.fragments)
        choices: list[list[str] | None] = [[each] for each in long[:1]]
        choices = choices or [_containing(asked, fragment) for fragment in reading.fragments]
        few = [words for words in choices if words is not None]
        if not few:
            return None
        fewest: list[str] = min(few, key=len)
        found += fewest
    return found if asked.search.names else None


def _containing(asked: Asked, fragment: str) -> list[str] | None:
    statement = statements.dialect(asked.engine).WORDS
    values = {'fragment': statements.dialect(asked.engine).contained(fragment), 'most': MOST_WORDS + 1}
    words = list(asked.connection.execute(statement, values).scalars())
    return words if len(words) <= MOST_WORDS else None


def _bound(asked: Asked, *, backwards: bool) -> int | None:
    """Give the place up to which rows are near; None when there are not so many."""
    statement = statements.bound(asked.engine, asked.shape, backwards=backwards)
    place: int | None = asked.connection.execute(statement, {**asked.values, 'skip': NEAR, 'size': 1}).scalar()
    return place


def _window(asked: Asked, index: Reached, bound: int, *, backwards: bool) -> Iterator[Reached]:
    """Ask the index for a month past the bound, and all that is nearer."""
    period = asked.query.period
    far = _day(asked, bound) + (WINDOW if backwards else -WINDOW)
    near = (period.since if backwards else period.until) or _end(asked, backwards=backwards)
    tens = search_postgresql.tens_of_days(*sorted((near, far)))
    if tens:
        way = replace(index.way, backwards=backwards, tens=True)
        past = bound + (1 if backwards else -1) * (int(WINDOW.total_seconds()) << ARRIVAL_BITS)
        yield _near(Reached(asked.shape, way, {**index.values, 'tens': tens}), past)


def _near(reached: Reached, bound: int) -> Reached:
    """Go a way no further than to a place."""
    if reached.way.backwards:
        until = min(bound, reached.values.get('until', bound))
        return replace(reached, shape=replace(reached.shape, until=True), values={**reached.values, 'until': until})
    since = max(bound, reached.values.get('since', bound))
    return replace(reached, shape=replace(reached.shape, since=True), values={**reached.values, 'since': since})


def _narrowed(asked: Asked, index: Reached, *, backwards: bool = False) -> Reached:
    """Ask the index of PostgreSQL for the days of the period alone, where they are not too many."""
    since, until = asked.query.period.since, asked.query.period.until
    tens = search_postgresql.tens_of_days(since, until) if asked.engine == 'postgresql' and since and until else None
    way = replace(index.way, backwards=backwards, tens=bool(tens))
    return Reached(asked.shape, way, {**index.values, 'tens': tens} if tens else index.values)


def _end(asked: Asked, *, backwards: bool) -> date:
    statement = statements.bound(asked.engine, asked.shape, backwards=backwards)
    return _day(asked, asked.connection.execute(statement, {**asked.values, 'skip': 0, 'size': 1}).scalar_one())


def _day(asked: Asked, place: int) -> date:
    return datetime.fromtimestamp(place >> ARRIVAL_BITS, UTC).astimezone(asked.zone).date()
