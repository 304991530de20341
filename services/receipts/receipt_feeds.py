"""The state of the receipts of each provider: when the last one came, and how many wait for their message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Session

from services.database.tables import EARLY_RECEIPT_TABLE, MESSAGE_FACT_TABLE

SCANNED_EVENTS: Final = 10_000
"""How many of the newest events are scanned for receipts."""
NEWEST_EVENTS: Final = (
    select(MESSAGE_FACT_TABLE.c.told_by, MESSAGE_FACT_TABLE.c.code, MESSAGE_FACT_TABLE.c.told_at)
    .order_by(MESSAGE_FACT_TABLE.c.number.desc())
    .limit(SCANNED_EVENTS)
    .subquery()
)
IS_RECEIPT: Final = NEWEST_EVENTS.c.code.is_not(None)
"""Only receipts have a code of a provider."""
LAST_RECEIPTS: Final = (
    select(NEWEST_EVENTS.c.told_by, func.max(NEWEST_EVENTS.c.told_at).label('last'))
    .where(IS_RECEIPT)
    .group_by(NEWEST_EVENTS.c.told_by)
)
WAITING: Final = select(
    EARLY_RECEIPT_TABLE.c.provider,
    func.count(),
    func.min(EARLY_RECEIPT_TABLE.c.at),
    func.max(EARLY_RECEIPT_TABLE.c.at),
).group_by(EARLY_RECEIPT_TABLE.c.provider)


@dataclass(frozen=True)
class ReceiptFeed:
    """The receipts of one provider."""

    last: datetime | None = None
    """When the last receipt came; None if none of the newest events is one of this provider."""
    waiting: int = 0
    """The number of receipts that are stored until their message arrives."""
    oldest_waiting: datetime | None = None
    """The time of the oldest of these, as the provider reported it; None if there are none."""


def load_receipt_feeds(session: Session, now: datetime) -> Mapping[str, ReceiptFeed]:
    """Return the state of every provider that has sent a receipt lately, or has one that waits.

    The arrival of a receipt that waits is not stored, so its own time counts, but none later than `now` (aware).
    """
    last: dict[str, datetime] = {row.told_by: row.last for row in session.execute(LAST_RECEIPTS)}
    feeds = {provider: ReceiptFeed(at) for provider, at in last.items()}
    for provider, waiting, oldest, newest in session.execute(WAITING):
        known = [min(newest, now), *filter(None, [last.get(provider)])]
        feeds[provider] = ReceiptFeed(max(known), waiting, oldest)
    return feeds
