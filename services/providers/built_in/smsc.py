"""SMSC.ru: receipts and balance.

Receipts are forms with `id`, `phone`, `status`, `time`, `err`, and are signed if the account has a secret.
Source: https://smsc.ru/api/http/miscellaneous/callback/. According to this page, the time is sent twice: `ts` is a Unix
timestamp; `time` is in the time zone of the account, which is Moscow unless the customer changes it. Older descriptions
have only `time`. All messages of a list of phones have the same `id`, a number that is not unique, and no field names
the account. Signatures are `md5` and `sha1` of `id:phone:status:secret`.

The same address gets other events: an incoming SMS (`sms_id`, `phone`, `mes`, `to`), a call that confirms a number
(`waitcall`), the answer to an HLR query (`imsi`, `msc`). They are no receipts, and are acknowledged and counted. The
status of a Viber message has the fields of a receipt and is treated as one. Their signatures are not described here, so
an account that receives such events needs the key in the URL.

The codes in `data/provider_codes.csv` are those of https://smsc.ru/api/http/status_messages/statuses/ and
https://smscentre.com/api/smpp/errors (the same list in English).
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.providers.message_ids import normalize_number
from services.providers.provider import Provider, ProviderRequest, ProviderUnavailableError, SignedRequest
from services.receipts.delivery_report import (
    UNKNOWN_EVENT,
    DeliveryReport,
    ParsedReceipts,
    ProviderEvent,
    numbered,
    parse_each,
    parse_identifier,
    parse_local_time,
    parse_timestamp,
)

NO_ERROR = '0'
EVENT_FIELDS = {'waitcall': ('waitcall',), 'incoming_sms': ('mes', 'sms_id'), 'hlr': ('imsi', 'msc')}
"""Fields that only occur in an event of another type."""


@dataclass(frozen=True)
class SmscAccount:
    """Balance of an account (https://smsc.ru/api/http/balance/).

    The response is `{"balance": "123.45"}`, or `{"error": …, "error_code": …}`.
    """

    login: str
    key: str = field(repr=False)
    """The password of the account, or an API key."""
    url: str = 'https://smsc.ru/sys/balance.php'
    name = 'SMSC.ru'

    def build_request(self) -> ProviderRequest:
        """See BalanceAccount. The key is sent in a form, because proxies log URLs."""
        return ProviderRequest(self.url, form={'login': self.login, 'psw': self.key, 'fmt': '3'})

    def extract_amount(self, response: Any) -> object:
        """See BalanceAccount."""
        if 'error_code' in response:
            raise ProviderUnavailableError(f'error {response["error_code"]!s:.20}')
        return response['balance']


def parse_receipts(forms: Sequence[Mapping[str, str]]) -> ParsedReceipts:
    """Parse receipts and other events; each is a form or a JSON object."""
    return parse_each(numbered(forms), _parse_form)


def _parse_form(fields: Mapping[str, str]) -> DeliveryReport | ProviderEvent:
    if event_type := _find_event_type(fields):
        return ProviderEvent(event_type)
    error = fields.get('err', '').strip()
    return DeliveryReport(
        provider_id=parse_identifier(fields, 'id'),
        code=parse_identifier(fields, 'status'),
        error=parse_identifier(fields, 'err') if error and error != NO_ERROR else None,
        at=_parse_time(fields),
        phone=fields.get('phone', ''),
    )


def _find_event_type(fields: Mapping[str, str]) -> str | None:
    """Return the type of an event that is not a delivery receipt; None for a receipt."""
    for event_type, names in EVENT_FIELDS.items():
        if any(name in fields for name in names):
            return event_type
    has_receipt_field = 'id' in fields or 'status' in fields
    return UNKNOWN_EVENT if fields and not has_receipt_field else None


def has_valid_signature(request: SignedRequest, secret: str) -> bool:
    """Check the signature of each receipt."""
    return all(_is_signed(fields, secret) for fields in request.forms)


def _is_signed(fields: Mapping[str, str], secret: str) -> bool:
    """Check the signature of a receipt: by SHA-1 if the receipt has it, otherwise by MD5."""
    signed_text = ':'.join(fields.get(name, '') for name in ('id', 'phone', 'status')) + f':{secret}'
    for name in ('sha1', 'md5'):
        if signature := fields.get(name):
            # The provider offers no stronger algorithm; an administrator can use the key in the URL instead.
            expected = hashlib.new(name, signed_text.encode(errors='replace'), usedforsecurity=False).hexdigest()
            return hmac.compare_digest(expected.encode(), signature.lower().encode(errors='replace'))
    return False


def _parse_time(fields: Mapping[str, str]) -> datetime | None:
    timestamp = fields.get('ts', '').strip()
    if timestamp:
        return parse_timestamp(timestamp, 'ts')
    local_text = fields.get('time', '').strip()
    if not local_text:
        return None
    return parse_local_time(local_text, '%d.%m.%Y %H:%M:%S', 'time')


PROVIDER = Provider(
    'smsc',
    'SMSC',
    parse_receipts,
    has_valid_signature,
    receipts_have_phone=True,
    normalize_id=normalize_number,
    time_zone='Europe/Moscow',
    create_account=SmscAccount,
    balance_settings=('balance_login', 'balance_key'),
    receipt_fields={
        'id': 'Identifier of the message at SMSC.ru',
        'phone': 'Phone number of the recipient',
        'status': 'Status code',
        'err': 'Error code; 0 or absent if there is none',
        'ts': 'Time of the status: Unix timestamp in seconds',
        'time': 'Time of the status in the time zone of the account, `22.11.2026 10:01:00`, if there is no `ts`',
        'sha1': 'Signature instead of the key: SHA-1 of `id:phone:status:key`',
        'md5': 'Signature instead of the key: MD5 of `id:phone:status:key`',
    },
)
