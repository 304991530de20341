"""Kannel, an SMS gateway: receipts from its `dlr-url`, which must be configured as

    …/receipts/kannel?key=KEY&id=ID&status=%d&reply=%A&ts=%T

Source: https://www.kannel.org/download/kannel-userguide-snapshot/userguide.html#delivery-reports: %d is 1 delivered to
the phone, 2 not delivered, 4 queued at the SMSC, 8 delivered to the SMSC, 16 rejected by the SMSC; %A is the SMSC's
response, in which `err:` is the operator's error; %T is a Unix timestamp, or `yyyy-mm-dd hh:mm:ss` in UTC if the
gateway uses %t instead. The identifier is the one in the `dlr-url`, and names one message.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from services.providers.provider import Provider
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
    """Parse the query string of a receipt; raises InvalidReceiptError."""
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
    if not value:
        return None
    if value.isdigit():
        return parse_timestamp(value, 'ts')
    try:
        return check_time(datetime.strptime(value, '%Y-%m-%d %H:%M:%S'), 'ts')
    except ValueError:
        raise InvalidReceiptError('ts') from None


PROVIDER = Provider('kannel', 'Kannel', parse_receipts)
