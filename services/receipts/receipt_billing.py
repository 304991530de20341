"""What a message costs and in how many parts it was sent, according to receipts.

What the sender reports itself comes first. Of several receipts the newest with a value counts, so that the same receipt
may come twice, and costs are never added. The receipt of a numbered part says nothing about the whole message.
"""

from collections.abc import Sequence
from dataclasses import replace

from models import CostSource
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent


def with_reported_billing(message: IncomingMessage, events: Sequence[StatusEvent]) -> IncomingMessage:
    """Return the message with the cost and the number of parts of its receipts, if its sender has reported none.

    Args:
        message: the message.
        events: its events in the order in which they happened.
    """
    costs = [event.cost for event in events if event.cost is not None and event.part is None]
    parts = [event.parts for event in events if event.parts is not None and event.part is None]
    if costs and message.cost_source:
        message = replace(message, cost=costs[-1], cost_source=CostSource.RECEIPTS)
    if parts and (message.parts is None or message.parts_from_receipts):
        message = replace(message, parts=parts[-1], parts_from_receipts=True)
    return message
