"""The receipts that are stored because their message has not arrived: their number, and the newest of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from services.database.engine import Database
from services.database.tables import EARLY_RECEIPT_TABLE

MAX_LISTED = 200
"""The largest number of receipts in the list."""
TABLE = EARLY_RECEIPT_TABLE
COUNT = select(func.count()).select_from(TABLE)
NEWEST = (
    select(TABLE.c.provider, TABLE.c.provider_id, TABLE.c.code, TABLE.c.error_code, TABLE.c.at)
    .order_by(TABLE.c.number.desc())
    .limit(MAX_LISTED)
)


@dataclass(frozen=True)
class UnmatchedReceipt:
    """A receipt without a message. It contains no data of a patient."""

    provider: str
    provider_id: str
    code: str | None
    error_code: str | None
    at: datetime


@dataclass(frozen=True)
class UnmatchedReceipts:
    """The newest receipts without a message, and the number of all."""

    newest: Sequence[UnmatchedReceipt]
    total: int


async def find_unmatched_receipts(database: Database) -> UnmatchedReceipts:
    """Return the receipts without a message; the newest that arrived comes first."""

    def load(session: Session) -> UnmatchedReceipts:
        newest = [UnmatchedReceipt(*row) for row in session.execute(NEWEST)]
        return UnmatchedReceipts(newest, session.execute(COUNT).scalar_one())

    return await database.read(load)
