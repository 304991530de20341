"""The receipts of the single parts of a message that was sent as several SMS.

Some gateways send one receipt for a message, others one for each part: with the same identifier, or with the number of
the part after it (`5001-1`, `5001-2`). Someone who received only some of the parts did not receive the message.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from models import MessageStatus
from services import texts
from services.ingest.status_history import StatusEvent


@dataclass(frozen=True)
class PartialDelivery:
    """The delivery of a message of which some parts were delivered and others were not."""

    receipts: Sequence[StatusEvent]
    """The final receipts of the parts, at most one for each, oldest first."""
    part_count: int

    @property
    def delivered_count(self) -> int:
        """The number of parts that were delivered for certain."""
        return sum(receipt.status == MessageStatus.SENT for receipt in self.receipts)

    @property
    def failure(self) -> StatusEvent:
        """The newest receipt of a part that was not delivered."""
        return [receipt for receipt in self.receipts if receipt.status == MessageStatus.FAILED][-1]

    def describe(self) -> str:
        """Return the error in words: «Доставлено частично: 1 из 2»."""
        return texts.PARTLY_DELIVERED_ERROR.format(delivered=self.delivered_count, parts=self.part_count)


def partial_delivery(events: Sequence[StatusEvent], part_count: int) -> PartialDelivery | None:
    """Return the delivery of a message if some of its parts were delivered and others failed, otherwise None.

    Of several final receipts with the number of a part, the newest one counts. Each final receipt without a number is
    that of another part, because a repeated receipt is recorded once. If there are more of them than parts, some are
    corrections: then the newest ones count, as for a message of one part.

    Args:
        events: the events of one attempt to send the message, oldest first.
        part_count: the number of parts; receipts may show that there are more.
    """
    finals = [
        event
        for event in events
        if event.is_receipt and event.final and event.status in (MessageStatus.SENT, MessageStatus.FAILED)
    ]
    newest_of_part = {event.part: event for event in finals if event.part}
    part_count = max(part_count, *newest_of_part, 1)
    receipts = [event for event in finals if not event.part or event is newest_of_part[event.part]][-part_count:]
    is_partial = len({event.status for event in receipts}) > 1
    return PartialDelivery(receipts, part_count) if is_partial else None
