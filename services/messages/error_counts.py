"""How often each error occurs: for the choice of errors, and for the row of a failed message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, select

from models import MessageStatus
from services import texts
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery
from services.messages.message_tables import MessageSource, message
from services.messages.search.conditions import ERROR_KEY, filter_conditions
from services.messages.search.query_shape import BoundQuery, QueryShape
from services.messages.search.statements import STATEMENT_CACHE_SIZE

MAX_ERRORS: Final = 200
"""The largest number of errors that are offered, the most frequent ones."""
WEEK: Final = timedelta(days=7)
NAMES: Final = select(message.c.place, message.c.error_name).where(
    message.c.place.in_(bindparam('places', expanding=True))
)


@dataclass(frozen=True)
class ErrorCount:
    """An error, and how many messages have failed by it."""

    key: str
    """See MessageRow.error_key."""
    name: str
    """The name of the newest of these messages."""
    count: int

    @property
    def title(self) -> str:
        """The name and the code."""
        if self.name and self.name != self.key:
            return texts.ERROR_OPTION.format(name=self.name, code=self.key)
        return self.key or texts.UNNAMED_ERROR.capitalize()


def count_errors(bound_query: BoundQuery) -> Sequence[ErrorCount]:
    """Count the failed messages of a query by error, the most frequent first.

    Only the period, the organizations, the kinds and the appointment of the query are considered.
    """
    query = bound_query.query
    bound = bound_query.with_query(
        MessageQuery(
            kinds=query.kinds,
            period=query.period,
            organizations=query.organizations,
            appointment=query.appointment,
            statuses=frozenset({MessageStatus.FAILED}),
        )
    )
    rows = bound.connection.execute(_counts_statement(bound.shape), bound.params).all()
    rows = sorted(rows, key=lambda row: (-row.messages, row.error_key))[:MAX_ERRORS]
    found = bound.connection.execute(NAMES, {'places': [row.newest for row in rows]})
    names = {row.place: row.error_name for row in found}
    return [ErrorCount(each.error_key, names.get(each.newest) or '', each.messages) for each in rows]


def week_until(today: date) -> Period:
    """Return the seven days up to today."""
    return Period(today - WEEK + timedelta(days=1), today)


@lru_cache(STATEMENT_CACHE_SIZE)
def _counts_statement(shape: QueryShape) -> Select[Any, Any, Any]:
    conditions = filter_conditions(shape, MessageSource(message, message.c.place))
    return (
        select(ERROR_KEY.label('error_key'), func.count().label('messages'), func.max(message.c.place).label('newest'))
        .select_from(message)
        .where(*conditions)
        .group_by(ERROR_KEY)
    )
