"""Receipts that arrive before their message: they are stored, and applied when the message arrives."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, tuple_
from sqlmodel import Session, SQLModel

from services.ingest.ingest_batch import IngestBatch
from services.ingest.message_parsing import UUID_PATTERN
from services.ingest.status_history import StatusEvent

EARLY_RECEIPT_TABLE = SQLModel.metadata.tables['early_receipt']
PROVIDER_MESSAGE_TABLE = SQLModel.metadata.tables['provider_message']
EVENT_COLUMNS = ('at', 'status', 'final', 'code', 'error_code', 'error_name')


@dataclass(frozen=True)
class Receipt:
    """A status event that a provider reports for a message."""

    provider: str
    provider_id: str
    """The provider's identifier of the message, or the message's own id if the sender passed it to the provider."""
    event: StatusEvent
    is_timed: bool = True
    """Whether the provider reports the time of the event; otherwise it is the time of arrival, new at each retry."""


def store_provider_references(session: Session, references: Collection[tuple[str, str, UUID]]) -> None:
    """Store the providers' identifiers of messages; a stored reference remains as it is.

    Args:
        session: a writing session.
        references: provider, its identifier, and the id of the message.
    """
    ids_by_reference = {(provider, provider_id): id for provider, provider_id, id in references}
    new = ids_by_reference.keys() - _stored_ids_of_references(session, ids_by_reference.keys()).keys()
    if new:
        rows = [
            {'provider': reference[0], 'provider_id': reference[1], 'message_id': ids_by_reference[reference]}
            for reference in sorted(new)
        ]
        session.execute(insert(PROVIDER_MESSAGE_TABLE), rows)


def ids_of_references(session: Session, receipts: Sequence[Receipt]) -> dict[tuple[str, str], UUID]:
    """Return message ids by provider and provider's identifier; an identifier that is a UUID is the id itself."""
    references = {(receipt.provider, receipt.provider_id) for receipt in receipts}
    own_ids = {reference: UUID(reference[1]) for reference in references if UUID_PATTERN.fullmatch(reference[1])}
    return own_ids | _stored_ids_of_references(session, references - own_ids.keys())


def store_pending(session: Session, receipts: Sequence[Receipt]) -> None:
    """Store receipts until their messages arrive; a repeated receipt is stored once, without a time at any time."""
    if not receipts:
        return
    ids = {receipt.provider_id for receipt in receipts}
    stored_keys: set[tuple[Any, ...]] = set()
    for row in session.execute(select(EARLY_RECEIPT_TABLE).where(EARLY_RECEIPT_TABLE.c.provider_id.in_(ids))):
        stored_keys.update(_receipt_keys(row._asdict()))
    new = []
    for receipt in receipts:
        values = {
            'provider': receipt.provider,
            'provider_id': receipt.provider_id,
            **_event_values(vars(receipt.event)),
        }
        timed_key, untimed_key = _receipt_keys(values)
        if (timed_key if receipt.is_timed else untimed_key) not in stored_keys:
            stored_keys.update((timed_key, untimed_key))
            new.append(values)
    if new:
        session.execute(insert(EARLY_RECEIPT_TABLE), new)


def apply_pending(session: Session, batch: IngestBatch, ids: Collection[UUID]) -> None:
    """Apply the stored receipts of messages that are new, or whose provider's identifier is new, and delete them."""
    if not ids or session.execute(select(EARLY_RECEIPT_TABLE.c.number).limit(1)).first() is None:
        return
    ids_by_text = {str(id): id for id in ids}
    statement = select(PROVIDER_MESSAGE_TABLE).where(PROVIDER_MESSAGE_TABLE.c.message_id.in_(ids_by_text.values()))
    ids_by_reference = {(row.provider, row.provider_id): row.message_id for row in session.execute(statement)}
    provider_ids = [*ids_by_text, *(provider_id for _, provider_id in ids_by_reference)]
    applied = []
    for row in session.execute(
        select(EARLY_RECEIPT_TABLE)
        .where(EARLY_RECEIPT_TABLE.c.provider_id.in_(provider_ids))
        .order_by(EARLY_RECEIPT_TABLE.c.number)
    ):
        id = ids_by_text.get(row.provider_id) or ids_by_reference.get((row.provider, row.provider_id))
        if id:
            batch.apply_event(
                id, StatusEvent(told_by=row.provider, provider=row.provider, **_event_values(row._asdict()))
            )
            applied.append(row.number)
    if applied:
        session.execute(delete(EARLY_RECEIPT_TABLE).where(EARLY_RECEIPT_TABLE.c.number.in_(applied)))


def _stored_ids_of_references(session: Session, references: Collection[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    if not references:
        return {}
    statement = select(PROVIDER_MESSAGE_TABLE).where(
        tuple_(PROVIDER_MESSAGE_TABLE.c.provider, PROVIDER_MESSAGE_TABLE.c.provider_id).in_(sorted(references))
    )
    return {(row.provider, row.provider_id): row.message_id for row in session.execute(statement)}


def _event_values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {column: values[column] for column in EVENT_COLUMNS}


def _receipt_keys(values: dict[str, Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return what identifies a receipt with its time, and without it."""
    untimed_key = tuple(values[column] for column in ('provider', 'provider_id', *EVENT_COLUMNS) if column != 'at')
    return (values['at'], *untimed_key), untimed_key
