"""Mapping of a provider's delivery report to a receipt with a status event of the journal."""

from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from models import MessageStatus
from services.ingest.message_ingest import Receipt
from services.ingest.message_parsing import MAX_CLOCK_LEAD
from services.ingest.status_history import StatusEvent
from services.phones import InvalidPhoneError, to_e164
from services.providers.provider import Provider
from services.receipts.delivery_report import STATUS_LIST, DeliveryReport
from services.receipts.provider_codes import ProviderCodes

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No message is older: an earlier time is that of a clock that was never set."""


def to_receipt(
    provider: Provider,
    report: DeliveryReport,
    codes: ProviderCodes,
    now: datetime,
    *,
    zone: tzinfo,
    account: str = '',
) -> Receipt:
    """Convert a report to a receipt.

    A report without a time, or with one that cannot be, gets the time of its arrival, and the history shows which time
    it claims: a receipt dated 2099 would otherwise be newer than everything that follows.

    Args:
        provider: the provider that sent the report.
        report: the report.
        codes: the meaning of the provider's codes.
        now: the time of arrival (aware).
        zone: the time zone of local times in the report.
        account: the account with the provider; empty if unknown.
    """
    arrived_at = now.replace(microsecond=0)
    reported_at = report.at and _to_utc(report.at, zone)
    is_possible = reported_at is not None and EARLIEST <= reported_at <= now + MAX_CLOCK_LEAD
    code = codes.find(provider.key, STATUS_LIST, report.code)
    event = StatusEvent(
        at=reported_at if reported_at and is_possible else arrived_at,
        told_by=provider.key,
        status=code.status if code else None,
        final=code.final if code else False,
        provider=provider.key,
        code=report.code,
        claimed_at=None if is_possible else reported_at,
        cost=report.cost,
        parts=report.parts,
    )
    if code and code.status == MessageStatus.FAILED:
        event = replace(
            event,
            error_code=report.error or report.message_state or report.code,
            error_name=codes.error_name(provider.key, report) or code.name,
        )
    phone = _parse_phone(report.phone) if provider.receipts_have_phone else ''
    return Receipt(provider.key, provider.normalize_id(report.provider_id), event, account, phone, is_timed=is_possible)


def _to_utc(moment: datetime, zone: tzinfo) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return aware.astimezone(UTC).replace(microsecond=0)


def _parse_phone(text: str) -> str:
    """Parse a phone number with the country code; return an empty text if there is none, or if it is none."""
    digits = text.strip().lstrip('+')
    try:
        return to_e164(f'+{digits}') if digits else ''
    except InvalidPhoneError:
        return ''
