"""Import of CSV files as office programs save them: what is accepted, what is rejected, and for which reason."""

import csv
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, func, select

from models import Message, MessageStatus
from models.message import arrival_number
from services import texts
from services.database.engine import Database
from services.ingest.file_import.file_import import BATCH_SIZE, import_file
from services.ingest.file_import.import_report import ImportReport
from services.ingest.file_import.message_format import MESSAGE_FORMAT, message_format
from services.ingest.table_files.file_errors import InvalidFileError
from services.ingest.table_files.formula_escaping import escape_formula, unescape_formula
from services.ingest.table_files.line_reader import MAX_ROW_BYTES
from services.lists.message_kinds import MessageKinds
from services.lists.organizations import Organizations
from tests.helpers.factories import message_cells, write_csv
from tests.helpers.totals_recount import recounted_totals, stored_totals

MOSCOW = ZoneInfo('Europe/Moscow')
HEADER = ';'.join(MESSAGE_FORMAT.required)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def import_csv(database: Database, path: Path, rejects_path: Path | None = None) -> ImportReport:
    """Import a file with Moscow times."""
    return import_file(database, path, MOSCOW, MESSAGE_FORMAT, rejects_path=rejects_path, now=lambda: NOW)


def outcome_counts(report: ImportReport) -> tuple[int, int, int, int]:
    """Return the numbers of created, updated, unchanged and rejected rows."""
    return report.created, report.updated, report.unchanged, report.rejected


def rejected_rows(report: ImportReport) -> list[dict[str, str]]:
    """Read the file of rejected rows."""
    assert report.rejects_path is not None
    with report.rejects_path.open(encoding='utf-8-sig', newline='') as file:
        return list(csv.DictReader(file, delimiter=';'))


def recipient_names(database: Database) -> list[str]:
    """Return the names of all recipients, in the order of their sort keys."""
    statement = select(Message.recipient_name).order_by(col(Message.place))
    return list(database.read_sync(lambda session: session.exec(statement).all()))


async def test_the_spellings_of_an_organisation_in_a_file_are_one_choice(database: Database, tmp_path: Path) -> None:
    spellings = ('ГБУЗ "Областная больница"', 'ГБУЗ «Областная больница»', 'гбуз «областная  больница».')
    rows = [message_cells({texts.ORGANIZATION: name}) for name in spellings]
    report = import_csv(database, write_csv(tmp_path / 'messages.csv', rows))
    assert outcome_counts(report) == (3, 0, 0, 0)
    assert [each.name for each in await Organizations(database).all()] == [spellings[0]]


async def test_unknown_kinds_in_a_file_are_rejected_or_accepted(database: Database, tmp_path: Path) -> None:
    rows = [message_cells({texts.KIND: kind}) for kind in ('Анкета', 'анкета', 'напоминание')]
    path = write_csv(tmp_path / 'messages.csv', rows)
    report = import_csv(database, path)
    assert outcome_counts(report) == (1, 0, 0, 2)
    reasons = [row[texts.IMPORT_REASON] for row in rejected_rows(report)]
    assert reasons[0].startswith('«Вид сообщения»: «Анкета» — нет такого вида, бывает: Напоминание, Прикрепление,')
    accepting = message_format(accepts_unknown_kinds=True)
    assert outcome_counts(import_file(database, path, MOSCOW, accepting)) == (2, 0, 1, 0)
    assert [kind.name for kind in await MessageKinds(database).all()] == [*texts.KINDS.values(), 'Анкета']
    assert outcome_counts(import_csv(database, path)) == (0, 0, 3, 0)


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'cp1251', 'utf-16'])
@pytest.mark.parametrize('delimiter', [';', ',', '\t'])
def test_it_knows_encoding_delimiter_and_columns_in_any_order(
    database: Database, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    rows = [message_cells({texts.QUEUED_AT: '20.11.2026 13:50', texts.TEXT: f'"Да"; {delimiter}нет,\r\nвторая строка'})]
    columns = [texts.QUEUED_AT, *reversed(MESSAGE_FORMAT.required)]
    path = write_csv(tmp_path / 'messages.csv', rows, columns=columns, encoding=encoding, delimiter=delimiter)
    assert outcome_counts(import_csv(database, path)) == (1, 0, 0, 0)
    message = database.read_sync(lambda session: session.exec(select(Message)).one().model_dump())
    assert message['recipient_name'] == 'Королёв Иван Петрович'
    assert message['text'] == f'"Да"; {delimiter}нет,\nвторая строка'
    assert message['queued_at'] == datetime(2026, 11, 20, 10, 50, tzinfo=UTC)
    assert message['sent_at'] == datetime(2026, 11, 20, 10, 56, tzinfo=UTC)


def test_case_and_white_space_of_a_header_are_ignored(database: Database, tmp_path: Path) -> None:
    columns = [f' {name.upper()}  ' for name in MESSAGE_FORMAT.required]
    rows = [dict(zip(columns, message_cells().values(), strict=True))]
    path = write_csv(tmp_path / 'messages.csv', rows, columns=[*columns, '', ''])
    assert outcome_counts(import_csv(database, path)) == (1, 0, 0, 0)


def test_importing_again_changes_nothing_and_a_newer_file_moves_messages_on(database: Database, tmp_path: Path) -> None:
    waiting = message_cells({texts.STATUS: 'Ожидает отправки', texts.SENT_AT: ''})
    path = write_csv(tmp_path / 'messages.csv', [waiting, message_cells()])
    assert outcome_counts(import_csv(database, path)) == (2, 0, 0, 0)
    assert outcome_counts(import_csv(database, path)) == (0, 0, 2, 0)
    sent = {**waiting, texts.STATUS: 'Отправлено', texts.SENT_AT: '21.11.2026 09:00'}
    newer = write_csv(tmp_path / 'newer.csv', [sent])
    assert outcome_counts(import_csv(database, newer)) == (0, 1, 0, 0)
    assert outcome_counts(import_csv(database, path)) == (0, 0, 2, 0)
    statuses = select(Message.status).distinct()
    assert database.read_sync(lambda session: session.exec(statuses).all()) == [MessageStatus.SENT]


INVALID_ROWS = {
    texts.CODE: 'не-uuid',
    texts.RECIPIENT: '',
    texts.PHONE: '+7 (916) 12',
    texts.APPOINTMENT: '31.02.2026 10:00',
    texts.ORGANIZATION: ' ',
    texts.KIND: 'Поздравление',
    texts.SENT_AT: 'вчера',
    texts.STATUS: 'Доставляется',
    texts.COST: 'три рубля',
    texts.TEXT: 'нуль \x00 внутри',
    texts.ERROR_CODE: '1' * 51,
    texts.ERROR_NAME: 'ы' * 501,
}


def test_each_fault_is_refused_with_its_line_and_reason(database: Database, tmp_path: Path) -> None:
    rows = [message_cells({texts.TEXT: 'две\nстроки'})]
    for column, fault in INVALID_ROWS.items():
        rows += [message_cells({column: fault}), message_cells({texts.TEXT: 'две\nстроки'})]
    report = import_csv(database, write_csv(tmp_path / 'messages.csv', rows, encoding='cp1251'))
    assert outcome_counts(report) == (len(INVALID_ROWS) + 1, 0, 0, len(INVALID_ROWS))
    assert report.rejects_path == tmp_path / 'messages.refused.csv'
    rejected = rejected_rows(report)
    assert [int(row['Номер строки']) for row in rejected] == [4 + 3 * number for number in range(len(INVALID_ROWS))]
    for row, (column, fault) in zip(rejected, INVALID_ROWS.items(), strict=True):
        assert row['Причина'].startswith(f'«{column}»: ')
        assert unescape_formula(row[column]) == fault
    assert rejected[8]['Причина'].startswith('«Стоимость СМС, руб»: «три рубля» — не сумма')


def test_rows_with_too_few_or_too_many_fields_are_rejected(database: Database, tmp_path: Path) -> None:
    path = tmp_path / 'messages.csv'
    good = ';'.join(message_cells().values())
    path.write_text(f'{HEADER}\n{good};;;\n\n;;;;;;;;;;;\nодин;два\n{good};лишнее\n', 'utf-8')
    report = import_csv(database, path)
    assert outcome_counts(report) == (1, 0, 0, 2)
    rejected = rejected_rows(report)
    assert [(row['Номер строки'], row['Причина']) for row in rejected] == [
        ('5', 'Полей в строке: 2, а столбцов в заголовке: 12'),
        ('6', 'Полей в строке: 13, а столбцов в заголовке: 12'),
    ]


@pytest.mark.parametrize('stray', ['"Ромашка;а', '"Ромашка" и ещё;а', '"' + 'ы' * MAX_ROW_BYTES])
def test_a_misplaced_quote_invalidates_its_own_row_only(database: Database, tmp_path: Path, stray: str) -> None:
    path = tmp_path / 'messages.csv'
    good = [
        ';'.join(message_cells({texts.RECIPIENT: name, texts.TEXT: '"в кавычках"'}).values()) for name in ('А', 'Б')
    ]
    path.write_text(f'{HEADER}\n{good[0]}\n{stray}\n{good[1]}\n', 'utf-8')
    report = import_csv(database, path)
    assert recipient_names(database) == ['А', 'Б']
    assert [row['Номер строки'] for row in rejected_rows(report)] == ['3']


def test_an_undecodable_byte_invalidates_its_own_row_only(database: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / 'messages.csv', [message_cells(), message_cells({texts.RECIPIENT: 'Кол_сов'}), message_cells()]
    )
    path.write_bytes(path.read_bytes().replace(b'_', b'\xff'))
    report = import_csv(database, path)
    assert outcome_counts(report) == (2, 0, 0, 1)
    assert rejected_rows(report)[0]['Причина'].startswith('«ФИО получателя»: есть знаки')


def test_a_file_of_rejected_rows_can_be_corrected_and_imported(database: Database, tmp_path: Path) -> None:
    formula = '=HYPERLINK("http://x";"нажми")\nвторая'
    rows = [
        message_cells({texts.COST: 'три', texts.TEXT: formula}),
        message_cells({texts.COST: 'два', texts.TEXT: "'-1+1"}),
    ]
    report = import_csv(database, write_csv(tmp_path / 'messages.csv', rows))
    assert report.rejects_path is not None
    assert [row[texts.TEXT] for row in rejected_rows(report)] == [f"'{formula}", "''-1+1"]
    corrected = tmp_path / 'corrected.csv'
    corrected.write_text(report.rejects_path.read_text('utf-8-sig').replace(';три;', ';3,00;'), 'cp1251')
    again = import_csv(database, corrected)
    assert outcome_counts(again) == (1, 0, 0, 1)
    assert rejected_rows(again)[0].keys() == rejected_rows(report)[0].keys()
    stored = database.read_sync(lambda session: session.exec(select(Message.text)).one())
    assert stored == formula


@given(st.text(alphabet=st.sampled_from("'=+-@＝＋－＠\t\r\nа")) | st.text())
def test_an_escaped_cell_is_no_formula_and_can_be_restored(cell: str) -> None:
    assert not escape_formula(cell).startswith(tuple('=+-@＝＋－＠\t\r\n'))
    assert unescape_formula(escape_formula(cell)) == cell


def test_without_rejected_rows_the_file_of_an_earlier_run_is_removed(database: Database, tmp_path: Path) -> None:
    row = message_cells({texts.COST: '?'})
    path = write_csv(tmp_path / 'messages.csv', [row])
    elsewhere = tmp_path / 'bad.csv'
    assert import_csv(database, path, rejects_path=elsewhere).rejects_path == elsewhere
    write_csv(path, [{**row, texts.COST: '1'}])
    assert import_csv(database, path, rejects_path=elsewhere) == ImportReport(1, 0, 0, 0, None)
    assert sorted(each.name for each in tmp_path.glob('*.csv')) == ['messages.csv']


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'', 'Файл пуст'),
        (b'\xef\xbb\xbf\r\n', 'Файл пуст'),
        (b'PK\x03\x04\x14\x00\x06\x00', 'повреждён'),
        (b'\x00' * 5000, 'не таблица'),
        (b'x' * (MAX_ROW_BYTES + 1), 'не таблица'),
        (b'\xfe\xed;\xfa\xce', 'Укажите кодировку: --encoding'),
        (b'age,name\n1,2\n', 'нет названий столбцов'),
        (HEADER.replace(';', '\r').encode(), 'нет названий столбцов'),
        (HEADER.replace('Код;', '').encode(), 'нет столбцов: «Код»'),
        (f'{HEADER};Возраст'.replace('Код;', '').encode(), 'Есть неизвестные: «Возраст».*--columns'),
        (f'{HEADER};код'.encode(), 'повторяются: «Код»'),
    ],
)
def test_an_invalid_file_is_rejected_with_one_sentence(
    sqlite_url: str, tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / 'messages.csv'
    path.write_bytes(content)
    with pytest.raises(InvalidFileError, match=message):
        import_csv(Database(sqlite_url), path)


def test_a_file_that_cannot_be_read_or_written_is_reported(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    path = write_csv(tmp_path / 'messages.csv', [message_cells({texts.COST: '?'})])
    with pytest.raises(InvalidFileError, match='Нет такого файла'):
        import_csv(database, tmp_path / 'missing.csv')
    with pytest.raises(InvalidFileError, match='Не удаётся прочитать'):
        import_csv(database, tmp_path)
    with pytest.raises(InvalidFileError, match='--refused'):
        import_csv(database, path, rejects_path=tmp_path / 'missing' / 'refused.csv')
    with pytest.raises(InvalidFileError, match='сам загружаемый файл'):
        import_csv(database, path, rejects_path=path)
    assert path.stat().st_size > 0


@pytest.mark.parametrize(
    ('changes', 'reason'),
    [
        ({texts.SENT_AT: '01.01.2099 10:00'}, '«Дата и время отправки СМС»: «01.01.2099 10:00» — больше чем на сутки'),
        ({texts.QUEUED_AT: '23.11.2026 12:01'}, '«Дата и время создания»: «23.11.2026 12:01» — больше чем на сутки'),
        ({texts.ATTEMPTED_AT: '01.01.2099 10:00'}, '«Дата и время попытки отправки»: «01.01.2099 10:00» — больше чем'),
        ({texts.QUEUED_AT: '20.11.2026 14:07'}, '«Дата и время отправки СМС»: «20.11.2026 13:56» — раньше, чем «Дата'),
        (
            {texts.QUEUED_AT: '20.11.2026 13:50', texts.ATTEMPTED_AT: '19.11.2026 13:50'},
            '«Дата и время попытки отправки»: «19.11.2026 13:50» — раньше, чем «Дата и время создания»',
        ),
        ({texts.APPOINTMENT: '01.01.0001 10:00'}, '«Дата и время записи»: «01.01.0001 10:00» — год вне пределов'),
    ],
)
def test_an_impossible_time_is_rejected(
    database: Database, tmp_path: Path, changes: dict[str, str], reason: str
) -> None:
    columns = [*MESSAGE_FORMAT.required, *MESSAGE_FORMAT.optional]
    path = write_csv(tmp_path / 'messages.csv', [message_cells(changes), message_cells()], columns=columns)
    report = import_csv(database, path)
    assert outcome_counts(report) == (1, 0, 0, 1)
    assert rejected_rows(report)[0]['Причина'].startswith(reason)


@pytest.mark.parametrize(
    'changes',
    [{texts.QUEUED_AT: '20.11.2026 14:06'}, {texts.SENT_AT: '23.11.2026 12:00'}, {texts.SENT_AT: '01.01.2000 10:00'}],
)
def test_clocks_may_differ(database: Database, tmp_path: Path, changes: dict[str, str]) -> None:
    columns = [*MESSAGE_FORMAT.required, *MESSAGE_FORMAT.optional]
    path = write_csv(tmp_path / 'messages.csv', [message_cells(changes)], columns=columns)
    assert outcome_counts(import_csv(database, path)) == (1, 0, 0, 0)


def test_a_journals_own_export_is_imported_whatever_the_times(database: Database, tmp_path: Path) -> None:
    """The clock of a provider may have been wrong when the exporting journal accepted its receipt."""
    columns = [*MESSAGE_FORMAT.required, texts.QUEUED_AT]
    cells = message_cells({texts.QUEUED_AT: '22.11.2026 12:00'})
    path = write_csv(tmp_path / 'messages.csv', [cells], columns=columns)
    assert outcome_counts(import_csv(database, path)) == (0, 0, 0, 1)
    cells[texts.EXPORTED_AT] = '22.11.2026 12:05'
    path = write_csv(tmp_path / 'messages.csv', [cells], columns=[*columns, texts.EXPORTED_AT])
    assert outcome_counts(import_csv(database, path)) == (1, 0, 0, 0)


def test_progress_reports_bytes_up_to_the_last(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path / 'messages.csv', [message_cells() for _ in range(BATCH_SIZE + 300)])
    steps: list[tuple[int, int]] = []
    import_file(database, path, MOSCOW, MESSAGE_FORMAT, progress=lambda done, size: steps.append((done, size)))
    size = path.stat().st_size
    assert steps[-1] == (size, size)
    assert 0 < steps[0][0] < size
    assert sorted(steps) == steps


def test_messages_are_recorded_in_the_order_of_their_times(database: Database, tmp_path: Path) -> None:
    rows = [message_cells({texts.SENT_AT: f'20.11.2026 13:{minute}'}) for minute in (50, 40, 45)]
    import_csv(database, write_csv(tmp_path / 'messages.csv', rows))
    places = database.read_sync(lambda session: session.exec(select(Message.place).order_by(col(Message.place))).all())
    assert [arrival_number(place) for place in places] == sorted(arrival_number(place) for place in places)


def test_rows_with_the_same_code_are_recorded_in_the_order_of_the_file(database: Database, tmp_path: Path) -> None:
    code = {texts.CODE: message_cells()[texts.CODE]}
    rows = [
        message_cells({**code, texts.SENT_AT: '20.11.2026 13:56', texts.COST: '6,20'}),
        message_cells({texts.SENT_AT: '20.11.2026 13:30'}),
        message_cells({**code, texts.SENT_AT: '20.11.2026 13:20', texts.COST: '3,10'}),
    ]
    assert outcome_counts(import_csv(database, write_csv(tmp_path / 'messages.csv', rows))) == (2, 1, 0, 0)
    statement = select(Message).where(Message.id == UUID(code[texts.CODE]))
    stored = database.read_sync(lambda session: session.exec(statement).one())
    assert (stored.cost, stored.sent_at) == (Decimal('3.10'), datetime(2026, 11, 20, 10, 20, tzinfo=UTC))


KILLED_IMPORT = """
import sys
from pathlib import Path
from zoneinfo import ZoneInfo
from services.database.engine import Database
from services.ingest.file_import.file_import import import_file
from services.ingest.file_import.message_format import MESSAGE_FORMAT
url, path = sys.argv[1:]
zone, report = ZoneInfo('Europe/Moscow'), lambda done, size: print(done, flush=True)
import_file(Database(url), Path(path), zone, MESSAGE_FORMAT, progress=report)
"""


def test_a_killed_import_leaves_the_database_whole_and_can_be_finished(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    rows = 8 * BATCH_SIZE
    path = write_csv(
        tmp_path / 'messages.csv', [message_cells({texts.COST: '?'}), *(message_cells() for _ in range(rows))]
    )
    command = [sys.executable, '-c', KILLED_IMPORT, database_url, str(path)]
    environment = {**os.environ, 'PYTHONPATH': str(Path(__file__).parents[4])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    count = select(func.count()).select_from(Message)
    written = database.read_sync(lambda session: session.exec(count).one())
    assert 0 < written < rows
    assert written % BATCH_SIZE == 0
    assert stored_totals(database) == recounted_totals(database)
    assert not (tmp_path / 'messages.refused.csv').exists()
    assert outcome_counts(import_csv(database, path)) == (rows - written, 0, written, 1)
    assert stored_totals(database) == recounted_totals(database)
    assert (tmp_path / 'messages.refused.csv').exists()
    assert not (tmp_path / '~messages.refused.csv').exists()
