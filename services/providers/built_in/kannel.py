"""Kannel, an SMS gateway: receipts from its `dlr-url`, which must be configured as

    …/receipts/kannel?key=KEY&id=ID&status=%d&reply=%A&ts=%T&smsc=%i

Source: https://www.kannel.org/download/kannel-userguide-snapshot/userguide.html#delivery-reports: %d is 1 delivered to
the phone, 2 not delivered, 4 queued at the SMSC, 8 delivered to the SMSC, 16 rejected by the SMSC; %A is the SMSC's
response; %T is a Unix timestamp, or `yyyy-mm-dd hh:mm:ss` in UTC if the gateway uses %t instead; %i is the `smsc-id` of
the connection to the operator. The identifier is the one in the `dlr-url`, and names one message.

The response has two forms. If the SMSC rejects a message, Kannel writes `NACK/<command_status>/<text>`, with the
command_status of SMPP as `0x%08lx` (gw/smsc/smsc_smpp.c), or `NACK/<text>` if it did not submit the message
(gw/bb_smscconn.c). A delivery receipt is passed on as the SMSC sends it; services.providers.smpp_receipt describes it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from services.providers import smpp_receipt
from services.providers.provider import Provider
from services.receipts.delivery_report import (
    COMMAND_STATUS_LIST,
    NACK_LIST,
    OPERATOR_LIST,
    DeliveryReport,
    ParsedReceipts,
    numbered,
    parse_each,
    parse_identifier,
    parse_local_time,
    parse_timestamp,
)

# A code is at most MAX_ERROR_CODE_LENGTH characters long, see services.ingest.message_parsing; longer text is none.
COMMAND_STATUS_PATTERN = re.compile(r'NACK/(0x[0-9a-f]{1,8})(?![^/])', re.IGNORECASE)
NACK_PATTERN = re.compile(r'NACK/([^/]{1,50})(?![^/])', re.IGNORECASE)


def parse_receipts(forms: Sequence[Mapping[str, str]]) -> ParsedReceipts:
    """Parse the query string of a receipt."""
    return parse_each(numbered(forms), _parse_report)


def _parse_report(fields: Mapping[str, str]) -> DeliveryReport:
    reply = fields.get('reply', '').strip()
    error, error_list = _find_error(reply)
    return DeliveryReport(
        provider_id=parse_identifier(fields, 'id'),
        code=parse_identifier(fields, 'status'),
        error=error,
        at=_parse_time(fields.get('ts', '').strip()),
        error_list=error_list,
        message_state=smpp_receipt.find_state(reply),
        operator=parse_identifier(fields, 'smsc') if fields.get('smsc', '').strip() else '',
    )


def _find_error(reply: str) -> tuple[str | None, str]:
    """Return the most specific code in the SMSC's response, and its list."""
    for pattern, error_list in ((COMMAND_STATUS_PATTERN, COMMAND_STATUS_LIST), (NACK_PATTERN, NACK_LIST)):
        if (match := pattern.match(reply)) and match[1].isprintable():
            return match[1], error_list
    return smpp_receipt.find_error(reply), OPERATOR_LIST


def _parse_time(value: str) -> datetime | None:
    if not value:
        return None
    if value.isdigit():
        return parse_timestamp(value, 'ts')
    return parse_local_time(value, '%Y-%m-%d %H:%M:%S', 'ts')


PROVIDER = Provider(
    'kannel',
    'Kannel',
    parse_receipts,
    has_operator_codes=True,
    receipt_fields={
        'id': 'Identifier of the message: its own id, or the identifier that a status report has named',
        'status': 'Kannel’s %d: 1, 2, 4, 8 or 16',
        'reply': 'Kannel’s %A: the response of the operator, with the reason of a failure',
        'ts': 'Kannel’s %T: Unix timestamp in seconds',
        'smsc': 'Kannel’s %i: name of the connection, whose error codes the administrator can describe',
    },
)
