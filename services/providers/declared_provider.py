"""The provider that follows from a declaration: how its receipts are parsed and authenticated, and what codes mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Final

from services import texts
from services.ingest import message_parsing
from services.ingest.message_parsing import MAX_ERROR_CODE_LENGTH
from services.ingest.validation import InvalidValueError
from services.messages.reading.status_names import STATUSES
from services.providers import request_signature, smpp_receipt
from services.providers.declaration import (
    ISO_8601,
    UNIX_MILLISECONDS,
    UNIX_SECONDS,
    FieldNames,
    ProviderDeclaration,
    SmppFieldNames,
    TimeFormat,
)
from services.providers.declared_balance import DeclaredAccount, required_settings
from services.providers.message_ids import normalize_number, normalize_uuid
from services.providers.provider import Provider, ProviderCode
from services.receipts.delivery_report import (
    ERROR_LIST,
    STATUS_LIST,
    DeliveryReport,
    InvalidReceiptError,
    ParsedReceipts,
    check_time,
    numbered,
    parse_each,
    parse_identifier,
    parse_timestamp,
)

ROUBLE_CODES: Final = frozenset({'RUB', '643', 'RUR'})
"""The codes of the rouble in ISO 4217, and the one before 1998, which is still in use."""
FIELD_DESCRIPTIONS: Final = {
    'id': 'Identifier of the message',
    'status': 'Status code',
    'error': 'Error code',
    'time': 'Time of the status',
    'phone': 'Phone number of the recipient',
    'cost': 'Cost of the message',
    'currency': 'Currency of the cost; only roubles are read',
    'parts': 'Number of SMS parts of the message',
    'text': 'Text of the SMPP receipt: `id:… stat:… err:…`',
    'receipted_message_id': 'Identifier of the message, instead of `id:` in the text',
    'message_state': 'State of the message as the number of SMPP, instead of `stat:` in the text',
    'network_error_code': 'Error of the operator as three bytes in hexadecimal digits, instead of `err:` in the text',
}


def build_provider(key: str, declaration: ProviderDeclaration) -> Provider:
    """Build the provider that a file describes; `key` is the name of the file."""
    parser = _ReceiptParser(declaration)
    balance = declaration.balance
    is_authentic = partial(request_signature.is_authentic, declaration)
    return Provider(
        key,
        declaration.title,
        parser.parse_receipts,
        has_valid_signature=is_authentic if declaration.signature or declaration.key_field else None,
        key_header=declaration.key_header,
        methods=frozenset(declaration.methods),
        receipt_list=declaration.receipts,
        acknowledgement=declaration.answer,
        has_operator_codes=declaration.operator_errors,
        codes=_codes(declaration),
        receipt_fields=_describe_fields(declaration),
        receipts_have_phone=declaration.fields is not None and declaration.fields.phone is not None,
        normalize_id=normalize_number if declaration.ids == 'number' else normalize_uuid,
        time_zone=declaration.time.zone,
        create_account=partial(DeclaredAccount, declaration.title, balance) if balance else None,
        balance_settings=required_settings(balance) if balance else (),
    )


def _codes(declaration: ProviderDeclaration) -> dict[tuple[str, str], ProviderCode]:
    """Return the meaning of all codes; without advice of its own, a failure is a question for the provider."""
    ask = texts.PROVIDER_ASK.format(provider=declaration.title)
    codes = {}
    for code, status in declaration.statuses.items():
        advice = status.advice or (ask if status.status == 'failed' else '')
        meaning = STATUSES[status.status] if status.status else None
        codes[STATUS_LIST, code.casefold()] = ProviderCode(status.name, meaning, status.final, advice)
    for code, reason in declaration.errors.items():
        codes[ERROR_LIST, code.casefold()] = ProviderCode(reason.name, None, final=False, advice=reason.advice or ask)
    return codes


def _describe_fields(declaration: ProviderDeclaration) -> dict[str, str]:
    """Return the fields of a receipt with their meaning; a nested one occurs in JSON only, and is left out."""
    table = declaration.fields or declaration.smpp
    names = table.model_dump(exclude_none=True) if table else {}
    return {name: FIELD_DESCRIPTIONS[meaning] for meaning, name in names.items() if '.' not in name}


@dataclass(frozen=True)
class _ReceiptParser:
    """Parses the receipts of one provider."""

    declaration: ProviderDeclaration

    def parse_receipts(self, forms: Sequence[Mapping[str, str]]) -> ParsedReceipts:
        """Parse every receipt of a request; see Provider.parse_receipts."""
        return parse_each(numbered(forms), self._parse)

    def _parse(self, fields: Mapping[str, str]) -> DeliveryReport:
        declaration = self.declaration
        if declaration.fields:
            return self._parse_fields(fields, declaration.fields)
        assert declaration.smpp
        return self._parse_smpp(fields, declaration.smpp)

    def _parse_fields(self, fields: Mapping[str, str], names: FieldNames) -> DeliveryReport:
        time = fields.get(names.time, '').strip() if names.time else ''
        return DeliveryReport(
            provider_id=parse_identifier(fields, names.id),
            code=parse_identifier(fields, names.status),
            error=self._code_of_error(fields.get(names.error) if names.error else None),
            at=parse_time(time, self.declaration.time, names.time) if time and names.time else None,
            phone=fields.get(names.phone, '') if names.phone else '',
            cost=_parse_cost(fields, names),
            parts=_parse_parts(fields, names),
        )

    def _parse_smpp(self, fields: Mapping[str, str], names: SmppFieldNames) -> DeliveryReport:
        """Parse the text of an SMPP receipt; its optional parameters precede, because they have one form only."""
        receipt = fields.get(names.text, '')
        id = fields.get(names.receipted_message_id, '').strip() or smpp_receipt.find_id(receipt)
        parameter = fields.get(names.message_state, '').strip()
        state = smpp_receipt.state_of_parameter(parameter) if parameter else smpp_receipt.find_state(receipt)
        network_error = fields.get(names.network_error_code, '').strip()
        error = smpp_receipt.error_of_parameter(network_error) if network_error else smpp_receipt.find_error(receipt)
        try:
            done_at = smpp_receipt.find_done_date(receipt)
        except ValueError:
            raise InvalidReceiptError(names.text) from None
        return DeliveryReport(
            provider_id=parse_identifier({names.text: id or ''}, names.text),
            code=parse_identifier({names.text: state or ''}, names.text),
            error=self._code_of_error(error),
            at=check_time(done_at, names.text) if done_at else None,
        )

    def _code_of_error(self, error: str | None) -> str | None:
        """Return an error code; None for no error, and for a longer text, which must not make the status unreadable."""
        code = (error or '').strip()
        is_code = code.isprintable() and 0 < len(code) <= MAX_ERROR_CODE_LENGTH
        return code if is_code and code not in self.declaration.no_error else None


def _parse_cost(fields: Mapping[str, str], names: FieldNames) -> Decimal | None:
    """Return the cost; None if there is none in roubles. A wrong one must not make the status unreadable."""
    if not names.cost:
        return None
    if names.currency and fields.get(names.currency, '').strip().upper() not in ROUBLE_CODES:
        return None
    try:
        return message_parsing.parse_optional_cost(fields.get(names.cost, ''))
    except InvalidValueError:
        return None


def _parse_parts(fields: Mapping[str, str], names: FieldNames) -> int | None:
    """Return the number of parts; None if there is none, or no such number."""
    try:
        return message_parsing.parse_parts(fields.get(names.parts, '')) if names.parts else None
    except InvalidValueError:
        return None


def parse_time(text: str, form: TimeFormat, name: str) -> datetime:
    """Parse the time of a receipt.

    Args:
        text: the time as the provider writes it.
        form: how it is written.
        name: the name of the field.

    Returns:
        The time: aware, or naive in the time zone of the provider.

    Raises:
        InvalidReceiptError: the text is not such a time, or out of range.
    """
    if form.format == UNIX_SECONDS:
        return parse_timestamp(text, name)
    if form.format == UNIX_MILLISECONDS:
        if not text.isascii() or not text.isdigit():
            raise InvalidReceiptError(name)
        return parse_timestamp(text[:-3] or '0', name)
    try:
        moment = datetime.fromisoformat(text) if form.format == ISO_8601 else datetime.strptime(text, form.format)
        return check_time(moment, name)
    except (ValueError, OverflowError):
        raise InvalidReceiptError(name) from None
