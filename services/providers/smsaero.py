"""SMS Aero: receipts and balance.

Receipts are JSON with `id`, `status` and sometimes `extendStatus` and `dateAnswer` or `dateSend`; times are Unix
timestamps. Source: https://smsaero.ru/integration/documentation/api/ (statuses 0, 1, 2, 3, 4, 6, 8). The page names the
fields of the response to "check status"; it was not verified that a receipt has the same fields. A receipt is accepted
as JSON and as a form. Each message has a number of its own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.providers.message_ids import normalize_number
from services.providers.provider import BalanceRequest, BalanceUnavailableError, Provider
from services.receipts.delivery_report import DeliveryReport, InvalidReceiptError, parse_identifier, parse_timestamp


@dataclass(frozen=True)
class SmsAeroAccount:
    """Balance of an account; the response is `{"success": true, "data": {"balance": 337.03}}`."""

    login: str
    key: str = field(repr=False)
    url: str = 'https://gate.smsaero.ru/v2/balance'
    name = 'SMS Aero'

    def build_request(self) -> BalanceRequest:
        """See BalanceAccount."""
        return BalanceRequest(self.url, basic_auth=(self.login, self.key))

    def extract_amount(self, response: Mapping[str, Any]) -> object:
        """See BalanceAccount."""
        if response['success'] is not True:
            raise BalanceUnavailableError('not a success')
        return response['data']['balance']


def parse_receipts(fields: Mapping[str, str], body: bytes) -> list[DeliveryReport]:
    """Parse a receipt from a JSON body or the fields of a form; raises InvalidReceiptError."""
    data = _parse_json(body) if body.startswith((b'{', b'[')) else dict(fields)
    timestamp = next((str(data[name]) for name in ('dateAnswer', 'dateSend') if data.get(name)), '')
    identifiers = {name: str(data.get(name, '')) for name in ('id', 'status')}
    return [
        DeliveryReport(
            parse_identifier(identifiers, 'id'),
            parse_identifier(identifiers, 'status'),
            None,
            parse_timestamp(timestamp, 'dateAnswer') if timestamp else None,
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


PROVIDER = Provider(
    'smsaero',
    'SMS Aero',
    parse_receipts,
    normalize_id=normalize_number,
    create_account=SmsAeroAccount,
    balance_settings=('balance_login', 'balance_key'),
)
