"""Receipts of SMS Aero: JSON with `id`, `status` and, at times, `extendStatus` and `dateAnswer` or `dateSend`.

Source: https://smsaero.ru/integration/documentation/api/ (statuses 0, 1, 2, 3, 4, 6, 8). The page
names the fields of an answer to «check status»; that a receipt has the same was not verified. It is read as JSON and as
a form. Times are seconds since 1970.
"""

import json
from collections.abc import Mapping
from typing import Any

from services.receipts.delivery_report import DeliveryReport, InvalidReceiptError, parse_identifier, parse_timestamp


def parse_receipts(fields: Mapping[str, str], body: bytes) -> list[DeliveryReport]:
    """Read a receipt; raises Unreadable."""
    data = _parse_json(body) if body[:1] in b'{[' and body else dict(fields)
    at = next((str(data[name]) for name in ('dateAnswer', 'dateSend') if data.get(name)), '')
    identifiers = {name: str(data.get(name, '')) for name in ('id', 'status')}
    return [
        DeliveryReport(
            parse_identifier(identifiers, 'id'),
            parse_identifier(identifiers, 'status'),
            None,
            parse_timestamp(at, 'dateAnswer') if at else None,
        )
    ]


def _parse_json(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidReceiptError('body') from None
    data = data.get('data', data) if isinstance(data, dict) else data
    if not isinstance(data, dict):
        raise InvalidReceiptError('body')
    return data
