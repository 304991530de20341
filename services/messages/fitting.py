"""From a query to the rows that fit it: what a SELECT says after FROM."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause
from sqlmodel import Session, SQLModel

from models.message import MessageStatus, first_place
from services import days
from services.messages import kept, search_postgresql, search_sqlite
from services.messages.query import MessageQuery
from services.messages.search import TextSearch

message = SQLModel.metadata.tables['message']

FEW = 50_000
"""Messages that can be read through in a blink."""


@dataclass(frozen=True)
class Fitting:
    """Rows that fit a query: where they come from, the key that orders them, what holds of them."""

    source: FromClause
    place: ColumnElement[int]
    conditions: tuple[ColumnElement[bool], ...]
    rows: FromClause = message
    """What has the columns of a message: the table, or its brief view."""
    plain: tuple[ColumnElement[bool], ...] = ()
    """Those of the conditions that any index in the journal's order can answer."""
    gather: bool = False
    """Whether the text index had better gather all rows before they are sorted; see services.messages.gather."""


def fitting(session: Session, query: MessageQuery, zone: ZoneInfo, *, brief: bool = False) -> Fitting:
    """Find out where the rows of a query are best taken from, on the engine at hand; `brief` to add up their cost."""
    plain = (*_period(query, zone, message.c.place), *_choices(query, message))
    search = TextSearch.of(query.name, query.phone)
    if not search:
        return Fitting(message, message.c.place, plain)
    if session.get_bind().dialect.name == 'postgresql':
        conditions = (*plain, *search_postgresql.conditions(search))
        gather = search_postgresql.has_trigram(search)
        return Fitting(message, message.c.place, conditions, plain=plain, gather=gather)
    in_index = _period(query, zone, search_sqlite.index.c.rowid)
    found = search_sqlite.find(session, search, in_index, few=_few(session, query), brief=brief)
    conditions = (*_period(query, zone, found.place), *_choices(query, found.rows), *found.conditions)
    return Fitting(found.source, found.place, conditions, found.rows)


def _few(session: Session, query: MessageQuery) -> int | None:
    """Count what fits the choices alone, from the kept totals; None when nothing is chosen or much fits it."""
    if not _choices(query, message):
        return None
    fit = kept.add_up(session, query).count
    return fit if fit <= FEW else None


def _period(query: MessageQuery, zone: ZoneInfo, place: ColumnElement[int]) -> list[ColumnElement[bool]]:
    since, until = query.period.since, query.period.until
    found = []
    if since:
        found.append(place >= first_place(days.start(since, zone)))
    if until:
        found.append(place < first_place(days.end(until, zone)))
    return found


def _choices(query: MessageQuery, rows: FromClause) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.organization:
        found.append(rows.c.organization_id == query.organization.id)
    if query.kind:
        found.append(rows.c.kind == query.kind)
    chosen = query.statuses
    if chosen and len(chosen) < len(MessageStatus):
        found.append(rows.c.status.in_(sorted(chosen)))
        if MessageStatus.SENT not in chosen:
            # Said in the words of the partial index, which holds what was not sent.
            found.append(rows.c.status != MessageStatus.SENT)
    return found
