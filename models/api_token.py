"""The bearer tokens with which programs call the API."""

from datetime import datetime

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, false
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
    is_bound: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    """Whether the client sends and reads only the data of the organisations in ApiTokenOrganization."""
    created_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(UtcTime()))


class ApiTokenOrganization(SQLModel, table=True):
    """An organisation whose data the client of a bound token may send and read."""

    __tablename__ = 'api_token_organization'

    token_id: int = Field(
        sa_column=Column(Integer, ForeignKey('api_token.id', ondelete='CASCADE'), primary_key=True, nullable=False)
    )
    organization_id: int = Field(
        sa_column=Column(Integer, ForeignKey('organization.id'), primary_key=True, nullable=False)
    )
    """A row of any spelling of the organisation."""
