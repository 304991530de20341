"""Which messages make a page of a text search, where the engine's planner cannot be trusted with the question.

PostgreSQL guesses how many rows hold a fragment. Where it guesses too many it reads the newest messages one by one
until it has a page, and for a rare name that is the whole journal. So the newest are read up to a bound, which serves
every common name, and after that the text index must gather all that fits before anything is sorted.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session

from services.messages.fitting import Fitting

NEAR = 5_000
"""Messages that are read one by one before the index gathers."""


def newest_first(session: Session, fit: Fitting, *, offset: int, size: int) -> list[int]:
    """Give the places of a page in the journal's own order."""
    found = select(fit.place.label('place')).select_from(fit.source).where(*fit.conditions)
    if not fit.gather:
        return _page(session, found, fit.place, offset, size)
    bound = select(fit.place).where(*fit.plain).order_by(fit.place.desc()).offset(NEAR).limit(1)
    near = session.execute(bound).scalar()
    if near is None:
        return _page(session, found, fit.place, offset, size)
    places = _page(session, found.where(fit.place >= near), fit.place, 0, offset + size)
    if len(places) == offset + size:
        return places[offset:]
    gathered = found.cte('gathered').prefix_with('MATERIALIZED')
    return _page(session, select(gathered.c.place), gathered.c.place, offset, size)


def _page(session: Session, found: Select[Any], place: ColumnElement[int], offset: int, size: int) -> list[int]:
    return list(session.execute(found.order_by(place.desc()).offset(offset).limit(size)).scalars())
