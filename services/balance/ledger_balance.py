"""The balance that an administrator keeps in the journal's own database."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from sqlmodel import Session

from models import LedgerBalance
from services.balance.balance_source import Balance
from services.database.engine import Database


class Ledger:
    """The balance that an administrator sets by `balance set`."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    async def ask(self) -> Balance:
        """Give what was set last."""
        return await self._database.read_beside(_last_set)

    def set(self, amount: Decimal) -> None:
        """Keep `amount` roubles as the balance from now on; blocks (for the command line)."""
        row = LedgerBalance(amount=amount, set_at=self._now())
        self._database.write_now(lambda session: session.merge(row))


def _last_set(session: Session) -> Balance:
    row = session.get(LedgerBalance, 1)
    if row is None:
        return Balance(amount=None, as_of=None, available=False)
    return Balance(amount=row.amount, as_of=row.set_at, available=True)
