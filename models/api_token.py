"""What lets a mailing system hand messages over."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlmodel import Field, SQLModel

from models.column_types import UtcTime


class ApiToken(SQLModel, table=True):
    """A bearer token, of which only the hash is kept."""

    __tablename__ = 'api_token'

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_column=Column(String, nullable=False, unique=True))
    """Who uses it; stands in the history of messages."""
    hash: str = Field(sa_column=Column(String, nullable=False, unique=True))
    """SHA-256 in hexadecimal: the token is 256 bits of chance, and nobody guesses that."""
    organization_id: int | None = Field(sa_column=Column(Integer, ForeignKey('organization.id')))
    """The only organisation whose messages it may hand over and see; None for all."""
    created_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(UtcTime()))
