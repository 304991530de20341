"""How many messages a query finds, and what they cost."""

from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session

from models.columns import roubles
from services.messages import kept
from services.messages.fitting import fitting
from services.messages.query import MessageQuery
from services.messages.search import TextSearch
from services.query import Totals


def read(session: Session, query: MessageQuery, zone: ZoneInfo) -> Totals:
    """Take the totals that the database keeps ready; count only where a name or a phone is asked for."""
    if TextSearch.of(query.name, query.phone):
        fit = fitting(session, query, zone, brief=True)
        statement = (
            select(func.count(), func.coalesce(func.sum(fit.rows.c.cost), 0))
            .select_from(fit.source)
            .where(*fit.conditions)
        )
        count, cost = session.execute(statement).one()
        return Totals(count, cost or roubles(0))
    return kept.add_up(session, query)
