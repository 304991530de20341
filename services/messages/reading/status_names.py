"""The names of statuses, states of delivery and channels for programs: in the API and in webhooks."""

from collections.abc import Mapping
from typing import Final

from models import DeliveryState, MessageChannel, MessageStatus

STATUSES: Final[Mapping[str, MessageStatus]] = {
    'pending': MessageStatus.WAITING,
    'sent': MessageStatus.SENT,
    'failed': MessageStatus.FAILED,
}
STATUS_NAMES: Final[Mapping[MessageStatus, str]] = {status: name for name, status in STATUSES.items()}
DELIVERY_NAMES: Final[Mapping[DeliveryState, str]] = {
    DeliveryState.HANDED_OVER: 'handed_over',
    DeliveryState.DELIVERED: 'delivered',
}
CHANNEL_NAMES: Final[Mapping[MessageChannel, str]] = {channel: channel.name.lower() for channel in MessageChannel}
