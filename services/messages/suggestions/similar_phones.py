"""Phones that differ from a typed one by one mistake, and how many messages each of them has."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, func, select

from services import phones
from services.messages.message_tables import MessageSource, message
from services.messages.search.conditions import is_one_of, unindexed_conditions
from services.messages.search.query_shape import BoundQuery, QueryShape, numbered_params
from services.messages.search.statements import STATEMENT_CACHE_SIZE

MAX_PHONES: Final = 8
"""The largest number of phones that are offered, those with the newest messages."""
DIGITS: Final = '0123456789'
RUSSIAN_PREFIX: Final = '+7'
FOREIGN_PREFIX_LENGTH: Final = 4
"""Characters of a foreign number that are left as they are: the plus and the country code."""


def similar_numbers(typed: str) -> tuple[str, ...]:
    """Return the numbers, in E.164, from which a typed one differs by a digit, by two swapped or by one left out."""
    patterns = phones.parse_search(typed)
    if len(patterns) == 1 and patterns[0].is_full_number:
        number = patterns[0].text
        prefix = RUSSIAN_PREFIX if number.startswith(RUSSIAN_PREFIX) else number[:FOREIGN_PREFIX_LENGTH]
        found = _changed(number.removeprefix(prefix))
    elif patterns and len(patterns[-1].digits) == phones.RUSSIAN_LENGTH - 1:
        prefix, found = RUSSIAN_PREFIX, _with_another_digit(patterns[-1].digits)
    else:
        return ()
    return tuple(dict.fromkeys(prefix + digits for digits in found))


def count_by_phone(bound_query: BoundQuery, numbers: Sequence[str]) -> Sequence[tuple[str, int]]:
    """Return those of some phones that have messages, with their count; those with the newest messages.

    The query must have no phone; its other conditions are applied.
    """
    statement = _counts_statement(bound_query.engine, bound_query.shape, len(numbers))
    rows = bound_query.connection.execute(statement, {**bound_query.params, **numbered_params('number', numbers)})
    return [(phone, count) for phone, count in rows]


def _changed(digits: str) -> Iterator[str]:
    for at, digit in enumerate(digits):
        yield from (digits[:at] + other + digits[at + 1 :] for other in DIGITS if other != digit)
        if digits[at + 1 : at + 2] not in ('', digit):
            yield digits[:at] + digits[at + 1] + digit + digits[at + 2 :]


def _with_another_digit(digits: str) -> Iterator[str]:
    for at in range(len(digits) + 1):
        yield from (digits[:at] + other + digits[at:] for other in DIGITS)


@lru_cache(STATEMENT_CACHE_SIZE)
def _counts_statement(engine: str, shape: QueryShape, number_count: int) -> Select[Any]:
    shape = replace(shape, order=None)
    statement = (
        select(message.c.phone, func.count())
        .where(
            is_one_of(message.c.phone, 'number', number_count),
            *unindexed_conditions(engine, shape, MessageSource(message, message.c.place)),
        )
        .group_by(message.c.phone)
        .order_by(func.max(message.c.place).desc())
        .limit(MAX_PHONES)
    )
    return statement.with_hint(message, 'INDEXED BY message_phone', 'sqlite')
