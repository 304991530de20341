"""What belongs to a sign-in by OpenID Connect: the tokens of a session, and what must not be used twice."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, String
from sqlmodel import Field, SQLModel

from models.column_types import UtcTime


class OidcSession(SQLModel, table=True):
    """What the identity provider issued for a session; the row is deleted together with the session."""

    __tablename__ = 'oidc_session'

    hash: str = Field(
        sa_column=Column(String, ForeignKey('account_session.hash', ondelete='CASCADE'), primary_key=True)
    )
    """The key of the session in AccountSession."""
    sid: str | None = Field(default=None, sa_column=Column(String))
    """The identifier of the session at the identity provider, by which it announces the end; None if it sent none."""
    tokens: str = Field(sa_column=Column(String, nullable=False))
    """The tokens as JSON, encrypted with the data key; see services.oidc.token_set."""
    read_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """When the role of the user was last read at the identity provider."""
    due_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """When it is to be read again."""


class OidcUsedValue(SQLModel, table=True):
    """A value that was used once and must not be used again: the `state` of a sign-in, the `jti` of a logout token."""

    __tablename__ = 'oidc_used_value'

    hash: str = Field(sa_column=Column(String, primary_key=True))
    """SHA-256 of the kind and the value, in hexadecimal."""
    expires_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    """When the value is refused because of its age, so that the row is no longer needed."""
