"""Models of the answers that list messages."""

from pydantic import BaseModel, Field

from journal_ui.api.schemas import MessageRowOut
from models.message import is_cost_known
from services.ingest.message_parsing import IncomingMessage
from services.messages.message_query import MessageRow
from services.messages.reading.status_names import CHANNEL_NAMES, DELIVERY_NAMES, STATUS_NAMES


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
    return MessageRowOut.model_validate({**row._asdict(), **formatted_values(row), 'id': row.code})


def formatted_values(message: MessageRow | IncomingMessage) -> dict[str, str | None]:
    """Return the values of a message that the API writes in a form of its own."""
    return {
        'status': STATUS_NAMES[message.status],
        'cost': f'{message.cost:.2f}' if is_cost_known(message.cost_source) else None,
        'delivery': DELIVERY_NAMES[message.delivery] if message.delivery else None,
        'channel': CHANNEL_NAMES[message.channel] if message.channel else None,
    }
