"""SMS Aero: receipts and balance.

Receipts are JSON with `id`, `status` and sometimes `extendStatus` and `dateAnswer` or `dateSend`; times are Unix
timestamps. Source: https://smsaero.ru/integration/documentation/api/ (statuses 0, 1, 2, 3, 4, 6, 8). The page names the
fields of the response to "check status"; it was not verified that a receipt has the same fields. A receipt is accepted
as JSON and as a form. Each message has a number of its own. The address of receipts is the parameter `callbackUrl` of
each sent message; the provider expects the HTTP status 200.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.providers.message_ids import normalize_number
from services.providers.provider import Provider, ProviderRequest, ProviderUnavailableError
from services.receipts.delivery_report import (
    DeliveryReport,
    ParsedReceipts,
    numbered,
    parse_each,
    parse_identifier,
    parse_timestamp,
)


@dataclass(frozen=True)
class SmsAeroAccount:
    """Balance of an account; the response is `{"success": true, "data": {"balance": 337.03}}`."""

    login: str
    key: str = field(repr=False)
    url: str = 'https://gate.smsaero.ru/v2/balance'
    name = 'SMS Aero'

    def build_request(self) -> ProviderRequest:
        """See BalanceAccount."""
        return ProviderRequest(self.url, basic_auth=(self.login, self.key))

    def extract_amount(self, response: Any) -> object:
        """See BalanceAccount."""
        if response['success'] is not True:
            raise ProviderUnavailableError('not a success')
        return response['data']['balance']


def parse_receipts(forms: Sequence[Mapping[str, str]]) -> ParsedReceipts:
    """Parse receipts; each is a form or a JSON object."""
    return parse_each(numbered(forms), _parse_report)


def _parse_report(fields: Mapping[str, str]) -> DeliveryReport:
    timestamps = (fields.get(name, '').strip() for name in ('dateAnswer', 'dateSend'))
    timestamp = next((timestamp for timestamp in timestamps if timestamp.strip('0')), '')
    return DeliveryReport(
        parse_identifier(fields, 'id'),
        parse_identifier(fields, 'status'),
        at=parse_timestamp(timestamp, 'dateAnswer') if timestamp else None,
    )


PROVIDER = Provider(
    'smsaero',
    'SMS Aero',
    parse_receipts,
    normalize_id=normalize_number,
    create_account=SmsAeroAccount,
    balance_settings=('balance_login', 'balance_key'),
    receipt_fields={
        'id': 'Identifier of the message at SMS Aero',
        'status': 'Status code',
        'dateAnswer': 'Time of the status: Unix timestamp in seconds',
        'dateSend': 'Time of sending: Unix timestamp in seconds, if there is no `dateAnswer`',
    },
)
