"""Receipts that arrive before their message: they are stored, and applied when the message arrives."""

from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlmodel import Session

from services.database.tables import EARLY_RECEIPT_TABLE
from services.ingest.ingest_batch import IngestBatch
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import StatusEvent
from services.receipts.provider_references import ProviderReferences, is_one_of_phones
from services.receipts.receipt_matching import Receipt, find_reading

EVENT_COLUMNS = ('at', 'status', 'final', 'code', 'error_code', 'error_name', 'claimed_at', 'cost', 'parts')
MAX_IDENTIFIERS = 10_000
"""Identifiers in one query: a third of the parameters that SQLite allows."""


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
            'account': receipt.account,
            'phone': receipt.phone,
            **_event_values(vars(receipt.event)),
        }
        timed_key, untimed_key = _receipt_keys(values)
        if (timed_key if receipt.is_timed else untimed_key) not in stored_keys:
            stored_keys.update((timed_key, untimed_key))
            new.append(values)
    if new:
        session.execute(insert(EARLY_RECEIPT_TABLE), new)


def apply_pending(
    session: Session,
    batch: IngestBatch,
    ids: Collection[UUID],
    references: ProviderReferences,
    provider_ids: Collection[str] = (),
) -> None:
    """Apply the stored receipts of messages that are new, or whose provider's identifier is new, and delete them.

    Args:
        session: a writing session.
        batch: has loaded the messages, and applies the receipts.
        ids: the ids of the messages.
        references: the identifiers of the messages.
        provider_ids: the providers' identifiers that are new.
    """
    if not ids or session.execute(select(EARLY_RECEIPT_TABLE.c.number).limit(1)).first() is None:
        return
    messages = [message for id in ids if (message := batch.find(id))]
    applied = []
    for row in _pending_rows(session, messages, provider_ids):
        event = StatusEvent(told_by=row.provider, provider=row.provider, **_event_values(row._asdict()))
        receipt = Receipt(row.provider, row.provider_id, event, row.account, row.phone)
        found = find_reading(receipt, batch, references)
        if found and found[0] in ids:
            batch.apply_event(*found)
            applied.append(row.number)
    if applied:
        session.execute(delete(EARLY_RECEIPT_TABLE).where(EARLY_RECEIPT_TABLE.c.number.in_(applied)))


def _pending_rows(session: Session, messages: Sequence[IncomingMessage], provider_ids: Collection[str]) -> list[Any]:
    """Read the stored receipts with the identifiers of messages, or of their parts, in the order of their arrival."""
    part_counts = {str(message.id): message.part_count or 1 for message in messages}
    part_counts |= dict.fromkeys(provider_ids, max(part_counts.values(), default=1))
    identifiers = [
        identifier
        for id, part_count in part_counts.items()
        for identifier in (id, *(f'{id}-{part}' for part in range(1, part_count + 1)))
    ]
    has_phone = is_one_of_phones(EARLY_RECEIPT_TABLE.c.phone, {message.phone for message in messages})
    rows: list[Any] = []
    for start in range(0, len(identifiers), MAX_IDENTIFIERS):
        statement = select(EARLY_RECEIPT_TABLE).where(
            EARLY_RECEIPT_TABLE.c.provider_id.in_(identifiers[start : start + MAX_IDENTIFIERS]),
            has_phone,
        )
        rows += session.execute(statement)
    return sorted(rows, key=attrgetter('number'))


def _event_values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {column: values[column] for column in EVENT_COLUMNS}


def _receipt_keys(values: dict[str, Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return what identifies a receipt with its time, and without it."""
    columns = ('provider', 'provider_id', 'account', 'phone', *EVENT_COLUMNS)
    untimed_key = tuple(values[column] for column in columns if column != 'at')
    return (values['at'], *untimed_key), untimed_key
