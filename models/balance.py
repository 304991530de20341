"""The balance of the sender's account with the SMS provider: entered by hand, or reported by the provider."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Column, String
from sqlmodel import Field, SQLModel

from models.column_types import Kopecks, UtcTime


class LedgerBalance(SQLModel, table=True):
    """The balance entered by hand; there is no row until somebody enters it."""

    __tablename__ = 'ledger_balance'

    id: int = Field(default=1, primary_key=True)
    amount: Decimal = Field(sa_column=Column(Kopecks(), nullable=False))
    set_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))


class ProviderBalance(SQLModel, table=True):
    """The balance last reported by a provider."""

    __tablename__ = 'provider_balance'

    provider: str = Field(sa_column=Column(String, primary_key=True))
    amount: Decimal = Field(sa_column=Column(Kopecks(), nullable=False))
    as_of: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
