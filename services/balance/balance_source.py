"""The account at the SMS provider: what is known of it, and the port behind which it is asked for."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Protocol

from services import texts

LARGEST = Decimal('9999999999.99')
"""Roubles; more than this is a slip of the finger."""


@dataclass(frozen=True)
class Balance:
    """What is known of the sender's account with the SMS provider (spec S16)."""

    amount: Decimal | None
    """Roubles; None as long as nobody has ever said."""
    as_of: datetime | None
    """The moment (UTC) at which `amount` was true."""
    available: bool
    """Whether `amount` is what the account holds now; otherwise it is the last that was known, or None."""


class BalanceSource(Protocol):
    """Where a balance comes from. A source that cannot be reached says so in its answer, and never answers 0."""

    async def ask(self) -> Balance:
        """Ask for the balance; may raise Unavailable when the journal's own database does not answer."""


def parse_amount(text: str) -> Decimal:
    """Read roubles as people type them: `1234.56`, `1 234,56`, `-10`.

    Raises:
        ValueError: this is no amount in whole kopecks, or too large a one; its message is for the person.
    """
    compact = ''.join(text.split()).replace(',', '.').replace('\N{MINUS SIGN}', '-')
    try:
        # Decimal takes more than people mean: 1e5, NaN, 1_000.
        amount = Decimal(compact) if set(compact) <= set('0123456789.-') else Decimal('NaN')
    except InvalidOperation:
        amount = Decimal('NaN')
    if amount.is_nan() or abs(amount) > LARGEST or amount != round(amount, 2):
        raise ValueError(texts.BALANCE_NOT_AN_AMOUNT.format(text=text))
    return round(amount, 2)
