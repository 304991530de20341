"""Exported files: whatever a journal holds, its rows and no others, in order, and back again."""

import asyncio
import csv
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import MessageKind, MessageStatus
from services import formats, texts
from services.database.engine import Database
from services.database.migrations import migrate
from services.export.export_columns import COLUMNS, PHONE, cell
from services.export.export_jobs import ExportRefused, Exports, Format
from services.export.file_writers import write_xlsx
from services.export.row_stream import stream
from services.ingest.csv_import.file_import import MESSAGES, import_file
from services.ingest.csv_import.rejects_file import FORMULA
from services.ingest.message_ingest import Teller, hand_over, record
from services.ingest.message_parsing import Incoming
from services.lists.organizations import OrganizationName, Organizations
from services.lists.query_protocol import Order, Period
from services.messages.message_query import ORDERS, MessageQuery
from services.messages.search.query_shape import Asked
from services.messages.search.selectivity import Commonness
from services.phones import e164
from services.settings import PROJECT
from tests.helpers import reference_messages
from tests.helpers.factories import SENT_AT, incoming
from tests.helpers.reference_messages import MOSCOW, NOON, Arrived
from tests.helpers.systemd_sandbox import command_line, missing_tools

HOSTILE = (
    '=1+1',
    '=HYPERLINK("http://evil.example";"Нажмите")',
    '+7 (916) 123-45-67',
    '-2+3',
    '@SUM(A1)',
    '\t=1+1',
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


def hostile_messages() -> list[Incoming]:
    """Messages whose every text means harm, with all that a message can hold."""
    plain = [text for text in HOSTILE if text == ' '.join(text.split())]
    found = []
    for number, text in enumerate(HOSTILE):
        word = plain[number % len(plain)]
        found.append(
            incoming(
                recipient_name=word,
                organization=word,
                text=text,
                phone=('+79161234567', '+375291234567', '+71022655724')[number % 3],
                status=MessageStatus.FAILED,
                queued_at=NOON - timedelta(hours=number, seconds=number),
                attempted_at=NOON - timedelta(minutes=number, seconds=number),
                appointment_at=None,
                error_code=word[:50],
                error_name=word,
                cost=Decimal(number) / 100,
            )
        )
    return found


@pytest.fixture
def exports(database: Database, tmp_path: Path) -> Exports:
    """Exports of the database, into a folder of the test's own."""
    made = Exports(database.url.render_as_string(hide_password=False), MOSCOW, tmp_path / 'exports')
    made.clear()
    return made


async def export(exports: Exports, query: MessageQuery, format: Format) -> Path:
    """Export, and give the file."""
    return (await exports.make(query, format, account_id=1, progress=lambda rows: None)).path


def rows(path: Path) -> list[dict[str, str]]:
    """Read an exported CSV file."""
    assert path.read_bytes().startswith(b'\xef\xbb\xbf')
    with path.open(encoding='utf-8-sig', newline='') as file:
        return list(csv.DictReader(file, delimiter=';'))


def asked(database: Database, query: MessageQuery) -> list[Incoming]:
    """Read what an export of a query would hold, without a process."""
    return database.read_still(lambda session: list(stream(Asked.of(session, query, MOSCOW, Commonness(), NOON))))


# Which rows, and in which order


@dataclass(frozen=True, repr=False)
class Journal:
    """A journal, and all that is in it."""

    database: Database
    arrived: Sequence[Arrived]


@pytest.fixture
def journal(database: Database, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """A journal of many ties and hostile names, and all that is in it."""
    monkeypatch.setattr('services.messages.search.index_tokens.READ', 1_000_000)
    messages = reference_messages.some_messages(300, seed=5)
    database.write_now(lambda session: record(session, messages, zone=MOSCOW, now=NOON))
    return Journal(database, database.read_now(reference_messages.stored))


@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_export_has_exactly_what_a_search_finds_in_its_order(journal: Journal, data: st.DataObject) -> None:
    organizations = asyncio.run(Organizations(journal.database).all())
    query = MessageQuery(
        name=data.draw(st.sampled_from(['', 'иванов', 'и', 'ив', 'Иванов И П', '%', 'нет такого'])),
        phone=data.draw(st.sampled_from(['', '7916', '89160111110', '1'])),
        kind=data.draw(st.none() | st.sampled_from(MessageKind)),
        period=data.draw(st.sampled_from([Period(), Period(NOON.date() - timedelta(days=30), NOON.date())])),
        organization=data.draw(st.none() | st.sampled_from(list(organizations))),
        statuses=data.draw(st.frozensets(st.sampled_from(MessageStatus))),
        older_than=data.draw(st.sampled_from([None, None, 60 * 24 * 20])),
        order=data.draw(st.none() | st.builds(Order, st.sampled_from(ORDERS), st.booleans())),
    )
    assert asked(journal.database, query) == [
        one.message for one in reference_messages.expected(journal.arrived, query)
    ]


# CSV


@pytest.fixture(params=['sqlite', 'postgresql'])
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Another, empty journal."""
    url = f'sqlite:///{tmp_path / "another.db"}'
    if request.param == 'postgresql':
        url = request.getfixturevalue('postgres').create(name := f'another_{uuid4().hex}')
    migrate(url)
    opened = Database(url)
    yield opened
    opened.close()
    if request.param == 'postgresql':
        request.getfixturevalue('postgres').drop(name)


async def test_an_exported_file_is_imported_as_the_same_journal(
    exports: Exports, database: Database, another: Database
) -> None:
    messages = hostile_messages() + reference_messages.some_messages(50, seed=1)
    database.write_now(lambda session: record(session, messages, zone=MOSCOW, now=NOON))
    path = await export(exports, MessageQuery(), Format.CSV)
    again = import_file(database, path, MOSCOW, MESSAGES)
    assert (again.created, again.updated, again.unchanged, again.refused) == (0, 0, len(messages), 0)
    moved = import_file(another, path, MOSCOW, MESSAGES)
    assert (moved.created, moved.refused) == (len(messages), 0)
    assert by_id(another) == by_id(database)


def by_id(database: Database) -> list[Incoming]:
    """All messages of a journal."""
    stored = database.read_now(reference_messages.stored)
    return sorted((one.message for one in stored), key=lambda message: message.id)


async def test_a_message_that_a_provider_told_of_is_imported_as_the_same(exports: Exports, database: Database) -> None:
    message = incoming(status=MessageStatus.FAILED, attempted_at=SENT_AT, error_code='13', error_name='Нет абонента')
    database.write_now(lambda session: hand_over(session, [(message, Teller('robot'))], zone=MOSCOW, now=NOON))
    path = await export(exports, MessageQuery(), Format.CSV)
    assert import_file(database, path, MOSCOW, MESSAGES).unchanged == 1


async def test_no_cell_of_a_file_is_a_formula(exports: Exports, database: Database) -> None:
    database.write_now(lambda session: record(session, hostile_messages(), zone=MOSCOW, now=NOON))
    for row in rows(await export(exports, MessageQuery(), Format.CSV)):
        assert not [value for value in row.values() if value[:1] in '=+-@\t\r' and value]


@given(st.from_regex(r'[3-9][0-9]{9}', fullmatch=True))
def test_a_phone_is_written_with_an_eight_and_read_as_the_same(digits: str) -> None:
    written = cell(PHONE, formats.phone(f'+7{digits}'))
    assert not FORMULA.match(written)
    assert e164(written) == f'+7{digits}'


# XLSX


async def test_cells_of_a_workbook_have_types(exports: Exports, database: Database) -> None:
    messages = [*hostile_messages(), incoming(cost=Decimal('1234.50'))]
    database.write_now(lambda session: record(session, messages, zone=MOSCOW, now=NOON))
    path = await export(exports, MessageQuery(order=Order('cost', descending=True)), Format.XLSX)
    book = python_calamine.CalamineWorkbook.from_path(path)
    assert book.sheet_names == [texts.SHEET]
    head, first, *others = book.get_sheet_by_name(texts.SHEET).to_python()
    assert head == [column.title for column in COLUMNS]
    row = dict(zip(head, first, strict=True))
    assert row[texts.COST] == 1234.5
    assert row[texts.SENT_AT] == datetime(2026, 11, 20, 13, 56)
    assert row[texts.PHONE] == '+7 (916) 123-45-67'
    assert row[texts.STATUS] == 'Отправлено'
    told = [dict(zip(head, other, strict=True)) for other in others]
    assert {each[texts.TEXT] for each in told} == set(HOSTILE)
    assert {each[texts.RECIPIENT] for each in told} <= set(HOSTILE)


def test_a_great_export_goes_on_in_further_sheets(tmp_path: Path) -> None:
    messages = [incoming(cost=Decimal(number)) for number in range(5)]
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


async def test_files_are_for_the_program_alone_and_handed_out_once(exports: Exports, tmp_path: Path) -> None:
    file = await exports.make(MessageQuery(), Format.CSV, account_id=1, progress=lambda rows: None)
    assert (file.path.stat().st_mode & 0o777, file.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    key = exports.offer(file, 'session')
    assert exports.open(key, 'another session') is None
    opened = exports.open(key, 'session')
    assert opened is not None
    with opened.file:
        assert opened.file.read().decode('utf-8-sig').startswith(texts.CODE)
    assert exports.open(key, 'session') is None
    assert not list((tmp_path / 'exports').iterdir())


async def test_what_is_left_of_an_earlier_run_is_removed(exports: Exports, tmp_path: Path) -> None:
    await export(exports, MessageQuery(), Format.CSV)
    exports.clear()
    assert not list((tmp_path / 'exports').iterdir())


async def test_a_cancelled_export_leaves_nothing_and_a_person_has_one_at_a_time(
    exports: Exports, database: Database, tmp_path: Path
) -> None:
    def make() -> asyncio.Task[Any]:
        return asyncio.create_task(exports.make(MessageQuery(), Format.XLSX, account_id=1, progress=lambda rows: None))

    first = make()
    await asyncio.sleep(0)
    with pytest.raises(ExportRefused, match='уже идёт'):
        await make()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    while list((tmp_path / 'exports').iterdir()):
        await asyncio.sleep(0.01)
    assert (await make()).rows == 0


async def test_an_export_that_breaks_says_so(tmp_path: Path) -> None:
    exports = Exports(f'sqlite:///{tmp_path / "nowhere" / "no.db"}', MOSCOW, tmp_path / 'exports')
    exports.clear()
    with pytest.raises(ExportRefused, match='база данных не отвечает'):
        await export(exports, MessageQuery(), Format.CSV)
    assert not [path for path in (tmp_path / 'exports').iterdir() if any(path.iterdir())]


def test_memory_stays_flat(tmp_path: Path, database: Database) -> None:
    """Eight times the rows take no more than the pages that SQLite keeps of its file."""
    peaks = []
    for number, count in enumerate((500, 4000)):
        messages = [incoming(text='Ждём Вас. ' * 900) for _ in range(count)]
        database.write_now(partial(record, messages=messages, zone=MOSCOW, now=NOON))
        order = {
            'database': database.url.render_as_string(hide_password=False),
            'zone': MOSCOW.key,
            'path': str(tmp_path / f'{number}.csv'),
            'words': {},
            'person': {},
            'now': NOON.isoformat(),
        }
        command = [sys.executable, '-c', PEAK]
        done = subprocess.run(command, input=json.dumps(order), capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout.splitlines()[-1].split()[1]) / 1024)
        assert (tmp_path / f'{number}.csv').stat().st_size > count * 15_000
    assert peaks[1] - peaks[0] < 36, peaks  # the files differ by 54 MB; SQLite may keep 32 MB of pages


PEAK = """
import runpy
runpy.run_module('services.export', run_name='__main__')
print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')), end='')
"""


# Under the shipped systemd unit


@pytest.mark.skipif(missing_tools() != '', reason=missing_tools())
@pytest.mark.parametrize('nice', [True, False], ids=['as shipped', 'without setpriority'])
@pytest.mark.parametrize('format', Format)
async def test_an_export_runs_under_the_filter_of_the_shipped_unit(
    exports: Exports, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: Format, nice: bool
) -> None:
    database.write_now(lambda session: record(session, hostile_messages(), zone=MOSCOW, now=NOON))
    unit = tmp_path / 'journal@.service'
    shipped = (PROJECT / 'deploy' / 'journal@.service').read_text()
    unit.write_text(shipped if nice else shipped.replace('SystemCallFilter=setpriority\n', ''))
    executable = tmp_path / 'python'
    executable.write_text(f'#!/bin/sh\nexec {shlex.join(command_line(unit, sys.executable))} "$@"\n')
    executable.chmod(0o700)
    monkeypatch.setattr('services.export.sys.executable', str(executable))
    file = await exports.make(MessageQuery(), format, account_id=1, progress=lambda rows: None)
    assert file.rows == len(HOSTILE)


@pytest.mark.skipif(missing_tools() != '', reason=missing_tools())
def test_the_filter_of_the_shipped_unit_is_in_force() -> None:
    program = 'import os; os.nice(1); print("nice"); os.sched_setaffinity(0, {0})'
    command = command_line(PROJECT / 'deploy' / 'journal@.service', sys.executable, '-c', program)
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ('nice\n', 1)
    assert done.stderr.endswith('PermissionError: [Errno 1] Operation not permitted\n')


# What a file is called


def test_a_file_is_called_by_its_conditions_and_names_nobody() -> None:
    query = MessageQuery(
        name='Королёв',
        phone='89161234567',
        period=Period(date(2026, 10, 22), date(2026, 11, 22)),
        organization=OrganizationName(1, 'Химкинская "ОБ"/филиал\u202e\n'),
        statuses=frozenset({MessageStatus.FAILED}),
    )
    assert query.file_name() == (
        'Сообщения по ФИО, по телефону, с 22.10.2026 по 22.11.2026, МО Химкинская ОБ филиал , ошибка отправки'
    )
    assert len(MessageQuery(organization=OrganizationName(1, 'о' * 300)).file_name()) <= 110
    assert MessageQuery().file_name() == 'Сообщения'
