"""Exports: exactly the rows of the search in its order, safe files that can be imported again, and their downloads."""

import asyncio
import csv
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from models import MessageStatus
from services import formats, texts
from services.database.engine import Database
from services.export.export_columns import EXPORT_COLUMNS, PHONE_COLUMN, csv_cell
from services.export.export_jobs import ExportError, ExportFormat, ExportJobs
from services.export.file_writers import write_xlsx
from services.export.row_stream import stream_messages
from services.ingest.file_import.file_import import import_file
from services.ingest.file_import.message_format import MESSAGE_FORMAT
from services.ingest.message_ingest import Sender, ingest_imported_messages, ingest_messages
from services.ingest.message_parsing import IncomingMessage, parse_recipient_name
from services.ingest.table_files.formula_escaping import FORMULA_START
from services.lists.message_kinds import MessageKinds
from services.lists.organizations import OrganizationName, Organizations
from services.lists.query_protocol import Order, Period
from services.messages.delivery import DeliveryCondition, DeliveryTimeouts
from services.messages.message_query import SORTABLE_COLUMNS, MessageQuery
from services.messages.search.planner_settings import PlannerSettings
from services.messages.search.query_shape import BoundQuery
from services.messages.search.selectivity import TokenSelectivity
from services.phones import to_e164
from services.settings import PROJECT_ROOT
from tests.helpers import reference_messages
from tests.helpers.export_in_thread import run_export_in_thread
from tests.helpers.factories import SENT_AT, incoming_message
from tests.helpers.generated_journal import insert_messages_of_merged_entries
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.reference_messages import MOSCOW, NOON, TIMEOUTS, ArrivedMessage
from tests.helpers.systemd_sandbox import command_line, missing_tools

HOSTILE = (
    '=1+1',
    '=HYPERLINK("http://evil.example";"Нажмите")',
    '+7 (916) 123-45-67',
    '-2+3',
    '@SUM(A1)',
    '\t=1+1',
    '\n=1+1',
    '＝1＋1',
    '＋7 999',
    '－2',
    '＠SUM(A1)',
    "'＝",
    "'=1+1",
    "''@",
    "'апостроф",
    'кавычки "и"; точка с запятой',
    'две\nстроки\n',
    '_x0041_',
    'http://example.invalid/?a=b',
    '007',
    '😀',
)


def hostile_messages() -> list[IncomingMessage]:
    """Build messages with hostile texts in every field."""
    plain = [text for text in HOSTILE if text == ' '.join(text.split())]
    messages = []
    for number, text in enumerate(HOSTILE):
        word = plain[number % len(plain)]
        messages.append(
            incoming_message(
                recipient_name=word,
                organization=word,
                text=text,
                phone=('+79161234567', '+375291234567', '+74952655724')[number % 3],
                status=MessageStatus.FAILED,
                queued_at=NOON - timedelta(hours=number, seconds=number),
                attempted_at=NOON - timedelta(minutes=number, seconds=number),
                appointment_at=None,
                error_code=word[:50],
                error_name=word,
                cost=Decimal(number) / 100,
            )
        )
    return messages


@pytest.fixture
def export_jobs(database: Database, tmp_path: Path) -> ExportJobs:
    """Exports of the database into a temporary folder."""
    jobs = ExportJobs(database.url.render_as_string(hide_password=False), MOSCOW, tmp_path / 'exports')
    jobs.clear()
    return jobs


@pytest.fixture
def thread_jobs(database: Database, tmp_path: Path) -> ExportJobs:
    """The same exports without a process, for tests of what a file contains."""
    url = database.url.render_as_string(hide_password=False)
    jobs = ExportJobs(url, MOSCOW, tmp_path / 'exports', run=run_export_in_thread)
    jobs.clear()
    return jobs


async def export(exports: ExportJobs, query: MessageQuery, format: ExportFormat) -> Path:
    """Run an export and return the file."""
    return (await exports.make(query, format, account_id=1, progress=lambda rows: None)).path


def csv_rows(path: Path) -> list[dict[str, str]]:
    """Read an exported CSV file."""
    assert path.read_bytes().startswith(b'\xef\xbb\xbf')
    with path.open(encoding='utf-8-sig', newline='') as file:
        return list(csv.DictReader(file, delimiter=';'))


def exported_rows(database: Database, query: MessageQuery) -> list[IncomingMessage]:
    """Read the rows of an export without a process, by the text index for every text."""
    planner = PlannerSettings(scanned_row_cost_ns=1_000_000)

    def read(session: Session) -> list[IncomingMessage]:
        bound_query = BoundQuery.bind(session, query, MOSCOW, TokenSelectivity(), NOON, planner, TIMEOUTS)
        return list(stream_messages(bound_query))

    return database.read_snapshot(read)


# Which rows, and in which order


@dataclass(frozen=True, repr=False)
class ExportJournal:
    """A journal with all its messages."""

    database: Database
    stored: Sequence[ArrivedMessage]


@pytest.fixture
def journal(database: Database) -> ExportJournal:
    """A journal with many equal sort values, hostile names and merged organisations, and all its messages."""
    insert_messages_of_merged_entries(database)
    return ExportJournal(database, database.read_sync(reference_messages.stored_messages))


@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_export_has_exactly_what_a_search_finds_in_its_order(journal: ExportJournal, data: st.DataObject) -> None:
    organizations = journal.database.read_sync(Organizations.read)
    kinds = journal.database.read_sync(MessageKinds.read)
    query = MessageQuery(
        name=data.draw(st.sampled_from(['', 'иванов', 'и', 'ив', 'Иванов И П', '%', 'нет такого'])),
        phone=data.draw(st.sampled_from(['', '7916', '89160111110', '1'])),
        kinds=data.draw(st.frozensets(st.sampled_from(list(kinds)), max_size=2)),
        period=data.draw(st.sampled_from([Period(), Period(NOON.date() - timedelta(days=30), NOON.date())])),
        organizations=data.draw(st.frozensets(st.sampled_from(list(organizations)), max_size=2)),
        statuses=data.draw(st.frozensets(st.sampled_from(MessageStatus))),
        older_than=data.draw(st.sampled_from([None, None, 60 * 24 * 20])),
        delivery=data.draw(st.sampled_from([None, None, *DeliveryCondition])),
        order=data.draw(st.none() | st.builds(Order, st.sampled_from(SORTABLE_COLUMNS), st.booleans())),
    )
    assert exported_rows(journal.database, query) == [
        one.message for one in reference_messages.expected_messages(journal.stored, query)
    ]


async def test_an_export_uses_the_timeouts_of_the_settings(database: Database, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    messages = [
        incoming_message(
            recipient_name=name,
            status=MessageStatus.WAITING,
            queued_at=now - timedelta(hours=hours),
            appointment_at=None,
        )
        for name, hours in (('Долго', 5), ('Недолго', 3))
    ]
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=now))
    url, timeouts = database.url.render_as_string(hide_password=False), DeliveryTimeouts(waiting=timedelta(hours=4))
    jobs = ExportJobs(url, MOSCOW, tmp_path / 'exports', timeouts, run_export_in_thread)
    jobs.clear()
    rows = csv_rows(await export(jobs, MessageQuery(delivery=DeliveryCondition.OVERDUE), ExportFormat.CSV))
    assert [row[texts.RECIPIENT] for row in rows] == ['Долго']


# CSV


@pytest.fixture(params=['sqlite', 'postgresql'])
def other_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A second, empty journal."""
    if request.param == 'sqlite':
        shutil.copy(request.getfixturevalue('sqlite_template'), tmp_path / 'another.db')
        url = f'sqlite:///{tmp_path}/another.db'
    else:
        server: PostgresServer = request.getfixturevalue('postgres')
        url = server.create(name := f'another_{uuid4().hex}', request.getfixturevalue('postgresql_template'))
    with closing(Database(url)) as database:
        yield database
    if request.param == 'postgresql':
        server.drop(name)


async def test_an_exported_file_is_imported_as_the_same_journal(
    thread_jobs: ExportJobs, database: Database, other_database: Database
) -> None:
    accepted = [
        replace(message, recipient_name=parse_recipient_name(message.recipient_name))
        for message in reference_messages.random_messages(50, seed=1)
    ]
    messages = hostile_messages() + accepted
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))
    path = await export(thread_jobs, MessageQuery(), ExportFormat.CSV)
    again = import_file(database, path, MOSCOW, MESSAGE_FORMAT)
    assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, len(messages), 0)
    moved = import_file(other_database, path, MOSCOW, MESSAGE_FORMAT)
    assert (moved.created, moved.rejected) == (len(messages), 0)
    assert messages_by_id(other_database) == messages_by_id(database)


def messages_by_id(database: Database) -> list[IncomingMessage]:
    """All messages of a journal."""
    stored = database.read_sync(reference_messages.stored_messages)
    return sorted((one.message for one in stored), key=lambda message: message.id)


async def test_a_message_with_a_status_from_a_provider_is_imported_unchanged(
    thread_jobs: ExportJobs, database: Database
) -> None:
    message = incoming_message(
        status=MessageStatus.FAILED, attempted_at=SENT_AT, error_code='13', error_name='Нет абонента'
    )
    database.write_sync(lambda session: ingest_messages(session, [(message, Sender('robot'))], zone=MOSCOW, now=NOON))
    path = await export(thread_jobs, MessageQuery(), ExportFormat.CSV)
    assert import_file(database, path, MOSCOW, MESSAGE_FORMAT).unchanged == 1


async def test_no_cell_of_a_file_is_a_formula(thread_jobs: ExportJobs, database: Database) -> None:
    database.write_sync(lambda session: ingest_imported_messages(session, hostile_messages(), zone=MOSCOW, now=NOON))
    for row in csv_rows(await export(thread_jobs, MessageQuery(), ExportFormat.CSV)):
        assert not [value for value in row.values() if value[:1] in '=+-@＝＋－＠\t\r\n' and value]


@given(st.from_regex(r'[3-9][0-9]{9}', fullmatch=True))
def test_a_phone_is_written_with_an_eight_and_read_as_the_same(digits: str) -> None:
    written = csv_cell(PHONE_COLUMN, formats.phone(f'+7{digits}'))
    assert not FORMULA_START.match(written)
    assert to_e164(written) == f'+7{digits}'


# XLSX


async def test_cells_of_a_workbook_have_types(thread_jobs: ExportJobs, database: Database) -> None:
    messages = [*hostile_messages(), incoming_message(cost=Decimal('1234.50'), parts=3)]
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))
    path = await export(thread_jobs, MessageQuery(order=Order('cost', descending=True)), ExportFormat.XLSX)
    book = python_calamine.CalamineWorkbook.from_path(path)
    assert book.sheet_names == [texts.SHEET]
    head, first, *others = book.get_sheet_by_name(texts.SHEET).to_python()
    assert head == [column.title for column in EXPORT_COLUMNS]
    row = dict(zip(head, first, strict=True))
    assert row[texts.COST] == 1234.5
    assert row[texts.SENT_AT] == datetime(2026, 11, 20, 13, 56)
    assert row[texts.PHONE] == '+7 (916) 123-45-67'
    assert row[texts.STATUS] == 'Отправлено'
    assert row[texts.PARTS] == 3
    records = [dict(zip(head, other, strict=True)) for other in others]
    assert {record[texts.TEXT] for record in records} == set(HOSTILE)
    assert {record[texts.RECIPIENT] for record in records} <= set(HOSTILE)


def test_a_large_export_continues_in_further_sheets(tmp_path: Path) -> None:
    messages = [incoming_message(cost=Decimal(number)) for number in range(5)]
    write_xlsx(path := tmp_path / 'book.xlsx', messages, MOSCOW, sheet_rows=2)
    book = python_calamine.CalamineWorkbook.from_path(path)
    assert book.sheet_names == ['Сообщения', 'Сообщения 2', 'Сообщения 3']
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert [sheet[0][0] for sheet in sheets] == [texts.CODE] * 3
    assert [row[8] for sheet in sheets for row in sheet[1:]] == [0, 1, 2, 3, 4]


def test_an_empty_workbook_has_its_header(tmp_path: Path) -> None:
    write_xlsx(path := tmp_path / 'book.xlsx', [], MOSCOW)
    assert len(python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()) == 1


# Files


async def test_files_are_private_and_downloaded_once(export_jobs: ExportJobs, tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        file = await export_jobs.make(MessageQuery(), ExportFormat.CSV, account_id=1, progress=lambda rows: None)
    finally:
        os.umask(umask)
    assert (file.path.stat().st_mode & 0o777, file.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    key = export_jobs.offer_download(file, 'session')
    assert export_jobs.open_download(key, 'another session') is None
    download = export_jobs.open_download(key, 'session')
    assert download is not None
    with download.file:
        assert download.file.read().decode('utf-8-sig').startswith(texts.CODE)
    assert export_jobs.open_download(key, 'session') is None
    assert not list((tmp_path / 'exports').iterdir())


async def test_files_of_an_earlier_run_are_deleted(thread_jobs: ExportJobs, tmp_path: Path) -> None:
    await export(thread_jobs, MessageQuery(), ExportFormat.CSV)
    thread_jobs.clear()
    assert not list((tmp_path / 'exports').iterdir())


async def test_a_cancelled_export_leaves_no_files_and_a_user_has_one_at_a_time(
    export_jobs: ExportJobs, database: Database, tmp_path: Path
) -> None:
    def make() -> asyncio.Task[Any]:
        return asyncio.create_task(
            export_jobs.make(MessageQuery(), ExportFormat.XLSX, account_id=1, progress=lambda rows: None)
        )

    first = make()
    await asyncio.sleep(0)
    with pytest.raises(ExportError, match='уже идёт'):
        await make()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await wait_for_no_files(tmp_path / 'exports')
    assert (await make()).rows == 0


async def wait_for_no_files(folder: Path) -> None:
    """Wait until a thread has emptied a folder."""
    async with asyncio.timeout(30):
        while list(folder.iterdir()):
            await asyncio.sleep(0.01)


async def test_a_failed_export_raises_a_sentence(tmp_path: Path) -> None:
    exports = ExportJobs(f'sqlite:///{tmp_path / "nowhere" / "no.db"}', MOSCOW, tmp_path / 'exports')
    exports.clear()
    with pytest.raises(ExportError, match='База данных не отвечает'):
        await export(exports, MessageQuery(), ExportFormat.CSV)
    await wait_for_no_files(tmp_path / 'exports')


def test_memory_stays_flat(tmp_path: Path, database: Database) -> None:
    """Exporting eight times the rows needs no more memory than SQLite's page cache."""
    peaks = []
    for number, count in enumerate((500, 4000)):
        messages = [incoming_message(text='Ждём Вас. ' * 900) for _ in range(count)]
        database.write_sync(partial(ingest_imported_messages, messages=messages, zone=MOSCOW, now=NOON))
        request: dict[str, object] = {
            'database': database.url.render_as_string(hide_password=False),
            'zone': MOSCOW.key,
            'scope': None,
            'path': str(tmp_path / f'{number}.csv'),
            'words': {},
            'person': {},
            'now': NOON.isoformat(),
        }
        command = [sys.executable, '-c', MEASURE_PEAK_MEMORY]
        done = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout.splitlines()[-1].split()[1]) / 1024)
        assert (tmp_path / f'{number}.csv').stat().st_size > count * 15_000
    assert peaks[1] - peaks[0] < 36, peaks  # the files differ by 54 MB; SQLite may cache 32 MB of pages


MEASURE_PEAK_MEMORY = """
import runpy
runpy.run_module('services.export', run_name='__main__')
print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')), end='')
"""


# Under the shipped systemd unit


@pytest.mark.skipif(missing_tools() != '', reason=missing_tools())
@pytest.mark.parametrize(
    ('format', 'nice'),
    [(ExportFormat.XLSX, True), (ExportFormat.CSV, False)],
    ids=['as shipped', 'without setpriority'],
)
async def test_an_export_runs_under_the_filter_of_the_shipped_unit(
    export_jobs: ExportJobs,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    format: ExportFormat,
    nice: bool,
) -> None:
    database.write_sync(lambda session: ingest_imported_messages(session, hostile_messages(), zone=MOSCOW, now=NOON))
    unit = tmp_path / 'journal@.service'
    shipped = (PROJECT_ROOT / 'deploy' / 'journal@.service').read_text()
    unit.write_text(shipped if nice else shipped.replace('SystemCallFilter=setpriority ', 'SystemCallFilter='))
    executable = tmp_path / 'python'
    executable.write_text(f'#!/bin/sh\nexec {shlex.join(command_line(unit, sys.executable))} "$@"\n')
    executable.chmod(0o700)
    monkeypatch.setattr('services.workers.worker_process.sys.executable', str(executable))
    file = await export_jobs.make(MessageQuery(), format, account_id=1, progress=lambda rows: None)
    assert file.rows == len(HOSTILE)


@pytest.mark.skipif(missing_tools() != '', reason=missing_tools())
def test_the_filter_of_the_shipped_unit_is_in_force() -> None:
    program = 'import os; os.nice(1); print("nice"); os.sched_setaffinity(0, {0})'
    command = command_line(PROJECT_ROOT / 'deploy' / 'journal@.service', sys.executable, '-c', program)
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ('nice\n', 1)
    assert done.stderr.endswith('PermissionError: [Errno 1] Operation not permitted\n')


# File names


def test_a_file_name_has_the_conditions_and_no_personal_data() -> None:
    query = MessageQuery(
        name='Королёв',
        phone='89161234567',
        period=Period(date(2026, 10, 22), date(2026, 11, 22)),
        organizations=frozenset({OrganizationName(1, 'Химкинская "ОБ"/филиал\u202e\n')}),
        statuses=frozenset({MessageStatus.FAILED}),
    )
    assert query.file_name() == (
        'Сообщения по ФИО, по телефону, с 22.10.2026 по 22.11.2026, МО Химкинская ОБ филиал , ошибка отправки'
    )
    assert len(MessageQuery(organizations=frozenset({OrganizationName(1, 'о' * 300)})).file_name()) <= 110
    assert MessageQuery().file_name() == 'Сообщения'
