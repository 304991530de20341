"""Receipts of SMS Aero: JSON with `id`, `status` and, at times, `extendStatus` and `dateAnswer` or `dateSend`.

Source: https://smsaero.ru/integration/documentation/api/ (statuses 0, 1, 2, 3, 4, 6, 8). The page
names the fields of an answer to «check status»; that a receipt has the same was not verified. It is read as JSON and as
a form. Times are seconds since 1970.
"""

import json
from collections.abc import Mapping
from typing import Any

from services.receipts.delivery_report import Report, Unreadable, seconds, word


def read(fields: Mapping[str, str], body: bytes) -> list[Report]:
    """Read a receipt; raises Unreadable."""
    told = _told(body) if body[:1] in b'{[' and body else dict(fields)
    at = next((str(told[name]) for name in ('dateAnswer', 'dateSend') if told.get(name)), '')
    said = {name: str(told.get(name, '')) for name in ('id', 'status')}
    return [Report(word(said, 'id'), word(said, 'status'), None, seconds(at, 'dateAnswer') if at else None)]


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable('body') from None
    told = told.get('data', told) if isinstance(told, dict) else told
    if not isinstance(told, dict):
        raise Unreadable('body')
    return told
