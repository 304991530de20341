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
from services.messages.message_tables import MessageSource, message
from services.messages.search.text_condition import AccessPath, RequiredColumns

TEN_DAY_BLOCK = literal_column(f'({postgresql_indexes.TEN_DAY_BLOCK})', Integer)
MESSAGE_TOKENS = func.message_tokens(message.c.recipient_name, message.c.name_key, message.c.initials, message.c.phone)
SEARCH_WORDS: ColumnElement[str] = literal_column(postgresql_indexes.SEARCH_WORDS, String)
"""The words by which a message is found."""


def contains(searched_column: ColumnElement[str], param_name: str) -> ColumnElement[bool]:
    """Say that a column contains what stands in the place `value`."""
    return searched_column.like(bindparam(param_name))


def to_like_operand(fragment: str) -> str:
    """Give a fragment as `contains` wants it."""
    return f'%{_escape_like(fragment)}%'


def ordered_rows(required_columns: RequiredColumns) -> MessageSource:
    """Say where messages are read in the order of the list, or all of them to be sorted; here always from one place."""
    return MessageSource(message, message.c.place)


def indexed_rows(
    path: AccessPath, required_columns: RequiredColumns, param_suffix: str = ''
) -> tuple[MessageSource, Sequence[ColumnElement[bool]]]:
    """Say how messages come from the index; it has nothing of them besides, whatever is asked of them.

    `part` tells what is left open here from what other parts of one statement leave open.
    """
    conditions: list[ColumnElement[bool]] = []
    if path.limits_days:
        conditions.append(TEN_DAY_BLOCK.op('=')(func.any(bindparam('tens'))))
    conditions.append(
        or_(
            *(
                and_(
                    *(
                        MESSAGE_TOKENS.op('&&')(bindparam(f'tokens{param_suffix}_{alternative}_{each}'))
                        for each in range(sets)
                    )
                )
                for alternative, sets in enumerate(path.token_set_counts)
            )
        )
    )
    return MessageSource(message, message.c.place + literal_column('0', Integer)), conditions


def index_params(alternatives: Sequence[Sequence[Sequence[str]]], param_suffix: str = '') -> dict[str, Any]:
    """Give what `in_index` leaves open: any of the readings, of a reading each set, of a set any token."""
    return {
        f'tokens{param_suffix}_{alternative}_{each}': list(tokens)
        for alternative, sets in enumerate(alternatives)
        for each, tokens in enumerate(sets)
    }


def ten_day_blocks(since: date, until: date, max_blocks: int) -> list[int] | None:
    """Give the tens of days between two days, both included; None when they are too many to be worth it."""
    if (until - since).days > 10 * max_blocks:
        return None
    every = (since + timedelta(days=ahead) for ahead in range((until - since).days + 1))
    return sorted({days.to_number(day) // 10 for day in every})


def _escape_like(fragment: str) -> str:
    for special in '\\%_':
        fragment = fragment.replace(special, f'\\{special}')
    return fragment
