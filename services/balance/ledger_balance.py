"""The balance that an administrator sets by hand, stored in the journal's database."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from sqlmodel import Session

from models import AuditEvent, LedgerBalance
from services import texts
from services.audit.hash_chain import append_entries, command_entry
from services.balance.balance_source import Balance
from services.database.engine import Database
from services.formats import money


class LedgerBalanceSource:
    """The balance that an administrator sets by the command `balance set`."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    async def get_balance(self) -> Balance:
        """Return the balance that was set last; see BalanceSource."""
        return await self._database.read_priority(_load_balance)

    def set_balance(self, amount: Decimal) -> None:
        """Store `amount` roubles as the balance, and record it; synchronous, for the command line."""

        def store_and_record(session: Session) -> None:
            session.merge(LedgerBalance(amount=amount, set_at=self._now()))
            what = texts.ACCESS_BALANCE_SET.format(sum=money(amount))
            append_entries(session, [command_entry(AuditEvent.BALANCE_SET, what)])

        self._database.write_sync(store_and_record)


def _load_balance(session: Session) -> Balance:
    row = session.get(LedgerBalance, 1)
    if row is None:
        return Balance(amount=None, as_of=None, available=False)
    return Balance(amount=row.amount, as_of=row.set_at, available=True)
