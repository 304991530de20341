"""How the message of a receipt is found: by the provider's identifier, and where the receipt has it, by the phone."""

import re
from dataclasses import dataclass, replace
from uuid import UUID

from services.ingest.ingest_batch import IngestBatch
from services.ingest.message_parsing import MAX_PARTS
from services.ingest.status_history import ProviderReference, StatusEvent
from services.receipts.provider_references import ProviderReferences, own_id

PART_IDENTIFIER = re.compile(r'(.+)-([1-9]\d{0,2})', re.ASCII)
"""The identifier of a message, and the number of one of its parts."""


@dataclass(frozen=True)
class Receipt:
    """A status event that a provider reports for a message."""

    provider: str
    provider_id: str
    """The provider's identifier of the message, or the message's own id if the sender passed it to the provider."""
    event: StatusEvent
    account: str = ''
    """The account with the provider; empty if unknown."""
    phone: str = ''
    """The phone number to which the message was sent, in E.164; empty if the provider does not send it."""
    part: int | None = None
    """The number of the SMS part that it is about; None if the provider numbers no parts."""
    is_timed: bool = True
    """Whether the event has the provider's time; otherwise it has that of its arrival, which is new at each retry."""

    @property
    def reference(self) -> ProviderReference:
        """The provider's identifier with the account."""
        return ProviderReference(self.provider, self.provider_id, self.account)

    @property
    def attributed_event(self) -> StatusEvent:
        """The event with the identifier under which it was reported."""
        return replace(self.event, provider_id=self.provider_id, account=self.account or None, part=self.part)

    @property
    def readings(self) -> tuple['Receipt', ...]:
        """The receipt as it is, and as that of one part, whose number follows the identifier of the message."""
        part = _split_part(self.provider_id)
        return (self, replace(self, provider_id=part[0], part=part[1])) if part else (self,)


def whole_message(reference: ProviderReference) -> ProviderReference | None:
    """Return the identifier of a message if the given one may be that of its part; see Receipt.readings."""
    part = _split_part(reference.provider_id) if reference.provider_id else None
    return reference._replace(provider_id=part[0]) if part else None


def _split_part(provider_id: str) -> tuple[str, int] | None:
    """Split an identifier into that of the message and the number of the part; None if it is not that of a part.

    The identifier is in the notation of services.providers.message_ids, so that of the message is, too.
    """
    match = PART_IDENTIFIER.fullmatch(provider_id)
    if not match or int(match[2]) > MAX_PARTS:
        return None
    return match[1], int(match[2])


def find_message(receipt: Receipt, batch: IngestBatch, references: ProviderReferences) -> UUID | None:
    """Return the id of the message that a receipt is about; None if there is none yet, or if it may be several.

    A message whose own id the provider sends must have the phone of the receipt too, because a sender may have passed
    the id to the provider together with a list of phones.

    Args:
        receipt: the receipt.
        batch: a batch that has loaded the message with the id that the provider sends, if it exists.
        references: the identifiers that equal the receipt's.
    """
    id = own_id(receipt.provider_id)
    message = batch.find(id) if id else None
    if message and (receipt.phone == message.phone or '' in (receipt.phone, message.phone)):
        return message.id
    return references.find(receipt.reference, receipt.phone)


def find_reading(
    receipt: Receipt, batch: IngestBatch, references: ProviderReferences
) -> tuple[UUID, StatusEvent] | None:
    """Return the id of the message that a receipt is about, and the event; None if `find_message` finds none."""
    for reading in receipt.readings:
        if id := find_message(reading, batch, references):
            return id, reading.attributed_event
    return None
