"""What the columns of a file may be called."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from models import Message
from services import texts
from services.database.engine import Database
from services.documents.document_ingest import DOCUMENT_FORMAT
from services.ingest.file_import.file_import import import_file
from services.ingest.file_import.import_format import ImportFormat
from services.ingest.file_import.import_report import ImportReport
from services.ingest.file_import.message_format import MESSAGE_FORMAT
from services.ingest.table_files.column_titles import normalize_name, read_column_mapping
from services.ingest.table_files.file_errors import InvalidFileError
from tests.helpers.factories import message_cells, write_csv

MOSCOW = ZoneInfo('Europe/Moscow')


def import_with_titles(
    database: Database, path: Path, titles: dict[str, str], mapping_path: Path | None = None
) -> ImportReport:
    """Import a message in a file whose columns have other titles: by column, or new ones."""
    cells = message_cells({texts.QUEUED_AT: '20.11.2026 13:50'})
    row = {titles.pop(column, column): value for column, value in cells.items()} | dict.fromkeys(titles.values(), '?')
    return import_file(
        database, write_csv(path, [row], columns=list(row)), MOSCOW, MESSAGE_FORMAT, mapping_path=mapping_path
    )


@pytest.mark.parametrize('format', [MESSAGE_FORMAT, DOCUMENT_FORMAT])
def test_no_title_has_two_meanings(format: ImportFormat[Any]) -> None:
    own = {normalize_name(column): column for column in format.fields}
    others = [(normalize_name(title), column) for title, column in format.other_titles.items()]
    assert len(own) == len(format.fields)
    assert len(others) == len(set(others)) == len(dict(others))
    assert not own.keys() & dict(others).keys()
    count = sum(1 + len(texts.OTHER_COLUMN_TITLES.get(column, ())) for column in format.fields)
    assert len(format.other_titles) == count


def test_usual_titles_are_understood(database: Database, tmp_path: Path) -> None:
    titles = {
        texts.CODE: 'id',
        texts.RECIPIENT: 'Ф.И.О.',
        texts.PHONE: 'телефон:',
        texts.APPOINTMENT: 'Дата  приема',
        texts.SENT_AT: 'Дата и время отправки SMS',
        texts.COST: 'Стоимость СМС (руб.)',
        texts.ERROR_CODE: 'error_code',
        texts.QUEUED_AT: 'ДАТА СОЗДАНИЯ',
    }
    report = import_with_titles(database, tmp_path / 'a.csv', titles)
    assert (report.created, report.unknown_names) == (1, ())
    message = database.read_sync(lambda session: session.exec(select(Message)).one().model_dump())
    assert (message['recipient_name'], message['phone']) == ('Королёв Иван Петрович', '+79161234567')
    assert message['queued_at'].hour == 10


def test_an_unknown_column_is_named_and_not_imported(database: Database, tmp_path: Path) -> None:
    """A title of the journal's own comes before another title of the same column."""
    report = import_with_titles(database, tmp_path / 'a.csv', {'новый': 'Возраст', 'второй': 'UUID'})
    assert (report.created, report.unknown_names) == (1, ('Возраст', 'UUID'))


def test_a_mapping_file_explains_other_titles(database: Database, tmp_path: Path) -> None:
    mapping = tmp_path / 'columns.toml'
    mapping.write_text('"Msg Id" = "код"\n"Код" = "Код ошибки"\n"Абонент А" = "Номер телефона"\n', 'utf-8')
    titles = {texts.CODE: 'MSG ID', texts.ERROR_CODE: 'Код', texts.PHONE: 'Абонент А'}
    report = import_with_titles(database, tmp_path / 'a.csv', titles, mapping)
    assert (report.created, report.unknown_names) == (1, ())


@pytest.mark.parametrize(
    ('content', 'sentence'),
    [
        ('"Абонент" = "Рост"', 'столбца «Рост» в журнале нет, бывает: «Код», «ФИО получателя»'),
        ('"Абонент" = 5', 'столбца «5» в журнале нет'),
        ('Абонент = Код', 'не TOML'),
    ],
)
def test_an_invalid_mapping_file_is_refused(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / 'columns.toml').write_text(content, 'utf-8')
    with pytest.raises(InvalidFileError, match=sentence):
        read_column_mapping(tmp_path / 'columns.toml', list(MESSAGE_FORMAT.fields))
    with pytest.raises(InvalidFileError, match='Не удаётся прочитать'):
        read_column_mapping(tmp_path / 'none.toml', list(MESSAGE_FORMAT.fields))
