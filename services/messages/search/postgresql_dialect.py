"""Names and phones on PostgreSQL: one index of words, digits and days (services.database.indexes.postgresql_indexes).

The planner guesses how many messages have a word, and where it guesses wrong a search takes seconds. So it is left no
choice: rows from the index hide their place.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, and_, bindparam, func, literal_column, or_

from services import days
from services.database.indexes import postgresql_indexes
from services.messages.message_tables import Rows, message
from services.messages.search.text_condition import Reach, Way

TEN_DAYS = literal_column(f'({postgresql_indexes.TEN_DAYS})', Integer)
TOKENS = func.message_tokens(message.c.recipient_name, message.c.name_key, message.c.initials, message.c.phone)
NAME: ColumnElement[str] = literal_column(postgresql_indexes.NAME, String)
"""The words by which a message is found."""
MOST_TENS = 40
"""Past so many tens of days it is quicker to read what the index has of all days."""


def contains(searched: ColumnElement[str], value: str) -> ColumnElement[bool]:
    """Say that a column contains what stands in the place `value`."""
    return searched.like(bindparam(value))


def contained(fragment: str) -> str:
    """Give a fragment as `contains` wants it."""
    return f'%{_literal(fragment)}%'


def in_order(reach: Reach) -> Rows:
    """Say where messages are read in the order of the list, or all of them to be sorted; here always from one place."""
    return Rows(message, message.c.place)


def in_index(way: Way, reach: Reach, part: str = '') -> tuple[Rows, Sequence[ColumnElement[bool]]]:
    """Say how messages come from the index; it has nothing of them besides, whatever is asked of them.

    `part` tells what is left open here from what other parts of one statement leave open.
    """
    conditions: list[ColumnElement[bool]] = []
    if way.tens:
        conditions.append(TEN_DAYS.op('=')(func.any(bindparam('tens'))))
    conditions.append(
        or_(
            *(
                and_(*(TOKENS.op('&&')(bindparam(f'tokens{part}_{reading}_{each}')) for each in range(sets)))
                for reading, sets in enumerate(way.sets)
            )
        )
    )
    return Rows(message, message.c.place + literal_column('0', Integer)), conditions


def asked_for(readings: Sequence[Sequence[Sequence[str]]], part: str = '') -> dict[str, Any]:
    """Give what `in_index` leaves open: any of the readings, of a reading each set, of a set any token."""
    return {
        f'tokens{part}_{reading}_{each}': list(tokens)
        for reading, sets in enumerate(readings)
        for each, tokens in enumerate(sets)
    }


def tens_of_days(since: date, until: date) -> list[int] | None:
    """Give the tens of days between two days, both included; None when they are too many to be worth it."""
    if (until - since).days > 10 * MOST_TENS:
        return None
    every = (since + timedelta(days=ahead) for ahead in range((until - since).days + 1))
    return sorted({days.number(day) // 10 for day in every})


def _literal(fragment: str) -> str:
    for special in '\\%_':
        fragment = fragment.replace(special, f'\\{special}')
    return fragment
