"""The balance of the sender's account, and the interface of its sources."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Protocol

from services import texts

MAX_AMOUNT = Decimal('9999999999.99')
"""Roubles; a larger amount is a typing error."""


@dataclass(frozen=True)
class Balance:
    """The balance of the sender's account at the SMS provider (S16)."""

    amount: Decimal | None
    """Roubles; None if it was never known."""
    as_of: datetime | None
    """The time (UTC) at which `amount` was read or set."""
    available: bool
    """Whether `amount` is current; otherwise it is the last known amount, or None."""


class BalanceSource(Protocol):
    """A source of the balance. If it cannot be read, the source returns the last known balance, never 0."""

    async def get_balance(self) -> Balance:
        """Return the balance; raises DatabaseError, see services.errors."""


def parse_amount(text: str) -> Decimal:
    """Parse an amount of roubles as people type it: `1234.56`, `1 234,56`, `-10`.

    Raises:
        ValueError: the text is not an amount in whole kopecks, or too large; its message is for the user.
    """
    compact = ''.join(text.split()).replace(',', '.').replace('\N{MINUS SIGN}', '-')
    try:
        # Decimal accepts other notations too: 1e5, NaN, 1_000.
        amount = Decimal(compact) if set(compact) <= set('0123456789.-') else Decimal('NaN')
    except InvalidOperation:
        amount = Decimal('NaN')
    if amount.is_nan() or abs(amount) > MAX_AMOUNT or amount != round(amount, 2):
        raise ValueError(texts.BALANCE_NOT_AN_AMOUNT.format(text=text))
    return round(amount, 2)
