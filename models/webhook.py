"""The webhooks by which programs learn of changed messages, and the queue of their deliveries."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlmodel import Field, SQLModel

from models.column_types import BIG_KEY, UtcTime


class Webhook(SQLModel, table=True):
    """A URL to which the changes of messages are sent."""

    __tablename__ = 'webhook'

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_column=Column(String, nullable=False, unique=True))
    url: str = Field(sa_column=Column(String, nullable=False))
    secret: str = Field(sa_column=Column(String, nullable=False))
    """The key of the signatures, encrypted with the data key."""
    organization_id: int | None = Field(sa_column=Column(Integer, ForeignKey('organization.id')))
    """The only organisation whose messages are sent; None for all organisations."""
    position: int = Field(sa_column=Column(BIG_KEY, nullable=False))
    """The number of the last change that was put into a delivery."""
    created_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))


class WebhookDelivery(SQLModel, table=True):
    """A request that is to be sent, or that was given up; it is deleted when it was accepted."""

    __tablename__ = 'webhook_delivery'

    number: int | None = Field(default=None, sa_column=Column(BIG_KEY, primary_key=True))
    webhook_id: int = Field(sa_column=Column(Integer, ForeignKey('webhook.id'), nullable=False))
    event_id: str = Field(sa_column=Column(String, nullable=False))
    """The header `webhook-id`, the same at every attempt."""
    body: str = Field(sa_column=Column(String, nullable=False))
    """JSON with the ids and the statuses of messages, without persons."""
    queued_at: datetime = Field(sa_column=Column(UtcTime(), nullable=False))
    attempts: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    """How often a node has begun to send it."""
    due_at: datetime | None = Field(sa_column=Column(UtcTime()))
    """When to send it, or to try again; None if it was given up. A node that sends it moves this into the future."""
    failure: str | None = Field(sa_column=Column(String))
    """Why the last attempt failed: a status or the name of an error."""
