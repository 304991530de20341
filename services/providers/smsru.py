"""Receipts of SMS.ru: a form with `data[0]` to `data[99]`, each some lines: `sms_status`, id, code, seconds since 1970.

Source: https://sms.ru/?panel=api&subpanel=cb. It wants the answer `100`, tries again until it gets that, and
sends other events too, of calls for instance, which are none of ours. `hash` is SHA-256 of the account's api_id and all
data in their order; older descriptions have neither it nor the fourth line.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping

from services.receipts.delivery_report import (
    MAX_REPORTS,
    DeliveryReport,
    InvalidReceiptError,
    parse_identifier,
    parse_timestamp,
)

ACKNOWLEDGEMENT = '100'
DELIVERY_EVENT = 'sms_status'
DATA_FIELD = re.compile(r'data\[(\d{1,4})\]')


def parse_receipts(fields: Mapping[str, str], _: bytes) -> list[DeliveryReport]:
    """Read receipts; raises Unreadable."""
    reports = []
    data = _data_items(fields)
    if len(data) > MAX_REPORTS:
        raise InvalidReceiptError('data')
    for name, value in data:
        kind, *lines = value.strip().splitlines() or ['']
        if kind.strip() != DELIVERY_EVENT:
            continue
        values = dict(zip(('id', 'code', 'time'), lines, strict=False))
        at = values.get('time', '').strip()
        try:
            reports.append(
                DeliveryReport(
                    parse_identifier(values, 'id'),
                    parse_identifier(values, 'code'),
                    None,
                    parse_timestamp(at, name) if at else None,
                )
            )
        except InvalidReceiptError:
            raise InvalidReceiptError(name) from None
    return reports


def has_valid_signature(fields: Mapping[str, str], secret: str) -> bool:
    """Say whether the receipts are signed for the account whose api_id is the secret."""
    signed_text = secret + ''.join(value for _, value in _data_items(fields))
    expected = hashlib.sha256(signed_text.encode(errors='replace')).hexdigest()
    return hmac.compare_digest(expected.encode(), fields.get('hash', '').lower().encode(errors='replace'))


def _data_items(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    numbered_keys = [(int(name[1]), key) for key in fields if (name := DATA_FIELD.fullmatch(key))]
    return [(key, fields[key]) for _, key in sorted(numbered_keys)]
