"""One page of the journal of messages, and one message opened."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from services.messages import statements, totals, ways
from services.messages.query import MessageDetails, MessageRow
from services.messages.seek import seek
from services.messages.shape import Asked
from services.messages.statements import Way
from services.messages.tables import message
from services.query import PAGE_SIZES, Page


def read(asked: Asked, *, number: int, size: int, count: int | None) -> Page[MessageRow]:
    """Read a page; one past the end gives the last. `count`, where known, is how many rows the query finds.

    Raises:
        ValueError: the size is not one of PAGE_SIZES (spec S12).
    """
    if size not in PAGE_SIZES:
        raise ValueError(f'a page of {size} rows')
    number = max(number, 1)
    if asked.query.order is None and not asked.search:
        return _reach(asked, number, size)
    found = _rows(asked, number, size, count)
    if not found and number > 1:
        count = totals.read(asked).count if count is None else count
        number = max(-(-count // size), 1)
        found = _rows(asked, number, size, count)
    return Page(number, found)


def _reach(asked: Asked, number: int, size: int) -> Page[MessageRow]:
    """Read a page of a query without a name and a phone: the totals say where it begins."""
    if number == 1 and (asked.query.organization or not asked.query.chooses):
        return Page(1, _lines(asked, Way(), asked.values, 0, size))
    place = seek(asked, number=number, size=size)
    left = place.found - (place.number - 1) * size
    if left <= size:
        return Page(place.number, _lines(asked, Way(backwards=True), asked.values, 0, left) if left else [])
    nearer = asked.about(replace(asked.query, period=place.period))
    return Page(place.number, _lines(nearer, Way(), nearer.values, place.skip, size))


def _rows(asked: Asked, number: int, size: int, count: int | None) -> list[MessageRow]:
    skip = (number - 1) * size
    if asked.query.order is not None:
        reached = ways.whole(asked)
        return _lines(asked, reached.way, reached.values, skip, size) if reached else []
    left = None if count is None else count - skip
    if number > 1 and left is not None and 0 < left <= size:
        # The last page: as near to the end of the list as the first one is to its beginning.
        skip, size = 0, left
    else:
        left = None
    found: list[MessageRow] = []
    for reached in ways.newest(asked, skip + size, backwards=left is not None):
        found = _lines(asked, reached.way, reached.values, skip, size)
        if len(found) == size:
            break
    return found


def _lines(asked: Asked, way: Way, values: dict[str, Any], skip: int, size: int) -> list[MessageRow]:
    statement = statements.page(asked.engine, asked.shape, way)
    found = asked.connection.execute(statement, {**values, 'skip': skip, 'size': size})
    return [MessageRow(*row) for row in found]


def details(session: Session, code: UUID) -> MessageDetails | None:
    """Give what opens under the line of a message, or None when there is no such message any more."""
    wanted = select(message.c.text, message.c.error_code, message.c.error_name).where(message.c.id == code)
    row = session.execute(wanted).one_or_none()
    return MessageDetails(text=row.text, error_code=row.error_code, error_name=row.error_name) if row else None
