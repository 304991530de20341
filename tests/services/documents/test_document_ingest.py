"""Documents coming in: each once, the newest decides, whatever the order; files as of messages."""

import csv
from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from models import DocumentStatus
from services import texts
from services.database.engine import Database
from services.documents import document_ingest
from services.documents.document_ingest import DOCUMENTS
from services.documents.document_parsing import IncomingDocument
from services.documents.document_service import Exchange, OpenedDocument
from services.ingest.csv_import.csv_file import UnusableFile
from services.ingest.csv_import.file_import import ImportReport, import_file
from services.ingest.message_ingest import Outcome, Teller
from tests.helpers.factories import SENT_AT as NOON
from tests.helpers.factories import csv_file, document, document_cells
from tests.helpers.reference_messages import MOSCOW

LATER = NOON + timedelta(seconds=90)
COLUMNS = (*DOCUMENTS.required, *DOCUMENTS.optional)


def record(database: Database, *documents: IncomingDocument) -> list[Outcome]:
    """Record documents in one transaction."""
    return database.write_now(lambda session: document_ingest.record(session, documents))


async def opened(database: Database, id: UUID) -> OpenedDocument:
    """Look a document up."""
    found = await Exchange(database, MOSCOW).details(id)
    assert found is not None
    return found


async def test_a_document_is_created_once_and_moves_on(database: Database) -> None:
    id = uuid4()
    waiting = document(id=id, status=DocumentStatus.PROCESSING, doctor='Павлов Иван Ильич')
    failed = document(id=id, at=LATER, status=DocumentStatus.FAILED, error_code='E7', error_text='Подпись не верна')
    assert record(database, waiting, waiting) == [Outcome.CREATED, Outcome.UNCHANGED]
    assert record(database, failed, waiting) == [Outcome.UPDATED, Outcome.UNCHANGED]
    assert record(database, waiting, failed) == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    found = await opened(database, id)
    assert (found.document.status, found.document.at, found.document.doctor) == (
        DocumentStatus.FAILED,
        LATER,
        'Павлов Иван Ильич',
    )
    assert [(step.at, step.status, step.words) for step in found.steps] == [
        (NOON, DocumentStatus.PROCESSING, None),
        (LATER, DocumentStatus.FAILED, 'Подпись не верна'),
    ]


async def test_the_newest_decides_whatever_the_order(database: Database) -> None:
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
            record(database, document(id=id, at=at, status=status, doctor=doctor))
        found = await opened(database, id)
        assert (found.document.status, found.document.doctor) == (DocumentStatus.REGISTERED, 'Павлов')
        assert found.document.at == LATER + timedelta(hours=1)
        assert [step.status for step in found.steps] == [
            DocumentStatus.PROCESSING,
            DocumentStatus.REGISTERED,
            DocumentStatus.FAILED,
            DocumentStatus.REGISTERED,
        ]


async def test_a_file_that_says_minutes_does_not_take_seconds_away(database: Database) -> None:
    id = uuid4()
    exact = document(id=id, at=NOON + timedelta(seconds=23))
    assert record(database, exact, document(id=id, at=NOON)) == [Outcome.CREATED, Outcome.UNCHANGED]
    registered = document(id=id, at=NOON, status=DocumentStatus.FAILED)
    assert record(database, registered) == [Outcome.UPDATED]
    assert (await opened(database, id)).document.at == NOON + timedelta(seconds=23)


def test_another_organisation_may_not_speak_of_it(database: Database) -> None:
    ours = document()
    record(database, ours)
    stranger = Teller('stranger', 'Другая больница')
    assert database.write_now(lambda session: document_ingest.hand_over(session, [(ours, stranger)])) == [
        Outcome.FOREIGN
    ]


def load(database: Database, path: Path) -> ImportReport:
    """Import a file by Moscow's clock."""
    return import_file(database, path, MOSCOW, DOCUMENTS)


@pytest.mark.parametrize('encoding', ['utf-8-sig', 'cp1251'])
@pytest.mark.parametrize('columns', [COLUMNS, COLUMNS[::-1]])
async def test_a_file_is_taken_once(database: Database, tmp_path: Path, encoding: str, columns: Sequence[str]) -> None:
    rows = [document_cells({texts.SNILS: ''}), document_cells()]
    path = csv_file(tmp_path / 'documents.csv', rows, columns=columns, encoding=encoding)
    assert load(database, path) == ImportReport(2, 0, 0, 0, None)
    assert load(database, path) == ImportReport(0, 0, 2, 0, None)
    found = (await opened(database, UUID(rows[1][texts.IDENTIFIER]))).document
    assert (found.snils, found.status, found.error_text) == ('11223344595', DocumentStatus.FAILED, 'Подпись не верна')
    assert (await opened(database, UUID(rows[0][texts.IDENTIFIER]))).document.snils is None


FAULTS = {
    texts.IDENTIFIER: 'не-uuid',
    texts.EXCHANGED_AT: '31.02.2026 10:00',
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
    rows = [document_cells({column: fault}) for column, fault in FAULTS.items()]
    rows += [
        document_cells({texts.SNILS: '12'}),
        document_cells({texts.EXCHANGED_AT: ''}),
        document_cells({texts.DOCUMENT_STATUS: 'В обработке'}),
    ]
    report = load(database, csv_file(tmp_path / 'documents.csv', [*rows, document_cells()], columns=COLUMNS))
    assert (report.created, report.refused) == (1, len(rows))
    assert report.refused_path == tmp_path / 'documents.refused.csv'
    with report.refused_path.open(encoding='utf-8-sig', newline='') as file:
        refused = list(csv.DictReader(file, delimiter=';'))
    assert [int(row['Номер строки']) for row in refused] == list(range(2, len(rows) + 2))
    at_fault = [*FAULTS, texts.SNILS, texts.EXCHANGED_AT, texts.ERROR_CODE]
    for row, column in zip(refused, at_fault, strict=True):
        assert row['Причина'].startswith(f'«{column}»: '), row
    assert 'контрольное число не сходится' in refused[4]['Причина']


def test_a_file_of_messages_is_no_file_of_documents(database: Database, tmp_path: Path) -> None:
    path = tmp_path / 'messages.csv'
    path.write_text('Код;ФИО получателя\n', 'utf-8')
    with pytest.raises(UnusableFile, match='«Идентификатор», «Дата и время»'):
        load(database, path)
