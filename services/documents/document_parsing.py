"""An incoming document, from a file or a program, and the parsers of its values.

Like the parsers in services.ingest.message_parsing, they raise InvalidValueError with the field and the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from models import DocumentOperation, DocumentStatus
from services import texts
from services.documents import snils
from services.ingest import message_parsing
from services.ingest.file_import.local_times import parse_local_time
from services.ingest.validation import IncomingField, InvalidValueError, InvalidValueReason

OPERATIONS_BY_NAME = {name.casefold(): operation for operation, name in texts.DOCUMENT_OPERATIONS.items()}
STATUSES_BY_NAME = {name.casefold(): status for status, name in texts.DOCUMENT_STATUSES.items()}


class DocumentField(IncomingField):
    """The fields of a document, in the order of the columns of a file."""

    ID = 'id', texts.IDENTIFIER
    AT = 'at', texts.DOCUMENT_AT
    ORGANIZATION = 'organization', texts.ORGANIZATION
    PATIENT_NAME = 'patient_name', texts.PATIENT
    SNILS = 'snils', texts.SNILS
    KIND = 'kind', texts.DOCUMENT_KIND
    OPERATION = 'operation', texts.OPERATION
    STATUS = 'status', texts.DOCUMENT_STATUS
    REMD_NUMBER = 'remd_number', texts.REMD_NUMBER
    DOCTOR = 'doctor', texts.DOCTOR
    ERROR_CODE = 'error_code', texts.ERROR_CODE
    ERROR_TEXT = 'error_text', texts.ERROR_TEXT


OPTIONAL_COLUMNS = tuple(
    field.column
    for field in (DocumentField.REMD_NUMBER, DocumentField.DOCTOR, DocumentField.ERROR_CODE, DocumentField.ERROR_TEXT)
)
"""Titles of the columns that a file may omit."""


@dataclass(frozen=True)
class IncomingDocument:
    """A document as its sender knows it. None means that the sender does not know the value, or that there is none."""

    id: UUID
    at: datetime
    organization: str
    patient_name: str
    snils: str | None
    """Eleven digits."""
    kind: str
    operation: DocumentOperation
    status: DocumentStatus
    remd_number: str | None
    doctor: str | None
    error_code: str | None
    error_text: str | None

    def __post_init__(self) -> None:
        """Validate the values together; raises InvalidValueError."""
        if self.status != DocumentStatus.FAILED:
            for field in (DocumentField.ERROR_CODE, DocumentField.ERROR_TEXT):
                if getattr(self, field):
                    raise InvalidValueError(field, InvalidValueReason.NOT_FAILED)


def parse_document_fields(values: Mapping[Any, str], at: datetime | None) -> IncomingDocument:
    """Parse a document from its values as people write them; optional values may be missing.

    Args:
        values: texts by DocumentField.
        at: the time of its status, already parsed, because a file and the API write times differently; None if missing.

    Raises:
        InvalidValueError: the first field that cannot be parsed.
    """
    field = DocumentField
    if at is None:
        raise InvalidValueError(field.AT, InvalidValueReason.MISSING)
    return IncomingDocument(
        id=message_parsing.parse_id(values[field.ID], field.ID),
        at=at,
        organization=message_parsing.parse_line(values[field.ORGANIZATION], field.ORGANIZATION),
        patient_name=message_parsing.parse_line(values[field.PATIENT_NAME], field.PATIENT_NAME),
        snils=parse_snils(values[field.SNILS]),
        kind=message_parsing.parse_line(values[field.KIND], field.KIND),
        operation=_parse_enum(
            values[field.OPERATION], field.OPERATION, OPERATIONS_BY_NAME, InvalidValueReason.UNKNOWN_OPERATION
        ),
        status=_parse_enum(
            values[field.STATUS], field.STATUS, STATUSES_BY_NAME, InvalidValueReason.UNKNOWN_DOCUMENT_STATUS
        ),
        remd_number=message_parsing.parse_optional(values.get(field.REMD_NUMBER, ''), field.REMD_NUMBER),
        doctor=message_parsing.parse_optional(values.get(field.DOCTOR, ''), field.DOCTOR),
        error_code=message_parsing.parse_optional(
            values.get(field.ERROR_CODE, ''), field.ERROR_CODE, max_length=message_parsing.MAX_ERROR_CODE_LENGTH
        ),
        error_text=message_parsing.parse_optional(
            values.get(field.ERROR_TEXT, ''), field.ERROR_TEXT, max_length=message_parsing.MAX_ERROR_NAME_LENGTH
        ),
    )


def parse_document_row(values: Mapping[Any, str], zone: tzinfo) -> IncomingDocument:
    """Parse a document from the cells of a row, with times in `zone`; raises InvalidValueError."""
    return parse_document_fields(values, parse_local_time(values[DocumentField.AT], DocumentField.AT, zone))


def parse_snils(value: str) -> str | None:
    """Parse a СНИЛС with its check digits, in any notation; return its digits, or None for an empty value."""
    line = message_parsing.parse_optional(value, DocumentField.SNILS)
    if line is None:
        return None
    number = ''.join(filter(str.isdecimal, line))
    if len(number) != snils.LENGTH or not number.isascii() or line.strip('0123456789- '):
        raise InvalidValueError(DocumentField.SNILS, InvalidValueReason.NOT_SNILS, line)
    if not snils.is_valid(number):
        raise InvalidValueError(DocumentField.SNILS, InvalidValueReason.WRONG_SNILS, line)
    return number


def document_from_row(row: Any) -> IncomingDocument:
    """Build a document from a stored row, which must also have the names of its organisation and kind."""
    return IncomingDocument(**{field: getattr(row, field) for field in DocumentField})


def _parse_enum(value: str, field: DocumentField, values_by_name: Mapping[str, Any], reason: InvalidValueReason) -> Any:
    line = message_parsing.parse_line(value, field)
    try:
        return values_by_name[line.casefold()]
    except KeyError:
        raise InvalidValueError(field, reason, line) from None
