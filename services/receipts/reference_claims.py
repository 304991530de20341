"""Whether a sender may name a provider's identifier for a message: one that belongs to another message is refused."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from uuid import UUID

from services.ingest.ingest_batch import IngestBatch, Sender
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import ProviderReference
from services.receipts.provider_references import ProviderIdentifier, ProviderReferences, own_id
from services.receipts.receipt_matching import whole_message


def with_whole_messages(references: Iterable[ProviderReference | None]) -> list[ProviderReference]:
    """Return the references, and those of the messages of which they may name a part.

    The receipts of a part have the identifier of the message and the number of the part.
    """
    named = [reference for reference in references if reference]
    return named + [whole for reference in named if (whole := whole_message(reference))]


def own_ids(references: Iterable[ProviderReference]) -> set[UUID]:
    """Return those of the identifiers that may be the ids of messages."""
    return {id for reference in references if reference.provider_id and (id := own_id(reference.provider_id))}


def claim_reference(
    batch: IngestBatch,
    references: ProviderReferences,
    message: IncomingMessage,
    reference: ProviderReference,
    sender: Sender,
    incoming: Mapping[UUID, IncomingMessage] = MappingProxyType({}),
    *,
    has_phone: bool,
) -> bool:
    """Add the provider's identifier of a message; return False if it belongs to another message.

    `incoming` are the messages by id that the batch is about to apply. With `has_phone` the provider sends the phone
    with each receipt, so that messages to other phones may have the same identifier.
    """
    if not reference.provider_id:
        return True
    phone = message.phone if has_phone else ''
    new = ProviderIdentifier(reference.provider, reference.provider_id, phone, reference.account, message.id)
    if references.belongs_to_another(new) or _is_own_id_of_another(batch, new, incoming):
        return False
    whole = whole_message(reference)
    if (
        whole
        and whole.provider_id
        and _is_part_of_another(batch, references, sender, new._replace(provider_id=whole.provider_id), incoming)
    ):
        return False
    references.add(new)
    return True


def _is_own_id_of_another(
    batch: IngestBatch, new: ProviderIdentifier, incoming: Mapping[UUID, IncomingMessage]
) -> bool:
    """Return whether a receipt with the identifier would be about the message that has it as its own id."""
    id = own_id(new.provider_id)
    other = (batch.find(id) or incoming.get(id)) if id else None
    return bool(other and other.id != new.message_id and (other.phone == new.phone or '' in (other.phone, new.phone)))


def _is_part_of_another(
    batch: IngestBatch,
    references: ProviderReferences,
    sender: Sender,
    whole: ProviderIdentifier,
    incoming: Mapping[UUID, IncomingMessage],
) -> bool:
    """Return whether the receipts of a part of another message would get lost to the sender.

    An identifier may end in a number that is not that of a part, so that the messages of one sender may have both; a
    UUID with a number is always that of a part.
    """
    if own_id(whole.provider_id):
        return references.belongs_to_another(whole) or _is_own_id_of_another(batch, whole, incoming)
    return any(batch.rejection(id, sender) for id in references.owners(whole) if id != whole.message_id)
