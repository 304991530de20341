"""Mapping of a provider's delivery report to a receipt with a status event of the journal."""

from dataclasses import replace
from datetime import datetime

from models import MessageStatus
from services.ingest.message_ingest import Receipt
from services.ingest.status_history import StatusEvent
from services.receipts.delivery_report import STATUS_LIST, DeliveryReport
from services.receipts.provider_codes import ProviderCodes


def to_receipt(provider: str, report: DeliveryReport, codes: ProviderCodes, now: datetime) -> Receipt:
    """Convert a report to a receipt; a report without a time gets the time `now` (aware)."""
    code = codes.find(provider, STATUS_LIST, report.code)
    event = StatusEvent(
        at=(report.at or now).replace(microsecond=0),
        told_by=provider,
        status=code.status if code else None,
        final=code.final if code else False,
        provider=provider,
        code=report.code,
    )
    if code and code.status == MessageStatus.FAILED:
        event = replace(
            event,
            error_code=report.error or report.message_state or report.code,
            error_name=codes.error_name(provider, report) or code.name,
        )
    return Receipt(provider, report.provider_id, event, is_timed=report.at is not None)
