"""The sender's account with the SMS provider: as somebody set it, and as the provider last said."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Column, String
from sqlmodel import Field, SQLModel

from models.column_types import Kopecks, UtcTime


class LedgerBalance(SQLModel, table=True):
    """The balance somebody set by hand; no row means that nobody has said yet."""

    __tablename__ = 'ledger_balance'

    id: int = Field(default=1, primary_key=True)
    amount: Decimal = Field(sa_column=Column(Kopecks(), nullable=False))
    set_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))


class ProviderBalance(SQLModel, table=True):
    """What a provider said last."""

    __tablename__ = 'provider_balance'

    provider: str = Field(sa_column=Column(String, primary_key=True))
    amount: Decimal = Field(sa_column=Column(Kopecks(), nullable=False))
    as_of: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
