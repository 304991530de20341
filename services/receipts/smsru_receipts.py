"""Receipts of SMS.ru: a form with `data[0]` to `data[99]`, each some lines: `sms_status`, id, code, seconds since 1970.

Source: https://sms.ru/?panel=api&subpanel=cb. It wants the answer `100`, tries again until it gets that, and
sends other events too, of calls for instance, which are none of ours. `hash` is SHA-256 of the account's api_id and all
data in their order; older descriptions have neither it nor the fourth line.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping

from services.receipts.delivery_report import MOST, Report, Unreadable, seconds, word

ANSWER = '100'
OURS = 'sms_status'
DATA = re.compile(r'data\[(\d{1,4})\]')


def read(fields: Mapping[str, str], _: bytes) -> list[Report]:
    """Read receipts; raises Unreadable."""
    found = []
    data = _data(fields)
    if len(data) > MOST:
        raise Unreadable('data')
    for name, value in data:
        kind, *lines = value.strip().splitlines() or ['']
        if kind.strip() != OURS:
            continue
        said = dict(zip(('id', 'code', 'time'), lines, strict=False))
        at = said.get('time', '').strip()
        try:
            found.append(Report(word(said, 'id'), word(said, 'code'), None, seconds(at, name) if at else None))
        except Unreadable:
            raise Unreadable(name) from None
    return found


def signed(fields: Mapping[str, str], secret: str) -> bool:
    """Say whether the receipts are signed for the account whose api_id is the secret."""
    told = secret + ''.join(value for _, value in _data(fields))
    made = hashlib.sha256(told.encode(errors='replace')).hexdigest()
    return hmac.compare_digest(made.encode(), fields.get('hash', '').lower().encode(errors='replace'))


def _data(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    named = [(int(name[1]), key) for key in fields if (name := DATA.fullmatch(key))]
    return [(key, fields[key]) for _, key in sorted(named)]
