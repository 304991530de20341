"""Receipts as providers really send them, turned into what the journal keeps."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from models import MessageStatus
from services.feed import Receipt
from services.feed.history import Fact
from services.receipts import kannel, smsaero, smsc, smsru
from services.receipts.codes import ERROR, STATUS, Codes
from services.receipts.report import Report, Unreadable

__all__ = ['ANSWERS', 'READERS', 'SIGNED', 'Unreadable', 'explained']

READERS: Mapping[str, Callable[[Mapping[str, str], bytes], list[Report]]] = {
    'smsc': smsc.read,
    'smsru': smsru.read,
    'smsaero': smsaero.read,
    'kannel': kannel.read,
}
"""Each reads the fields of a form or a query, or a body."""
SIGNED: Mapping[str, Callable[[Mapping[str, str], str], bool]] = {'smsc': smsc.signed, 'smsru': smsru.signed}
"""Whose receipts may be signed instead of having the key in the query."""
ANSWERS = {'smsru': smsru.ANSWER}
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
