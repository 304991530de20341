"""Ingest of receipts of SMS providers: each is applied to its message, or stored until the message arrives."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from sqlmodel import Session

from services.ingest import pending_receipts
from services.ingest.ingest_batch import IngestBatch, IngestOutcome, acquire_writer_lock
from services.receipts.provider_references import ProviderReferences, own_id
from services.receipts.receipt_matching import Receipt, find_reading


def apply_receipts(
    session: Session, receipts: Sequence[Receipt], *, zone: tzinfo, now: datetime
) -> list[IngestOutcome]:
    """Record receipts of providers; a receipt for an unknown message is stored until the message arrives."""
    if not receipts:
        return []
    # Lock before the lookup, otherwise a reference that another writer stores meanwhile would never be matched.
    acquire_writer_lock(session)
    phones = {receipt.phone for receipt in receipts}
    readings = [reading for receipt in receipts for reading in receipt.readings]
    references = ProviderReferences(
        session, [reading.reference for reading in readings], None if '' in phones else phones
    )
    candidates = {
        id
        for reading in readings
        for id in (own_id(reading.provider_id), references.find(reading.reference, reading.phone))
        if id
    }
    batch = IngestBatch(session, candidates, zone=zone, now=now)
    located = [find_reading(receipt, batch, references) for receipt in receipts]
    outcomes = [
        batch.apply_event(*found, is_timed=receipt.is_timed) if found else IngestOutcome.UNKNOWN
        for found, receipt in zip(located, receipts, strict=True)
    ]
    unknown = [receipt for receipt, outcome in zip(receipts, outcomes, strict=True) if outcome == IngestOutcome.UNKNOWN]
    pending_receipts.store_pending(session, unknown)
    batch.write()
    return outcomes
