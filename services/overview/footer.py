"""The values in the footer of every page (docs/manual.md S16)."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlmodel import Session

from models.column_types import kopecks_to_roubles
from models.message import MessageStatus
from models.total import Granularity
from services.access_scope.organization_scope import OrganizationScope, read_row_ids
from services.balance.balance_source import Balance
from services.database.tables import TOTAL_TABLE
from services.messages.totals.aggregates import owner_condition

SENT_COST_QUERY = select(func.coalesce(func.sum(TOTAL_TABLE.c.kopecks), 0)).where(
    TOTAL_TABLE.c.scale == Granularity.MONTH,
    TOTAL_TABLE.c.status == MessageStatus.SENT,
)


@dataclass(frozen=True)
class Footer:
    """The values in the footer of every page (S16)."""

    sent_cost: Decimal
    """Roubles: the cost of all sent messages; of those of a scope, where the page has one."""
    balance: Balance

    def is_balance_below(self, limit: Decimal | None) -> bool:
        """Return whether the last known balance is below a limit in roubles; False if there is no balance or limit."""
        amount = self.balance.amount
        return limit is not None and amount is not None and amount < limit


def read_sent_cost(session: Session, scope: OrganizationScope | None = None) -> Decimal:
    """Return the cost of all sent messages of a scope in roubles, from the monthly totals."""
    statement = SENT_COST_QUERY.where(owner_condition(read_row_ids(session.connection(), scope)))
    return kopecks_to_roubles(int(session.execute(statement).scalar_one()))
