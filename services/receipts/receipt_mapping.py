"""Receipts as providers really send them, turned into what the journal keeps."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from models import MessageStatus
from services.ingest.message_ingest import Receipt
from services.ingest.status_history import StatusEvent
from services.providers import kannel, smsaero, smsc, smsru
from services.receipts.delivery_report import DeliveryReport, InvalidReceiptError
from services.receipts.provider_codes import ERROR_LIST, STATUS_LIST, ProviderCodes

__all__ = ['ACKNOWLEDGEMENTS', 'RECEIPT_PARSERS', 'SIGNATURE_CHECKS', 'InvalidReceiptError', 'to_receipt']

RECEIPT_PARSERS: Mapping[str, Callable[[Mapping[str, str], bytes], list[DeliveryReport]]] = {
    'smsc': smsc.parse_receipts,
    'smsru': smsru.parse_receipts,
    'smsaero': smsaero.parse_receipts,
    'kannel': kannel.parse_receipts,
}
"""Each reads the fields of a form or a query, or a body."""
SIGNATURE_CHECKS: Mapping[str, Callable[[Mapping[str, str], str], bool]] = {
    'smsc': smsc.has_valid_signature,
    'smsru': smsru.has_valid_signature,
}
"""Whose receipts may be signed instead of having the key in the query."""
ACKNOWLEDGEMENTS = {'smsru': smsru.ACKNOWLEDGEMENT}
"""What a provider wants to hear; the others are content with any answer."""


def to_receipt(provider: str, report: DeliveryReport, codes: ProviderCodes, now: datetime) -> Receipt:
    """Say what a report means; one without a time happened `now` (aware)."""
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
        error = codes.find(provider, ERROR_LIST, report.error) if report.error else None
        event = replace(
            event,
            error_code=report.error or report.code,
            error_name=error.name if error else code.name,
        )
    return Receipt(provider, report.provider_id, event)
