"""An exported file that a spreadsheet has opened and saved repeats what is stored less exactly, and changes nothing."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models import DocumentStatus, MessageChannel, MessageStatus
from services import texts
from services.database.engine import Database
from services.documents.document_ingest import DOCUMENT_FORMAT, ingest_imported_documents
from services.export.export_columns import EXPORT_COLUMNS, csv_cell
from services.ingest.file_import.file_import import import_file
from services.ingest.file_import.import_report import ImportReport
from services.ingest.file_import.message_format import MESSAGE_FORMAT
from services.ingest.ingest_batch import STORED_MESSAGES, Sender
from services.ingest.message_ingest import ingest_imported_messages, ingest_messages
from services.ingest.message_parsing import IncomingMessage
from services.ingest.row_mapping import message_from_row
from services.ingest.table_files.spreadsheet_losses import is_impoverished
from tests.helpers.factories import SENT_AT, document_cells, incoming_document, incoming_message, write_csv

MOSCOW = ZoneInfo('Europe/Moscow')
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)

SENT = incoming_message(
    recipient_name='Королёв "Иван" Петрович',
    appointment_at=datetime(2026, 11, 24, 15, 48, 30, tzinfo=UTC),
    organization='ГБУЗ "Областная больница"',
    queued_at=datetime(2026, 11, 20, 10, 50, 11, tzinfo=UTC),
    sent_at=SENT_AT + timedelta(seconds=7),
    text='"Ждём" вас\n24.11.2026',
    phone_note='007',
    sender='0122',
    channel=MessageChannel.SMS,
)
FAILED = incoming_message(
    status=MessageStatus.FAILED,
    attempted_at=SENT_AT + timedelta(seconds=42),
    error_code='012',
    error_name='Отказ "оператора"',
)


def outcome_counts(report: ImportReport) -> tuple[int, int, int, int]:
    """Return the numbers of created, updated, unchanged and rejected rows."""
    return report.created, report.updated, report.unchanged, report.rejected


def stored(database: Database) -> dict[Any, IncomingMessage]:
    """Return the stored messages by id."""
    rows = database.read_sync(lambda session: session.execute(STORED_MESSAGES).all())
    return {row.id: message_from_row(row) for row in rows}


def ingest(database: Database, by_program: bool) -> dict[Any, IncomingMessage]:
    """Record both messages, as a program or as a file reports them."""
    messages = [SENT, FAILED]
    if by_program:
        pairs = [(message, Sender('МИС')) for message in messages]
        database.write_sync(lambda session: ingest_messages(session, pairs, zone=MOSCOW, now=NOW))
    else:
        database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOW))
    return stored(database)


def save_by_spreadsheet(path: Path, messages: dict[Any, IncomingMessage], **changes: str) -> Path:
    """Write messages as an export does, and then as a spreadsheet that loses what it may lose."""
    rows = []
    for message in messages.values():
        row = {column.title: csv_cell(column, column.value(message, MOSCOW)) for column in EXPORT_COLUMNS}
        row |= {name: row[name][:16] for name in row if name.startswith('Дата и время')}
        row |= {name: row[name].lstrip('0') for name in (texts.ERROR_CODE, texts.PHONE_NOTE, texts.SENDER)}
        rows.append({name: value.replace('"', '') for name, value in row.items()} | changes)
    with path.open('w', encoding='cp1251', newline='') as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=';')
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize('by_program', [True, False])
def test_nothing_poorer_overwrites_what_is_stored(database: Database, tmp_path: Path, by_program: bool) -> None:
    before = ingest(database, by_program)
    assert before[FAILED.id].error_code == '012'
    assert before[SENT.id].sent_at == SENT.sent_at
    path = save_by_spreadsheet(tmp_path / 'a.csv', before)
    report = import_file(database, path, MOSCOW, MESSAGE_FORMAT, now=lambda: NOW)
    assert outcome_counts(report) == (0, 0, 2, 0)
    assert stored(database) == before
    unknown = dict.fromkeys((texts.TEXT, texts.APPOINTMENT, texts.SENDER, texts.CHANNEL), '')
    emptied = save_by_spreadsheet(tmp_path / 'b.csv', before, **unknown)
    report = import_file(database, emptied, MOSCOW, MESSAGE_FORMAT, now=lambda: NOW)
    assert outcome_counts(report) == (0, 0, 2, 0)
    assert stored(database) == before


def test_an_impoverished_file_still_reports_what_is_new(database: Database, tmp_path: Path) -> None:
    before = ingest(database, by_program=False)
    changed = save_by_spreadsheet(tmp_path / 'a.csv', before, **{texts.COST: '5,20', texts.RECIPIENT: 'Королёв Иван'})
    report = import_file(database, changed, MOSCOW, MESSAGE_FORMAT, now=lambda: NOW)
    assert outcome_counts(report) == (0, 2, 0, 0)
    sent, failed = stored(database)[SENT.id], stored(database)[FAILED.id]
    assert (str(sent.cost), sent.recipient_name) == ('5.20', 'Королёв Иван')
    assert (sent.sent_at, sent.text, failed.error_code) == (SENT.sent_at, SENT.text, '012')


def test_the_whole_file_restores_what_an_impoverished_one_brought(database: Database, tmp_path: Path) -> None:
    path = save_by_spreadsheet(tmp_path / 'a.csv', {SENT.id: SENT, FAILED.id: FAILED})
    assert outcome_counts(import_file(database, path, MOSCOW, MESSAGE_FORMAT, now=lambda: NOW)) == (2, 0, 0, 0)
    assert stored(database)[FAILED.id].error_code == '12'
    ingest(database, by_program=False)
    sent, failed = stored(database)[SENT.id], stored(database)[FAILED.id]
    assert (sent.sent_at, sent.text, sent.recipient_name) == (SENT.sent_at, SENT.text, SENT.recipient_name)
    assert failed.error_code == '012'


def test_a_document_keeps_what_a_spreadsheet_loses(database: Database, tmp_path: Path) -> None:
    document = incoming_document(status=DocumentStatus.FAILED, at=SENT_AT + timedelta(seconds=7), error_code='012')
    database.write_sync(lambda session: ingest_imported_documents(session, [document]))
    changes = {texts.IDENTIFIER: str(document.id), texts.ERROR_CODE: '12', texts.ERROR_TEXT: '', texts.DOCTOR: ''}
    cells = document_cells(changes)
    path = write_csv(tmp_path / 'a.csv', [cells], columns=list(cells))
    assert outcome_counts(import_file(database, path, MOSCOW, DOCUMENT_FORMAT)) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ('known', 'value', 'expected'),
    [
        ('012', '12', True),
        ('12', '012', False),
        ('12', '12.0', True),
        ('1.10', '1,1', True),
        ('000', '0', True),
        ('123456789012', '1,23457E+11', True),
        ('123456789012', '1,23458E+11', False),
        ('E12', '12', False),
        ('112', '12', False),
        ('"а"', 'а', True),
        ('а', '"а"', False),
        ('"а"', 'б', False),
    ],
)
def test_an_impoverished_value_is_recognised(known: str, value: str, expected: bool) -> None:
    assert is_impoverished(known, value) is expected
