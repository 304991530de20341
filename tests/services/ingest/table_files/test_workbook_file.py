"""Workbooks as people have them: typed cells, titles above the header, several sheets, damaged and hostile files."""

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from services import texts
from services.database.engine import Database
from services.export.file_writers import write_xlsx
from services.ingest.file_import.file_import import column_titles, import_file
from services.ingest.file_import.import_report import ImportReport
from services.ingest.file_import.message_format import MESSAGE_FORMAT
from services.ingest.ingest_batch import STORED_MESSAGES
from services.ingest.row_mapping import message_from_row
from services.ingest.table_files.file_errors import InvalidFileError
from services.ingest.table_files.open_table import open_table
from tests.helpers.factories import incoming_message, message_cells, write_csv

MOSCOW = ZoneInfo('Europe/Moscow')
TIMES = (texts.APPOINTMENT, texts.SENT_AT)

Rows = Sequence[Sequence[Any]]


def write_workbook(path: Path, sheets: Mapping[str, Rows], hidden: Sequence[str] = ()) -> Path:
    """Write an .xlsx; dates and times get a format of their own."""
    with xlsxwriter.Workbook(path) as book:
        time_format = book.add_format({'num_format': 'dd.mm.yyyy hh:mm:ss'})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row_number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(row_number, column, value, time_format)
                    elif value != '':
                        sheet.write(row_number, column, value)
            if name in hidden:
                sheet.hide()
    return path


def write_ods(path: Path, rows: Rows) -> Path:
    """Write an .ods with the elements that OpenDocument 1.3, part 3, sections 9.1 and 19.385 require."""

    def cell(value: Any) -> str:
        if isinstance(value, datetime):
            return f'<table:table-cell office:value-type="date" office:date-value="{value:%Y-%m-%dT%H:%M:%S}"/>'
        if isinstance(value, float | int):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    names = 'urn:oasis:names:tc:opendocument:xmlns'
    lines = ''.join(f'<table:table-row>{"".join(map(cell, row))}</table:table-row>' for row in rows)
    content = (
        f'<office:document-content xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0" '
        f'xmlns:text="{names}:text:1.0" office:version="1.3"><office:body><office:spreadsheet>'
        f'<table:table table:name="Лист1">{lines}</table:table></office:spreadsheet></office:body>'
        '</office:document-content>'
    )
    manifest = (
        f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" '
        'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('mimetype', 'application/vnd.oasis.opendocument.spreadsheet')
        archive.writestr('META-INF/manifest.xml', manifest)
        archive.writestr('content.xml', content)
    return path


def typed(cells: Mapping[str, str]) -> list[Any]:
    """Return the cells of a row of messages as a spreadsheet stores them: numbers and times, not their texts."""
    values: dict[str, Any] = dict(cells)
    for column in TIMES:
        values[column] = datetime.strptime(cells[column], '%d.%m.%Y %H:%M')
    values[texts.COST] = float(cells[texts.COST].replace(',', '.'))
    values[texts.PHONE] = int(''.join(filter(str.isdigit, cells[texts.PHONE])))
    return list(values.values())


def read(path: Path) -> list[tuple[int, Sequence[str], str | None]]:
    """Return the rows of a file."""
    with open_table(path, column_titles(MESSAGE_FORMAT, None)) as source:
        return [(row.line, row.cells, row.error) for row in source.table]


def outcome_counts(report: ImportReport) -> tuple[int, int, int, int]:
    """Return the numbers of created, updated, unchanged and rejected rows."""
    return report.created, report.updated, report.unchanged, report.rejected


@pytest.mark.parametrize('suffix', ['.xlsx', '.ods'])
def test_a_workbook_is_imported_like_the_same_csv(database: Database, tmp_path: Path, suffix: str) -> None:
    rows = [message_cells(), message_cells({texts.COST: '4,65', texts.SENT_AT: '20.11.2026 00:01'})]
    table = [list(rows[0]), *map(typed, rows)]
    path = tmp_path / f'a{suffix}'
    if suffix == '.ods':
        write_ods(path, table)
    else:
        write_workbook(path, {'Лист1': table})
    assert outcome_counts(import_file(database, path, MOSCOW, MESSAGE_FORMAT)) == (2, 0, 0, 0)
    same = write_csv(tmp_path / 'same.csv', rows)
    assert outcome_counts(import_file(database, same, MOSCOW, MESSAGE_FORMAT)) == (0, 0, 2, 0)


def test_an_exported_workbook_changes_nothing(database: Database, tmp_path: Path) -> None:
    write_xlsx(path := tmp_path / 'a.xlsx', [incoming_message(), incoming_message(phone_note='007')], MOSCOW)
    assert outcome_counts(import_file(database, path, MOSCOW, MESSAGE_FORMAT)) == (2, 0, 0, 0)
    stored = [message_from_row(row) for row in database.read_sync(lambda s: s.execute(STORED_MESSAGES).all())]
    write_xlsx(path, stored, MOSCOW)
    progress: list[tuple[int, int]] = []
    report = import_file(database, path, MOSCOW, MESSAGE_FORMAT, progress=lambda *done: progress.append(done))
    assert outcome_counts(report) == (0, 0, 2, 0)
    assert progress[-1] == (3, 3)


def test_a_rejected_row_is_named_by_its_number_in_the_sheet(database: Database, tmp_path: Path) -> None:
    valid, invalid = message_cells(), message_cells({texts.PHONE: '123'})
    table = [['Отчёт за ноябрь'], [], list(valid), typed(valid), [], typed(invalid)]
    path = write_workbook(tmp_path / 'a.xlsx', {'Лист1': table})
    report = import_file(database, path, MOSCOW, MESSAGE_FORMAT)
    assert outcome_counts(report) == (1, 0, 0, 1)
    assert report.rejects_path
    assert report.rejects_path.read_text('utf-8-sig').splitlines()[1].startswith('6;')


def test_cells_are_read_as_they_are_shown(tmp_path: Path) -> None:
    header = list(message_cells())
    cells = [
        'text',
        79161234567,
        0.1 + 0.2,
        12345678901234567890,
        datetime(2026, 11, 20, 10, 29, 59),
        date(2026, 11, 20),
    ]
    row = [*cells, *[''] * (len(header) - len(cells))]
    path = write_workbook(tmp_path / 'a.xlsx', {'Лист1': [header, row]})
    expected = ['text', '79161234567', '0.3', '12345678901234600000', '20.11.2026 10:29:59', '20.11.2026']
    assert [(line, cells[:6], error) for line, cells, error in read(path)] == [(2, expected, None)]
    noted = write_workbook(tmp_path / 'b.xlsx', {'Лист1': [header, [*row, 'a note beside the table']]})
    assert [error is not None for _, _, error in read(noted)] == [True]


def test_the_sheet_with_the_messages_is_found(tmp_path: Path) -> None:
    valid = message_cells()
    table = [list(valid), typed(valid)]
    sheets = {'Сводка': [['Всего', 1]], 'Сообщения': table, 'Копия': table}
    assert len(read(write_workbook(tmp_path / 'a.xlsx', sheets, hidden=['Копия']))) == 1
    with pytest.raises(InvalidFileError, match='«Сообщения», «Копия»'):
        read(write_workbook(tmp_path / 'b.xlsx', sheets))
    with pytest.raises(InvalidFileError, match='нет названий столбцов'):
        read(write_workbook(tmp_path / 'c.xlsx', {'Сводка': [['Всего', 1]]}))
    with pytest.raises(InvalidFileError, match='нет столбцов: «ФИО получателя»'):
        read(write_workbook(tmp_path / 'd.xlsx', {'Лист1': [[name for name in valid if name != texts.RECIPIENT]]}))


def test_a_damaged_or_locked_workbook_is_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / 'a.xlsx', {'Лист1': [list(message_cells())]})
    damaged = tmp_path / 'b.xlsx'
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(damaged, 'w') as target:
        for member in source.namelist():
            target.writestr(member, b'<broken' if 'sheet1' in member else source.read(member))
    (old := tmp_path / 'c.xls').write_bytes(b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + bytes(600))
    for each in (damaged, old):
        with pytest.raises(InvalidFileError, match='повреждена'):
            read(each)


def test_a_sheet_that_claims_to_be_huge_is_refused(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / 'a.xlsx') as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(message_cells()))
        sheet.write(1_048_575, 16_383, 'x')
    with pytest.raises(InvalidFileError, match='слишком велика'):
        read(tmp_path / 'a.xlsx')


def test_a_workbook_reads_no_other_file(tmp_path: Path) -> None:
    (secret := tmp_path / 'secret').write_text('another file')
    cells = message_cells({texts.RECIPIENT: 'NAME'})
    plain = write_ods(tmp_path / 'plain.ods', [list(cells), list(cells.values())])
    path = tmp_path / 'a.ods'
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, 'w') as target:
        for member in source.namelist():
            content = source.read(member).decode()
            if member == 'content.xml':
                entity = f'<!DOCTYPE x [<!ENTITY secret SYSTEM "{secret.as_uri()}">]>'
                content = entity + content.replace('NAME', '&secret;')
            target.writestr(member, content)
    try:
        rows = read(path)
    except InvalidFileError:
        return
    assert 'another file' not in str(rows)
