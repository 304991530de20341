"""The statements of the journal of messages, each put together once for all queries of one shape.

Putting a statement together takes several times as long as carrying it out.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, literal_column, or_, select

from models import MessageStatus
from services.lists.query_protocol import Order
from services.messages.message_tables import Rows, message, organization
from services.messages.search import postgresql_dialect, sqlite_dialect
from services.messages.search.query_shape import Shape
from services.messages.search.text_condition import Reach, TextShape, Way

SHAPES = 2048
"""Statements kept, of which a busy journal has some hundreds."""

INDEXED: dict[str, ColumnElement[Any]] = {
    'code': message.c.id,
    'recipient_name': message.c.name_key,
    'phone': message.c.phone,
}
"""Columns with an index to go along."""
PLACE_APART = literal_column('+message.place', message.c.place.type)
"""Said so that such an index leads, and not the order of places."""
NOTHING: ColumnElement[str] = literal_column("''")
"""Added to a text, it keeps planners from its index, which `Way.along` alone is to choose."""
COLUMNS: dict[str, ColumnElement[Any]] = {
    'code': message.c.id,
    'recipient_name': message.c.name_key.concat(NOTHING),
    'phone': message.c.phone.concat(NOTHING),
    'appointment_at': message.c.appointment_at,
    'organization': organization.c.name_key,
    'kind': message.c.kind,
    'sent_at': message.c.sent_at,
    'status': message.c.status,
    'cost': message.c.cost,
}
"""What each column of the list sorts by (spec S13); all compare alike on both engines."""


FACTS = ('organization', 'kind', 'status', 'cost')
"""Columns of which there is a small copy on SQLite (`message_facts`)."""


def dialect(engine: str) -> ModuleType:
    """Give what an engine has of its own."""
    return postgresql_dialect if engine == 'postgresql' else sqlite_dialect


LINE = (
    message.c.id,
    message.c.recipient_name,
    message.c.phone,
    message.c.appointment_at,
    organization.c.name,
    message.c.kind,
    message.c.sent_at,
    message.c.status,
    message.c.cost,
)
"""What a line of the list shows (spec S13)."""
# A subquery, for a join could lead a planner to begin with the organisations, and to sort.
_named = organization.alias('named')
ORGANIZATION = select(_named.c.name).where(_named.c.id == message.c.organization_id).scalar_subquery()
TOLD = (
    message.c.id,
    message.c.recipient_name,
    message.c.phone,
    message.c.appointment_at,
    ORGANIZATION.label('organization'),
    message.c.kind,
    message.c.status,
    message.c.queued_at,
    message.c.attempted_at,
    message.c.sent_at,
    message.c.cost,
    message.c.text,
    message.c.error_code,
    message.c.error_name,
)
"""All that its sender told of a message."""
LINES = select(*LINE).join(organization).where(message.c.id.in_(bindparam('ids', expanding=True)))
"""The lines of messages by their ids."""


@lru_cache(SHAPES)
def page(engine: str, shape: Shape, way: Way) -> Select[Any]:
    """Give the statement that reads the lines of a page: `size` of them after `skip` others."""
    rows, conditions = _reached(engine, shape, way, _needed(shape, way))
    source = rows.source
    if shape.order and shape.order.column == 'organization':
        source = source.join(organization, organization.c.id == message.c.organization_id)
    column = _sorted_by(shape, way)
    place: ColumnElement[int] = rows.place.label('place')
    found = select(place, column.label('sorted_by')).select_from(source).where(*conditions)
    if engine == 'postgresql' and way.by_index:
        # All that the index has, before anything is sorted: no other way is left to the planner.
        gathered = found.cte('gathered').prefix_with('MATERIALIZED')
        found, place, column = select(gathered.c.place), gathered.c.place, gathered.c.sorted_by
    order = _order(shape.order, column, place, way)
    chosen = found.order_by(*order).limit(_open('size')).offset(_open('skip')).subquery('chosen')
    column = _sorted_by(shape, Way())
    return (
        select(*LINE)
        .select_from(chosen)
        .join(message, message.c.place == chosen.c.place)
        .join(organization, organization.c.id == message.c.organization_id)
        .order_by(*_order(shape.order, column, message.c.place, Way()))
    )


@lru_cache(SHAPES)
def every(engine: str, shape: Shape, way: Way) -> Select[Any]:
    """Give the statement that reads all that is told of the messages which fit, in the order of the list."""
    rows, conditions = _reached(engine, shape, way)
    source, place = rows.source, rows.place
    if engine == 'postgresql' and way.by_index:
        found = select(place.label('place')).select_from(source).where(*conditions)
        gathered = found.cte('gathered').prefix_with('MATERIALIZED')
        source, place = gathered.join(message, message.c.place == gathered.c.place), message.c.place
        conditions = []
    if shape.order and shape.order.column == 'organization':
        source = source.join(organization, organization.c.id == message.c.organization_id)
    column = _sorted_by(shape, way)
    return select(*TOLD).select_from(source).where(*conditions).order_by(*_order(shape.order, column, place, way))


@lru_cache(SHAPES)
def sums(engine: str, shape: Shape, way: Way) -> Select[int, Any]:
    """Give the statement that counts what fits, and adds up its kopecks."""
    rows, conditions = _reached(engine, shape, way, 'facts' if way.exact and not shape.waiting_long else 'all')
    return select(func.count(), func.sum(message.c.cost, type_=Integer)).select_from(rows.source).where(*conditions)


@lru_cache(SHAPES)
def among(engine: str, shape: Shape) -> Select[int]:
    """Give the statement that counts which of the messages at some places fit."""
    _, conditions = _reached(engine, shape, Way())
    places = message.c.place.in_(bindparam('places', expanding=True))
    return select(func.count()).select_from(message).where(places, *conditions)


@lru_cache(SHAPES)
def bound(engine: str, shape: Shape, *, backwards: bool) -> Select[Any]:
    """Give the statement that finds the place after `skip` rows which fit all but the text."""
    rows = dialect(engine).in_order('all' if shape.chooses else 'places')
    return (
        select(rows.place)
        .where(*plain(shape, rows))
        .order_by(rows.place.asc() if backwards else rows.place.desc())
        .offset(_open('skip'))
        .limit(_open('size'))
    )


def _reached(engine: str, shape: Shape, way: Way, reach: Reach = 'all') -> tuple[Rows, list[ColumnElement[bool]]]:
    found: Sequence[ColumnElement[bool]] = ()
    if way.by_index:
        rows, found = dialect(engine).in_index(way, reach)
    elif way.along:
        rows = Rows(message, PLACE_APART)
    else:
        rows = dialect(engine).in_order(reach)
    conditions = [*found, *plain(shape, rows)]
    return rows, conditions if way.exact else [*conditions, *_text(engine, shape.text)]


def _needed(shape: Shape, way: Way) -> Reach:
    """Say what of messages must be known to choose those of a page."""
    if (shape.text and not way.exact) or shape.waiting_long:
        return 'all'
    if shape.order is None:
        return 'all' if shape.chooses else 'places'
    return 'facts' if shape.order.column in FACTS else 'all'


def plain(shape: Shape, rows: Rows) -> list[ColumnElement[bool]]:
    """Say what holds of a message apart from its text; `Asked.values` has what it leaves open."""
    found: list[ColumnElement[bool]] = []
    if shape.since:
        found.append(rows.place >= _open('since'))
    if shape.until:
        found.append(rows.place <= _open('until'))
    if shape.organization:
        found.append(message.c.organization_id == bindparam('organization'))
    if shape.kind:
        found.append(message.c.kind == bindparam('kind'))
    if shape.statuses:
        found.append(chosen_statuses(message.c.status, shape.statuses))
        if MessageStatus.SENT not in shape.statuses:
            # Said in the words of the partial index, which holds what was not sent.
            found.append(message.c.status != _number(MessageStatus.SENT))
    if shape.waiting_long:
        found.append(chosen_statuses(message.c.status, (MessageStatus.WAITING,)))
        found.append(message.c.status != _number(MessageStatus.SENT))
        found.append(message.c.queued_at <= bindparam('queued_before', type_=message.c.queued_at.type))
    return found


def chosen_statuses(status: ColumnElement[Any], chosen: tuple[MessageStatus, ...]) -> ColumnElement[bool]:
    """Say that a status is one of those chosen."""
    return or_(*(status == _number(each) for each in chosen))


def _text(engine: str, shape: TextShape) -> list[ColumnElement[bool]]:
    """Say what holds of a message's name and phone."""
    contains = dialect(engine).contains
    readings: list[ColumnElement[bool]] = []
    for number, (fragments, given, patronymic) in enumerate(shape.readings):
        parts = [contains(message.c.name_key, f'name_{number}_{each}') for each in range(fragments)]
        for known, letter, value in ((given, 1, 'given'), (patronymic, 2, 'patronymic')):
            if known:
                parts.append(func.substr(message.c.initials, letter, 1) == bindparam(f'{value}_{number}'))
        readings.append(and_(*parts))
    found = [or_(*readings)] if readings else []
    if shape.phone == 'whole':
        found.append(message.c.phone == bindparam('phone'))
    elif shape.phone == 'part':
        found.append(contains(message.c.phone, 'phone'))
    return found


def _sorted_by(shape: Shape, way: Way) -> ColumnElement[Any]:
    """Give the column by which rows are sorted before their places."""
    if shape.order is None:
        return literal_column('0')
    return (INDEXED if way.along else COLUMNS)[shape.order.column]


def _order(
    order: Order | None, column: ColumnElement[Any], place: ColumnElement[int], way: Way
) -> list[ColumnElement[Any]]:
    """Say the order of the list, or the very opposite; ties fall by place, newest first."""
    by_place = place.asc() if way.backwards else place.desc()
    if order is None:
        return [by_place]
    sorted_by = column.desc() if order.descending != way.backwards else column.asc()
    # What has an index nobody lacks; and an index has what is lacking last in one direction alone.
    if not way.along:
        sorted_by = sorted_by.nulls_first() if way.backwards else sorted_by.nulls_last()
    return [sorted_by, by_place]


@cache
def _open(name: str) -> ColumnElement[int]:
    return bindparam(name, type_=message.c.place.type)


def _number(status: MessageStatus) -> ColumnElement[int]:
    """Give a status as a number that stands in the statement itself, where a partial index can be seen to fit."""
    return literal_column(str(int(status)), Integer)
