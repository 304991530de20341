"""SMS.ru: receipts and balance.

Receipts are forms with the fields `data[0]` to `data[99]`, each of several lines: `sms_status`, id, code, Unix
timestamp. Source: https://sms.ru/?panel=api&subpanel=cb. The provider expects the response `100` and repeats the
request until it gets it. It also sends other events, for example of calls, which this program ignores. `hash` is the
SHA-256 of the account's api_id followed by all data in their order; older descriptions have neither `hash` nor the
fourth line.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.providers.provider import BalanceRequest, BalanceUnavailableError, Provider
from services.receipts.delivery_report import (
    MAX_REPORTS,
    DeliveryReport,
    InvalidReceiptError,
    parse_identifier,
    parse_timestamp,
)

ACKNOWLEDGEMENT = '100'
BALANCE_STATUS_OK = 100
DELIVERY_EVENT = 'sms_status'
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

    def build_request(self) -> BalanceRequest:
        """See BalanceAccount."""
        return BalanceRequest(self.url, form={'api_id': self.key, 'json': '1'})

    def extract_amount(self, response: Mapping[str, Any]) -> object:
        """See BalanceAccount."""
        if response['status_code'] != BALANCE_STATUS_OK:
            raise BalanceUnavailableError(f'error {response["status_code"]!s:.20}')
        return response['balance']


def parse_receipts(fields: Mapping[str, str], _: bytes) -> list[DeliveryReport]:
    """Parse the form of up to MAX_REPORTS receipts; raises InvalidReceiptError."""
    data = _data_items(fields)
    if len(data) > MAX_REPORTS:
        raise InvalidReceiptError('data')
    reports = []
    for name, value in data:
        event, *lines = value.strip().splitlines() or ['']
        if event.strip() != DELIVERY_EVENT:
            continue
        values = dict(zip(('id', 'code', 'time'), lines, strict=False))
        timestamp = values.get('time', '').strip()
        try:
            reports.append(
                DeliveryReport(
                    parse_identifier(values, 'id'),
                    parse_identifier(values, 'code'),
                    None,
                    parse_timestamp(timestamp, name) if timestamp else None,
                )
            )
        except InvalidReceiptError:
            raise InvalidReceiptError(name) from None
    return reports


def has_valid_signature(fields: Mapping[str, str], secret: str) -> bool:
    """Check the signature of receipts; the secret is the account's api_id."""
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
    create_account=lambda login, key: SmsRuAccount(key),
    balance_settings=('balance_key',),
)
