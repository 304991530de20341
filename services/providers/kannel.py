"""Receipts of a Kannel gateway: what its `dlr-url` says, as this journal wants it written:

    …/receipts/kannel?key=KEY&id=ID&status=%d&reply=%A&ts=%T

Source: https://www.kannel.org/download/kannel-userguide-snapshot/userguide.html#delivery-reports: %d is 1 delivered to
the phone, 2 not delivered, 4 queued at the SMSC, 8 delivered to the SMSC, 16 rejected by the SMSC; %A is the SMSC's own
answer, whose `err:` is the operator's error; %T is the time as seconds since 1970, or `yyyy-mm-dd hh:mm:ss` in UTC
where a gateway writes %t for it.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from services.receipts.delivery_report import (
    DeliveryReport,
    InvalidReceiptError,
    check_time,
    parse_identifier,
    parse_timestamp,
)

ERROR_PATTERN = re.compile(r'\berr:(\w{1,8})', re.IGNORECASE)
NO_ERROR_PATTERN = re.compile('0*')


def parse_receipts(fields: Mapping[str, str], _: bytes) -> list[DeliveryReport]:
    """Read a receipt; raises Unreadable."""
    match = ERROR_PATTERN.search(fields.get('reply', ''))
    error_code = match[1] if match and not NO_ERROR_PATTERN.fullmatch(match[1]) else None
    return [
        DeliveryReport(
            parse_identifier(fields, 'id'),
            parse_identifier(fields, 'status'),
            error_code,
            _parse_time(fields.get('ts', '').strip()),
        )
    ]


def _parse_time(value: str) -> datetime | None:
    if not value or value.isdigit():
        return parse_timestamp(value, 'ts') if value else None
    try:
        return check_time(datetime.strptime(value, '%Y-%m-%d %H:%M:%S').replace(tzinfo=UTC), 'ts')
    except ValueError:
        raise InvalidReceiptError('ts') from None
