"""Models of the answers that list messages."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.messages.message_query import MessageRow
from services.messages.reading.status_names import DELIVERY_NAMES, STATUS_NAMES


class MessageRowOut(BaseModel):
    """A message as it is in the list; its text and its history have to be read by its id."""

    id: UUID
    recipient_name: str
    phone: str = Field(description='Phone number in E.164; empty if the message is anonymised')
    appointment_at: datetime | None
    organization: str
    kind: str
    cost: str = Field(description='Cost in roubles', examples=['3.10'])
    queued_at: datetime
    attempted_at: datetime | None
    sent_at: datetime | None
    status: Literal['pending', 'sent', 'failed']
    delivery: Literal['handed_over', 'delivered'] | None = Field(
        description='What the provider reports about the delivery of a sent message; null if it has not reported any'
    )
    error_code: str | None
    error_name: str | None


class MessageListOut(BaseModel):
    """Some of the messages of a search."""

    messages: list[MessageRowOut] = Field(description='The newest first')
    next_cursor: str | None = Field(description='Value of `cursor` for the next messages; null if there are none')


class ChangesOut(BaseModel):
    """Some of the messages that were created or changed."""

    messages: list[MessageRowOut] = Field(description='Each as it is now, in the order of their last changes')
    next_cursor: str = Field(description='Value of `after` for the next changes')
    has_more: bool = Field(description='Whether there are changes after `next_cursor` already')


def row_out(row: MessageRow) -> MessageRowOut:
    """Convert a row of the list."""
    names = {
        'id': row.code,
        'status': STATUS_NAMES[row.status],
        'cost': f'{row.cost:.2f}',
        'delivery': DELIVERY_NAMES[row.delivery] if row.delivery else None,
    }
    return MessageRowOut.model_validate({**row._asdict(), **names})
