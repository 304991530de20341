"""Receipts as providers really send them, turned into what the journal keeps."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from models import MessageStatus
from services.ingest.message_ingest import Receipt
from services.ingest.status_history import Fact
from services.receipts import kannel_receipts, smsaero_receipts, smsc_receipts, smsru_receipts
from services.receipts.delivery_report import Report, Unreadable
from services.receipts.provider_codes import ERROR, STATUS, Codes

__all__ = ['ANSWERS', 'READERS', 'SIGNED', 'Unreadable', 'explained']

READERS: Mapping[str, Callable[[Mapping[str, str], bytes], list[Report]]] = {
    'smsc': smsc_receipts.read,
    'smsru': smsru_receipts.read,
    'smsaero': smsaero_receipts.read,
    'kannel': kannel_receipts.read,
}
"""Each reads the fields of a form or a query, or a body."""
SIGNED: Mapping[str, Callable[[Mapping[str, str], str], bool]] = {
    'smsc': smsc_receipts.signed,
    'smsru': smsru_receipts.signed,
}
"""Whose receipts may be signed instead of having the key in the query."""
ANSWERS = {'smsru': smsru_receipts.ANSWER}
"""What a provider wants to hear; the others are content with any answer."""


def explained(provider: str, report: Report, codes: Codes, now: datetime) -> Receipt:
    """Say what a report means; one without a time happened `now` (aware)."""
    code = codes.of(provider, STATUS, report.code)
    fact = Fact(
        at=(report.at or now).replace(microsecond=0),
        told_by=provider,
        status=code.status if code else None,
        final=code.final if code else False,
        provider=provider,
        code=report.code,
    )
    if code and code.status == MessageStatus.FAILED:
        error = codes.of(provider, ERROR, report.error) if report.error else None
        fact = replace(
            fact,
            error_code=report.error or report.code,
            error_name=error.name if error else code.name,
        )
    return Receipt(provider, report.provider_id, fact)
