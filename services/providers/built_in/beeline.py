"""Билайн (A2P SMS over HTTPS): it sends no receipts, and is asked for the status of a message by its `SMS_ID`.

The request is a form with `user`, `pass`, `action=status` and `sms_id`, the response XML in which each MESSAGE has the
attribute SMS_ID, SMSSTC_CODE with the status and, once it is closed, SMS_CLOSE_TIME; or `errors` with an `error`. The
interface is that of the platform of Амега Информ, by which Билайн was called `beeline.amega-inform.ru` before.
docs/providers.md has the public sources.

A response contains the text and the phone of the message: nothing of it is logged.
"""

from dataclasses import dataclass, field
from datetime import datetime
from xml.etree import ElementTree

from services.providers.message_ids import normalize_number
from services.providers.provider import Provider, ProviderRequest, ProviderUnavailableError, StatusAnswer
from services.receipts.delivery_report import (
    DeliveryReport,
    InvalidReceiptError,
    ParsedReceipts,
    check_time,
    parse_identifier,
)

URL = 'https://a2p-sms-https.beeline.ru/proto/http/'
WRONG_LOGIN = '-20107'
TIME_FORMATS = ('%d.%m.%y %H:%M:%S', '%d.%m.%Y %H:%M:%S')
"""Public clients have both."""


class _TreeWithoutDoctype(ElementTree.TreeBuilder):
    """Refuses a document type: no answer needs one, and its entities could be expanded to any size."""

    def doctype(self, name: str, public_id: str | None, system: str | None) -> None:
        """Refuse the document type."""
        raise ProviderUnavailableError('unreadable: a document type')


@dataclass(frozen=True)
class BeelineAccount:
    """An account at Билайн."""

    login: str
    key: str = field(repr=False)
    """The password."""
    url: str = URL
    name = 'Билайн'

    def build_request(self, provider_id: str) -> ProviderRequest:
        """See StatusAccount."""
        form = {'user': self.login, 'pass': self.key, 'gzip': 'none', 'action': 'status', 'sms_id': provider_id}
        return ProviderRequest(self.url or URL, form=form)

    def parse_response(self, provider_id: str, content: bytes) -> StatusAnswer:
        """See StatusAccount."""
        try:
            root = ElementTree.fromstring(content, ElementTree.XMLParser(target=_TreeWithoutDoctype()))
        except (ElementTree.ParseError, ValueError, LookupError):
            raise ProviderUnavailableError('unreadable: no XML') from None
        for message in root.iter('MESSAGE'):
            if normalize_number(message.get('SMS_ID', '').strip()) == provider_id:
                return StatusAnswer(_parse_message(provider_id, message))
        error = root.find('errors/error')
        if error is None:
            return StatusAnswer()
        code = error.get('code', '').strip()
        if code == WRONG_LOGIN:
            raise ProviderUnavailableError(f'error {code}')
        return StatusAnswer(error=code if code.lstrip('-').isdecimal() and len(code) < len('-1234567') else 'unknown')


def _parse_message(provider_id: str, message: ElementTree.Element) -> DeliveryReport:
    values = {child.tag: child.text or '' for child in message}
    try:
        code = parse_identifier(values, 'SMSSTC_CODE')
    except InvalidReceiptError:
        raise ProviderUnavailableError('unreadable: no SMSSTC_CODE') from None
    return DeliveryReport(provider_id, code, at=_parse_time(values.get('SMS_CLOSE_TIME', '').strip()))


def _parse_time(text: str) -> datetime | None:
    """Parse a time; one that cannot be read must not make the status unreadable, and counts as absent."""
    for form in TIME_FORMATS:
        try:
            return check_time(datetime.strptime(text, form), 'SMS_CLOSE_TIME')
        except (ValueError, InvalidReceiptError):
            continue
    return None


PROVIDER = Provider(
    'beeline',
    'Билайн',
    lambda forms: ParsedReceipts(),
    methods=frozenset(),
    normalize_id=normalize_number,
    time_zone='Europe/Moscow',
    create_status_account=BeelineAccount,
)
