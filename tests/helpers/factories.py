"""Factories of complete objects with ordinary values: a test names only the values it is about."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

from models import CostSource, DocumentOperation, DocumentStatus, MessageChannel, MessageKind, MessageStatus
from services import texts
from services.documents.document_parsing import IncomingDocument
from services.ingest.file_import.message_format import MESSAGE_FORMAT
from services.ingest.message_parsing import IncomingMessage

SENT_AT = datetime(2026, 11, 20, 10, 56, tzinfo=UTC)


def incoming_message(
    *,
    id: UUID | None = None,
    recipient_name: str = 'Королёв Иван Петрович',
    phone: str = '+79161234567',
    appointment_at: datetime | None = datetime(2026, 11, 24, 15, 48, tzinfo=UTC),
    organization: str = 'ГБУЗ МО «Химкинская областная больница»',
    kind: MessageKind | str = MessageKind.REMINDER,
    status: MessageStatus = MessageStatus.SENT,
    queued_at: datetime | None = datetime(2026, 11, 20, 10, 50, tzinfo=UTC),
    attempted_at: datetime | None = None,
    sent_at: datetime | None = None,
    cost: Decimal = Decimal('3.10'),
    text: str = 'Иван Петрович, ждём Вас 24.11.2026 в 18:48. Отмена: 122',
    error_code: str | None = None,
    error_name: str | None = None,
    phone_note: str | None = None,
    parts: int | None = None,
    sender: str | None = None,
    channel: MessageChannel | None = None,
    cost_source: CostSource | None = None,
) -> IncomingMessage:
    """Build an incoming message with a new id: sent on 20.11.2026 at 13:56 in Moscow, unless it has another status."""
    return IncomingMessage(
        id=id or uuid4(),
        recipient_name=recipient_name,
        phone=phone,
        appointment_at=appointment_at,
        organization=organization,
        kind=texts.KINDS[kind] if isinstance(kind, MessageKind) else kind,
        status=status,
        queued_at=queued_at,
        attempted_at=attempted_at,
        sent_at=sent_at or (SENT_AT if status == MessageStatus.SENT else None),
        cost=cost,
        text=text,
        error_code=error_code,
        error_name=error_name,
        phone_note=phone_note,
        parts=parts,
        sender=sender,
        channel=channel,
        cost_source=cost_source,
    )


def incoming_document(
    *,
    id: UUID | None = None,
    at: datetime = SENT_AT,
    organization: str = 'ГБУЗ МО «Химкинская областная больница»',
    patient_name: str = 'Королёв Иван Петрович',
    snils: str | None = '11223344595',
    kind: str = 'Протокол консультации',
    operation: DocumentOperation = DocumentOperation.REGISTRATION,
    status: DocumentStatus = DocumentStatus.REGISTERED,
    remd_number: str | None = None,
    doctor: str | None = None,
    error_code: str | None = None,
    error_text: str | None = None,
) -> IncomingDocument:
    """Build an incoming document with a new id: registered, unless it has another status."""
    return IncomingDocument(
        id=id or uuid4(),
        at=at,
        organization=organization,
        patient_name=patient_name,
        snils=snils,
        kind=kind,
        operation=operation,
        status=status,
        remd_number=remd_number,
        doctor=doctor,
        error_code=error_code,
        error_text=error_text,
    )


def message_cells(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Build a row of an import file of messages, by column, with a new code; `changes` may add columns."""
    return {
        texts.CODE: str(uuid4()),
        texts.RECIPIENT: 'Королёв Иван Петрович',
        texts.PHONE: '+7 (916) 123-45-67',
        texts.APPOINTMENT: '24.11.2026 18:48',
        texts.ORGANIZATION: 'ГБУЗ МО «Химкинская областная больница»',
        texts.KIND: 'Напоминание',
        texts.SENT_AT: '20.11.2026 13:56',
        texts.STATUS: 'Отправлено',
        texts.COST: '3,10',
        texts.TEXT: 'Иван Петрович, ждём Вас 24.11.2026 в 18:48. Отмена: 122',
        texts.ERROR_CODE: '',
        texts.ERROR_NAME: '',
        **(changes or {}),
    }


def document_cells(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Build a row of an import file of documents, by column, with a new id."""
    return {
        texts.IDENTIFIER: str(uuid4()),
        texts.DOCUMENT_AT: '20.11.2026 13:56',
        texts.ORGANIZATION: 'ГБУЗ МО «Химкинская областная больница»',
        texts.PATIENT: 'Королёв Иван Петрович',
        texts.SNILS: '112-233-445 95',
        texts.DOCUMENT_KIND: 'Протокол консультации',
        texts.OPERATION: 'Регистрация',
        texts.DOCUMENT_STATUS: 'ошибка регистрации',
        texts.REMD_NUMBER: '',
        texts.DOCTOR: 'Павлов Иван Ильич',
        texts.ERROR_CODE: 'E7',
        texts.ERROR_TEXT: 'Подпись не верна',
        **(changes or {}),
    }


def write_csv(
    path: Path,
    rows: Iterable[Mapping[str, str]],
    *,
    columns: Sequence[str] = MESSAGE_FORMAT.required,
    encoding: str = 'utf-8-sig',
    delimiter: str = ';',
) -> Path:
    """Write an import file as a spreadsheet program would save it."""
    with path.open('w', encoding=encoding, newline='') as file:
        writer = csv.DictWriter(file, columns, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path
