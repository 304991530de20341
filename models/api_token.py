"""Bearer tokens with which mailing systems call the API."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlmodel import Field, SQLModel

from models.column_types import UtcTime


class ApiToken(SQLModel, table=True):
    """A bearer token of the API; only its hash is stored."""

    __tablename__ = 'api_token'

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_column=Column(String, nullable=False, unique=True))
    """The name of the client, recorded in the status history of messages."""
    hash: str = Field(sa_column=Column(String, nullable=False, unique=True))
    """SHA-256 in hexadecimal; a fast hash is enough, because the token has 256 random bits."""
    organization_id: int | None = Field(sa_column=Column(Integer, ForeignKey('organization.id')))
    """The only organisation whose messages the client may send and read; None for all organisations."""
    created_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(UtcTime()))
