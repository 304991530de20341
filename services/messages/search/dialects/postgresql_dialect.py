"""Names and phones on PostgreSQL: one index of words, digits and days (services.database.indexes.postgresql_indexes).

PostgreSQL's planner guesses how many messages have a word, and where it guesses wrong a search takes seconds. So its
choice is taken away: rows from the text index are ordered by an expression that no other index has.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, and_, bindparam, func, literal_column, or_

from services import days
from services.database.indexes import condition_indexes, postgresql_indexes
from services.messages.message_tables import MessageSource, message, qualify
from services.messages.search.access_path import AccessPath, RequiredColumns

TEN_DAY_BLOCK = literal_column(f'({postgresql_indexes.TEN_DAY_BLOCK})', Integer)
MESSAGE_TOKENS = func.message_tokens(message.c.recipient_name, message.c.name_key, message.c.initials, message.c.phone)
SEARCH_WORDS: ColumnElement[str] = literal_column(qualify(postgresql_indexes.SEARCH_WORDS), String)
"""The words by which the text index finds a message."""
APPOINTMENT_DAY: ColumnElement[int] = literal_column(f'({condition_indexes.APPOINTMENT_DAYS["postgresql"]})', Integer)
"""The day of the appointment, as its index has it."""
SURNAME: ColumnElement[str] = literal_column(f'({qualify(condition_indexes.SURNAMES["postgresql"])})', String)
"""The surname (services.name_parts.surnames.surname_of), as its index has it."""


def contains(searched_column: ColumnElement[str], param_name: str) -> ColumnElement[bool]:
    """Build the condition that a column contains the parameter."""
    return searched_column.like(bindparam(param_name))


def to_like_operand(fragment: str) -> str:
    """Convert a fragment to the operand of `contains`."""
    return f'%{_escape_like(fragment)}%'


def ordered_rows(required_columns: RequiredColumns) -> MessageSource:
    """Return the source of a scan; here it is the same for all columns."""
    return MessageSource(message, message.c.place)


def indexed_rows(
    path: AccessPath, required_columns: RequiredColumns, param_suffix: str = ''
) -> tuple[MessageSource, Sequence[ColumnElement[bool]]]:
    """Return the source of rows from the text index, and its conditions; the index covers no columns.

    Args:
        path: the access path.
        required_columns: what is needed of the messages; here the source is always the same.
        param_suffix: distinguishes the parameters of the parts of one statement.
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
    """Return the parameters of `indexed_rows`: any alternative, of an alternative each set, of a set any token."""
    return {
        f'tokens{param_suffix}_{alternative}_{each}': list(tokens)
        for alternative, sets in enumerate(alternatives)
        for each, tokens in enumerate(sets)
    }


def ten_day_blocks(since: date, until: date, max_blocks: int) -> list[int] | None:
    """Return the ten-day blocks between two days, both included; None if they are more than `max_blocks`."""
    if (until - since).days > 10 * max_blocks:
        return None
    every = (since + timedelta(days=ahead) for ahead in range((until - since).days + 1))
    return sorted({days.to_number(day) // 10 for day in every})


def _escape_like(fragment: str) -> str:
    for special in '\\%_':
        fragment = fragment.replace(special, f'\\{special}')
    return fragment
