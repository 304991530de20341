"""Ingest of documents: each is recorded once, and the most recent status wins in any order; import of files."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from models import DocumentStatus
from services import texts
from services.access_scope.organization_scope import OrganizationScope
from services.database.engine import Database
from services.documents import document_ingest
from services.documents.document_ingest import DOCUMENT_FORMAT, SubmittedDocument
from services.documents.document_parsing import IncomingDocument
from services.documents.document_service import DocumentDetails, DocumentService
from services.ingest.file_import.file_import import import_file
from services.ingest.file_import.import_report import ImportReport
from services.ingest.message_ingest import IngestOutcome, Sender
from services.ingest.table_files.file_errors import InvalidFileError
from tests.helpers.factories import SENT_AT as NOON
from tests.helpers.factories import document_cells, incoming_document, write_csv
from tests.helpers.reference_messages import MOSCOW

MAILER = Sender('mailer')
LATER = NOON + timedelta(seconds=90)
COLUMNS = (*DOCUMENT_FORMAT.required, *DOCUMENT_FORMAT.optional)


def record(database: Database, *documents: IncomingDocument) -> list[IngestOutcome]:
    """Record documents in one transaction."""
    return database.write_sync(lambda session: document_ingest.ingest_imported_documents(session, documents))


def submit(database: Database, *documents: SubmittedDocument, sender: Sender = MAILER) -> list[IngestOutcome]:
    """Record what a program submits in one transaction."""
    pairs = [(document, sender) for document in documents]
    return database.write_sync(lambda session: document_ingest.ingest_documents(session, pairs))


async def read_details(database: Database, id: UUID) -> DocumentDetails:
    """Return the details of a document, which must exist."""
    details = await DocumentService(database, MOSCOW).details(id)
    assert details is not None
    return details


async def test_a_document_is_created_once_and_moves_on(database: Database) -> None:
    id = uuid4()
    waiting = incoming_document(id=id, status=DocumentStatus.PROCESSING, doctor='Павлов Иван Ильич')
    failed = incoming_document(
        id=id, at=LATER, status=DocumentStatus.FAILED, error_code='E7', error_text='Подпись не верна'
    )
    assert record(database, waiting, waiting) == [IngestOutcome.CREATED, IngestOutcome.UNCHANGED]
    assert record(database, failed, waiting) == [IngestOutcome.UPDATED, IngestOutcome.UNCHANGED]
    assert record(database, waiting, failed) == [IngestOutcome.UNCHANGED, IngestOutcome.UNCHANGED]
    details = await read_details(database, id)
    assert (details.document.status, details.document.at, details.document.doctor) == (
        DocumentStatus.FAILED,
        LATER,
        'Павлов Иван Ильич',
    )
    assert [(step.at, step.status, step.words) for step in details.history] == [
        (NOON, DocumentStatus.PROCESSING, None),
        (LATER, DocumentStatus.FAILED, 'Подпись не верна'),
    ]


async def test_the_most_recent_status_wins_in_any_order(database: Database) -> None:
    for order in permutations(
        [
            (NOON, DocumentStatus.PROCESSING, 'Павлов'),
            (NOON, DocumentStatus.REGISTERED, None),
            (LATER, DocumentStatus.FAILED, None),
            (LATER + timedelta(hours=1), DocumentStatus.REGISTERED, None),
        ]
    ):
        id = uuid4()
        for at, status, doctor in order:
            record(database, incoming_document(id=id, at=at, status=status, doctor=doctor))
        details = await read_details(database, id)
        assert (details.document.status, details.document.doctor) == (DocumentStatus.REGISTERED, 'Павлов')
        assert details.document.at == LATER + timedelta(hours=1)
        assert [step.status for step in details.history] == [
            DocumentStatus.PROCESSING,
            DocumentStatus.REGISTERED,
            DocumentStatus.FAILED,
            DocumentStatus.REGISTERED,
        ]


async def test_a_file_without_seconds_does_not_replace_times_with_seconds(database: Database) -> None:
    id = uuid4()
    exact = incoming_document(id=id, at=NOON + timedelta(seconds=23))
    assert record(database, exact, incoming_document(id=id, at=NOON)) == [
        IngestOutcome.CREATED,
        IngestOutcome.UNCHANGED,
    ]
    registered = incoming_document(id=id, at=NOON, status=DocumentStatus.FAILED)
    assert record(database, registered) == [IngestOutcome.UPDATED]
    assert (await read_details(database, id)).document.at == NOON + timedelta(seconds=23)


def test_a_sender_cannot_update_documents_of_another_organisation(database: Database) -> None:
    ours = incoming_document()
    record(database, ours)
    stranger = Sender('stranger', OrganizationScope(frozenset({2})), frozenset({'другая больница'}))
    assert submit(database, SubmittedDocument(ours), sender=stranger) == [IngestOutcome.OTHER_ORGANIZATION]


@pytest.mark.parametrize(
    ('stored', 'changes', 'is_conflict'),
    [
        ({'snils': None}, {'patient_name': 'Другая Анна Петровна'}, True),
        ({}, {'patient_name': 'Другая Анна Петровна', 'snils': '16000000018'}, True),
        ({}, {'snils': '16000000018'}, True),
        ({}, {'patient_name': 'Другая Анна Петровна'}, False),
        ({'snils': None, 'patient_name': 'Королёв Иван'}, {'patient_name': 'КОРОЛЕВ ИВАН'}, False),
        ({'snils': None}, {'snils': '11223344595'}, False),
    ],
)
async def test_another_patient_is_refused_until_it_is_said_to_replace(
    database: Database, stored: dict[str, Any], changes: dict[str, Any], is_conflict: bool
) -> None:
    document = incoming_document(**stored)
    other = replace(document, **changes)
    outcome = IngestOutcome.OTHER_RECIPIENT if is_conflict else IngestOutcome.UPDATED
    assert submit(database, SubmittedDocument(document), SubmittedDocument(other)) == [IngestOutcome.CREATED, outcome]
    if is_conflict:
        assert (await read_details(database, document.id)).document == document
        assert submit(database, SubmittedDocument(other, replaces=True)) == [IngestOutcome.UPDATED]
    assert (await read_details(database, document.id)).document == other


def test_a_file_replaces_the_patient_as_before(database: Database) -> None:
    document = incoming_document()
    submit(database, SubmittedDocument(document))
    assert record(database, replace(document, snils='16000000018')) == [IngestOutcome.UPDATED]


def import_csv(database: Database, path: Path) -> ImportReport:
    """Import a file with Moscow times."""
    return import_file(database, path, MOSCOW, DOCUMENT_FORMAT)


@pytest.mark.parametrize('encoding', ['utf-8-sig', 'cp1251'])
@pytest.mark.parametrize('columns', [COLUMNS, COLUMNS[::-1]])
async def test_a_repeated_import_changes_nothing(
    database: Database, tmp_path: Path, encoding: str, columns: Sequence[str]
) -> None:
    rows = [document_cells({texts.SNILS: ''}), document_cells()]
    path = write_csv(tmp_path / 'documents.csv', rows, columns=columns, encoding=encoding)
    assert import_csv(database, path) == ImportReport(2, 0, 0, 0, None)
    assert import_csv(database, path) == ImportReport(0, 0, 2, 0, None)
    document = (await read_details(database, UUID(rows[1][texts.IDENTIFIER]))).document
    assert (document.snils, document.status, document.error_text) == (
        '11223344595',
        DocumentStatus.FAILED,
        'Подпись не верна',
    )
    assert (await read_details(database, UUID(rows[0][texts.IDENTIFIER]))).document.snils is None


INVALID_ROWS = {
    texts.IDENTIFIER: 'не-uuid',
    texts.DOCUMENT_AT: '31.02.2026 10:00',
    texts.ORGANIZATION: ' ',
    texts.PATIENT: '',
    texts.SNILS: '112-233-445 96',
    texts.DOCUMENT_KIND: '',
    texts.OPERATION: 'Поздравление',
    texts.DOCUMENT_STATUS: 'Отправлено',
    texts.REMD_NUMBER: 'ы' * 301,
    texts.DOCTOR: 'нуль \x00 внутри',
}


def test_each_fault_is_refused_with_its_line_and_reason(database: Database, tmp_path: Path) -> None:
    rows = [document_cells({column: fault}) for column, fault in INVALID_ROWS.items()]
    rows += [
        document_cells({texts.SNILS: '12'}),
        document_cells({texts.DOCUMENT_AT: ''}),
        document_cells({texts.DOCUMENT_STATUS: 'В обработке'}),
    ]
    report = import_csv(database, write_csv(tmp_path / 'documents.csv', [*rows, document_cells()], columns=COLUMNS))
    assert (report.created, report.rejected) == (1, len(rows))
    assert report.rejects_path == tmp_path / 'documents.refused.csv'
    with report.rejects_path.open(encoding='utf-8-sig', newline='') as file:
        rejected = list(csv.DictReader(file, delimiter=';'))
    assert [int(row['Номер строки']) for row in rejected] == list(range(2, len(rows) + 2))
    invalid_columns = [*INVALID_ROWS, texts.SNILS, texts.DOCUMENT_AT, texts.ERROR_CODE]
    for row, column in zip(rejected, invalid_columns, strict=True):
        assert row['Причина'].startswith(f'«{column}»: '), row
    assert 'контрольное число не сходится' in rejected[4]['Причина']


def test_a_file_of_messages_is_no_file_of_documents(database: Database, tmp_path: Path) -> None:
    path = tmp_path / 'messages.csv'
    path.write_text('Код;ФИО получателя\n', 'utf-8')
    with pytest.raises(InvalidFileError, match='«Идентификатор», «Дата и время»'):
        import_csv(database, path)
