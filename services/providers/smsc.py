"""Receipts of SMSC.ru: a form with `id`, `phone`, `status`, `time`, `err`; signed, if the account has a secret.

Source: https://smsc.ru/api/http/miscellaneous/callback/. The page gives the time twice: `ts`, seconds since 1970, and
`time`, by the clock of the account, which is Moscow's until somebody changes it; older descriptions know `time` alone.
Signatures are `md5` and `sha1` of `id:phone:status:secret`.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from services.receipts.delivery_report import (
    DeliveryReport,
    InvalidReceiptError,
    check_time,
    parse_identifier,
    parse_timestamp,
)

MOSCOW = ZoneInfo('Europe/Moscow')
NO_ERROR = '0'


def parse_receipts(fields: Mapping[str, str], _: bytes) -> list[DeliveryReport]:
    """Read a receipt; raises Unreadable."""
    error = fields.get('err', '').strip()
    return [
        DeliveryReport(
            provider_id=parse_identifier(fields, 'id'),
            code=parse_identifier(fields, 'status'),
            error=parse_identifier(fields, 'err') if error and error != NO_ERROR else None,
            at=_parse_time(fields),
        )
    ]


def has_valid_signature(fields: Mapping[str, str], secret: str) -> bool:
    """Say whether the receipt is signed with a secret: by SHA-1 if it has that, else by MD5."""
    signed_text = ':'.join(fields.get(name, '') for name in ('id', 'phone', 'status')) + f':{secret}'
    for name in ('sha1', 'md5'):
        if signature := fields.get(name):
            # What the provider signs with; whoever may choose takes the key in the query besides.
            expected = hashlib.new(name, signed_text.encode(errors='replace'), usedforsecurity=False).hexdigest()
            return hmac.compare_digest(expected.encode(), signature.lower().encode(errors='replace'))
    return False


def _parse_time(fields: Mapping[str, str]) -> datetime | None:
    if timestamp := fields.get('ts', '').strip():
        return parse_timestamp(timestamp, 'ts')
    if not (local_text := fields.get('time', '').strip()):
        return None
    try:
        local = datetime.strptime(local_text, '%d.%m.%Y %H:%M:%S')
    except ValueError:
        raise InvalidReceiptError('time') from None
    return check_time(local.replace(tzinfo=MOSCOW), 'time')
