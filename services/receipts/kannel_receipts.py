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

from services.receipts.delivery_report import Report, Unreadable, dated, seconds, word

ERROR = re.compile(r'\berr:(\w{1,8})', re.IGNORECASE)
NO_ERROR = re.compile('0*')


def read(fields: Mapping[str, str], _: bytes) -> list[Report]:
    """Read a receipt; raises Unreadable."""
    error = ERROR.search(fields.get('reply', ''))
    told = error[1] if error and not NO_ERROR.fullmatch(error[1]) else None
    return [Report(word(fields, 'id'), word(fields, 'status'), told, _time(fields.get('ts', '').strip()))]


def _time(value: str) -> datetime | None:
    if not value or value.isdigit():
        return seconds(value, 'ts') if value else None
    try:
        return dated(datetime.strptime(value, '%Y-%m-%d %H:%M:%S').replace(tzinfo=UTC), 'ts')
    except ValueError:
        raise Unreadable('ts') from None
