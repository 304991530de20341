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

from services.receipts.delivery_report import Report, Unreadable, dated, seconds, word

MOSCOW = ZoneInfo('Europe/Moscow')
NO_ERROR = '0'


def read(fields: Mapping[str, str], _: bytes) -> list[Report]:
    """Read a receipt; raises Unreadable."""
    error = fields.get('err', '').strip()
    return [
        Report(
            provider_id=word(fields, 'id'),
            code=word(fields, 'status'),
            error=word(fields, 'err') if error and error != NO_ERROR else None,
            at=_time(fields),
        )
    ]


def signed(fields: Mapping[str, str], secret: str) -> bool:
    """Say whether the receipt is signed with a secret: by SHA-1 if it has that, else by MD5."""
    told = ':'.join(fields.get(name, '') for name in ('id', 'phone', 'status')) + f':{secret}'
    for name in ('sha1', 'md5'):
        if signature := fields.get(name):
            # What the provider signs with; whoever may choose takes the key in the query besides.
            made = hashlib.new(name, told.encode(errors='replace'), usedforsecurity=False).hexdigest()
            return hmac.compare_digest(made.encode(), signature.lower().encode(errors='replace'))
    return False


def _time(fields: Mapping[str, str]) -> datetime | None:
    if stamp := fields.get('ts', '').strip():
        return seconds(stamp, 'ts')
    if not (written := fields.get('time', '').strip()):
        return None
    try:
        local = datetime.strptime(written, '%d.%m.%Y %H:%M:%S')
    except ValueError:
        raise Unreadable('time') from None
    return dated(local.replace(tzinfo=MOSCOW), 'time')
