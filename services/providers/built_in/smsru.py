"""SMS.ru: receipts and balance.

Receipts are forms with the fields `data[0]` to `data[99]`, each of several lines: `sms_status`, id, code, Unix
timestamp. Source: https://sms.ru/?panel=api&subpanel=cb. The provider expects the response `100` and repeats the
request until it gets it, so an entry that cannot be read must not prevent this response. It also sends other events,
for example of calls (`callcheck_status`), which are acknowledged and counted. `hash` is the SHA-256 of the account's
api_id followed by all data in their order; older descriptions have neither `hash` nor the fourth line. The form is
sent as multipart/form-data.

The codes in `data/provider_codes.csv` are those of https://sms.ru/api/status and https://sms.ru/api/send.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.providers.provider import Provider, ProviderRequest, ProviderUnavailableError, SignedRequest
from services.receipts.delivery_report import (
    MAX_REPORTS,
    DeliveryReport,
    InvalidReceiptError,
    ParsedReceipts,
    ProviderEvent,
    parse_each,
    parse_event_type,
    parse_identifier,
    parse_timestamp,
)

ACKNOWLEDGEMENT = '100'
BALANCE_STATUS_OK = 100
DELIVERY_EVENT = 'sms_status'
STATUS_CODE = re.compile(r'-?\d{1,4}', re.ASCII)
DATA_FIELD = re.compile(r'data\[(\d{1,4})\]')


@dataclass(frozen=True)
class SmsRuAccount:
    """Balance of an account (https://sms.ru/api/balance).

    The response is `{"status": "OK", "status_code": 100, "balance": 4122.56}`.
    """

    key: str = field(repr=False)
    """The account's api_id."""
    url: str = 'https://sms.ru/my/balance'
    name = 'SMS.ru'

    def build_request(self) -> ProviderRequest:
        """See BalanceAccount."""
        return ProviderRequest(self.url, form={'api_id': self.key, 'json': '1'})

    def extract_amount(self, response: Any) -> object:
        """See BalanceAccount."""
        if response['status_code'] != BALANCE_STATUS_OK:
            raise ProviderUnavailableError(f'error {response["status_code"]!s:.20}')
        return response['balance']


def parse_receipts(forms: Sequence[Mapping[str, str]]) -> ParsedReceipts:
    """Parse the entries of all forms; raises InvalidReceiptError if there are more than MAX_REPORTS."""
    items = [item for fields in forms for item in _data_items(fields)]
    if len(items) > MAX_REPORTS:
        raise InvalidReceiptError('data')
    return parse_each(items, _parse_item)


def _parse_item(value: str) -> DeliveryReport | ProviderEvent:
    """Parse an entry: the type of the event, and its values, each on a line."""
    event_type, *lines = value.strip().splitlines() or ['']
    if event_type.strip() != DELIVERY_EVENT:
        return parse_event_type(event_type)
    values = dict(zip(('id', 'code', 'time'), lines, strict=False))
    code, timestamp = parse_identifier(values, 'code'), values.get('time', '').strip()
    if not STATUS_CODE.fullmatch(code):  # without the line of the code, the timestamp would be taken for it
        raise InvalidReceiptError('code')
    return DeliveryReport(
        parse_identifier(values, 'id'),
        code,
        at=parse_timestamp(timestamp, 'time') if timestamp else None,
    )


def has_valid_signature(request: SignedRequest, secret: str) -> bool:
    """Check the signature of receipts; the secret is the account's api_id."""
    return all(_is_signed(fields, secret) for fields in request.forms)


def _is_signed(fields: Mapping[str, str], secret: str) -> bool:
    signed_text = secret + ''.join(value for _, value in _data_items(fields))
    expected = hashlib.sha256(signed_text.encode(errors='replace')).hexdigest()
    return hmac.compare_digest(expected.encode(), fields.get('hash', '').lower().encode(errors='replace'))


def _data_items(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the names and values of the data fields, sorted by number."""
    numbered_keys = [(int(match[1]), key) for key in fields if (match := DATA_FIELD.fullmatch(key))]
    return [(key, fields[key]) for _, key in sorted(numbered_keys)]


PROVIDER = Provider(
    'smsru',
    'SMS.ru',
    parse_receipts,
    has_valid_signature,
    ACKNOWLEDGEMENT,
    repeats_until_acknowledged=True,
    receipt_fields={
        'data[0]': 'Event of several lines: `sms_status`, id, code, Unix timestamp; further ones are `data[1]` …',
        'hash': 'Signature instead of the key: SHA-256 of the key and all data in their order',
    },
    create_account=lambda login, key: SmsRuAccount(key),
    balance_settings=('balance_key',),
)
