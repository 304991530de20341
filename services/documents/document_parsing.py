"""A document coming in, from a file or another program: what it holds, and how each of its values is read.

As services.ingest.message_parsing has it for messages: every function raises `Refused` with the field and the reason.
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
from services.ingest.validation import IncomingField, RefusalReason, Refused

OPERATIONS = {word.casefold(): operation for operation, word in texts.DOCUMENT_OPERATIONS.items()}
STATUSES = {word.casefold(): status for status, word in texts.DOCUMENT_STATUSES.items()}


class DocumentField(IncomingField):
    """What an incoming document consists of."""

    ID = 'id'
    AT = 'at'
    ORGANIZATION = 'organization'
    PATIENT_NAME = 'patient_name'
    SNILS = 'snils'
    KIND = 'kind'
    OPERATION = 'operation'
    STATUS = 'status'
    REMD_NUMBER = 'remd_number'
    DOCTOR = 'doctor'
    ERROR_CODE = 'error_code'
    ERROR_TEXT = 'error_text'

    @property
    def column(self) -> str:
        """See IncomingField."""
        return texts.DOCUMENT_FIELDS[self]


OPTIONAL = tuple(
    field.column
    for field in (DocumentField.REMD_NUMBER, DocumentField.DOCTOR, DocumentField.ERROR_CODE, DocumentField.ERROR_TEXT)
)
"""Columns that a file need not have."""


@dataclass(frozen=True)
class IncomingDocument:
    """A document as its sender knows it. None means that the sender does not know, or that there is none."""

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
        """Refuse what contradicts itself, whichever way it came in."""
        if self.status != DocumentStatus.FAILED:
            for field in (DocumentField.ERROR_CODE, DocumentField.ERROR_TEXT):
                if getattr(self, field):
                    raise Refused(field, RefusalReason.NOT_FAILED)


def read_document(values: Mapping[Any, str], at: datetime | None) -> IncomingDocument:
    """Read a document from its values as people write them; those that are not there are not known.

    Args:
        values: by DocumentField.
        at: its moment, which every way in writes differently; None where it is not said.

    Raises:
        Refused: the first field that cannot be read.
    """
    field = DocumentField
    if at is None:
        raise Refused(field.AT, RefusalReason.MISSING)
    return IncomingDocument(
        id=message_parsing.read_id(values[field.ID], field.ID),
        at=at,
        organization=message_parsing.read_line(values[field.ORGANIZATION], field.ORGANIZATION),
        patient_name=message_parsing.read_line(values[field.PATIENT_NAME], field.PATIENT_NAME),
        snils=read_snils(values[field.SNILS]),
        kind=message_parsing.read_line(values[field.KIND], field.KIND),
        operation=_word(values[field.OPERATION], field.OPERATION, OPERATIONS, RefusalReason.UNKNOWN_OPERATION),
        status=_word(values[field.STATUS], field.STATUS, STATUSES, RefusalReason.UNKNOWN_DOCUMENT_STATUS),
        remd_number=message_parsing.read_optional(values.get(field.REMD_NUMBER, ''), field.REMD_NUMBER),
        doctor=message_parsing.read_optional(values.get(field.DOCTOR, ''), field.DOCTOR),
        error_code=message_parsing.read_optional(
            values.get(field.ERROR_CODE, ''), field.ERROR_CODE, longest=message_parsing.LONGEST_ERROR_CODE
        ),
        error_text=message_parsing.read_optional(
            values.get(field.ERROR_TEXT, ''), field.ERROR_TEXT, longest=message_parsing.LONGEST_ERROR_NAME
        ),
    )


def read_row(values: Mapping[Any, str], zone: tzinfo) -> IncomingDocument:
    """Read a document from the cells of a file's row; raises as `read_document` does."""
    return read_document(values, message_parsing.read_local_time(values[DocumentField.AT], DocumentField.AT, zone))


def read_snils(value: str) -> str | None:
    """Read a СНИЛС with its check digits, in any notation; nothing for an empty value."""
    line = message_parsing.read_optional(value, DocumentField.SNILS)
    if line is None:
        return None
    number = ''.join(filter(str.isdecimal, line))
    if len(number) != snils.LENGTH or not number.isascii() or line.strip('0123456789- '):
        raise Refused(DocumentField.SNILS, RefusalReason.NOT_SNILS, line)
    if not snils.is_right(number):
        raise Refused(DocumentField.SNILS, RefusalReason.WRONG_SNILS, line)
    return number


def as_told(row: Any) -> IncomingDocument:
    """Give a stored document as its sender told it; the row has the names of organisation and kind too."""
    return IncomingDocument(**{field: getattr(row, field) for field in DocumentField})


def _word(value: str, field: DocumentField, words: Mapping[str, Any], reason: RefusalReason) -> Any:
    line = message_parsing.read_line(value, field)
    try:
        return words[line.casefold()]
    except KeyError:
        raise Refused(field, reason, line) from None
