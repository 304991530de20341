"""«Экспорт» in a browser: the file that is downloaded has what was found, and goes back into the same journal."""

from contextlib import closing
from pathlib import Path

import pytest

from services import texts
from services.database.engine import Database
from services.ingest.file_import.file_import import import_file
from services.ingest.file_import.message_format import MESSAGE_FORMAT
from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import KOROLEVA, KOROLYOV, ZONE, fill_journal, sample_messages

DOWNLOAD_TIMEOUT = 60
"""Seconds for a file: its process gives way to everybody else's, on a busy machine for long."""


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample."""
    return fill_journal(journal_url, sample_messages())


def test_a_search_is_downloaded_and_imported_again(
    operator: Operator, journal: Program, journal_url: str, downloads: Path
) -> None:
    assert not operator.button(texts.EXPORT).is_enabled()
    operator.search_messages(RECIPIENT='корол')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.click(texts.EXPORT)
    operator.click(texts.CSV)
    (path,) = operator.wait(lambda: list(downloads.glob('*.csv')), 'No file has come', timeout=DOWNLOAD_TIMEOUT)
    operator.wait_for_text('Файл готов, строк: 2')
    assert path.name.startswith('Сообщения по ФИО, с ')
    assert KOROLYOV in path.read_text(encoding='utf-8-sig')
    with closing(Database(journal_url)) as database:
        report = import_file(database, path, ZONE, MESSAGE_FORMAT)
    assert (report.created, report.updated, report.unchanged, report.rejected) == (0, 0, 2, 0)
    operator.click(texts.EXPORT)
    operator.click(texts.EXCEL)
    operator.wait(lambda: list(downloads.glob('*.xlsx')), 'No workbook has come', timeout=DOWNLOAD_TIMEOUT)
    operator.search_messages(RECIPIENT='нет такого')
    operator.wait_for_no_results()
    assert not operator.button(texts.EXPORT).is_enabled()
    assert not list((Path(journal_url.removeprefix('sqlite:///')).parent / 'exports').iterdir())
