"""The names of statuses and states of delivery for programs: in the API and in webhooks."""

from collections.abc import Mapping
from typing import Final

from models import DeliveryState, MessageStatus

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
