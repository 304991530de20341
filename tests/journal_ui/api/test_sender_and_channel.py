"""The name under which a message was sent and its channel: from a program or a file to every reader."""

import csv
from pathlib import Path
from typing import Any

import httpx
import pytest

from journal_ui.cli.console import EXIT_FAILED, EXIT_OK
from journal_ui.cli.import_commands import Import
from services import texts
from services.database.engine import Database
from services.export.export_jobs import ExportFormat, ExportJobs
from services.messages.message_query import MessageQuery
from services.settings import Settings
from tests.helpers.api_requests import assert_problem, message_json
from tests.helpers.export_in_thread import run_export_in_thread
from tests.helpers.factories import message_cells, write_csv

BOTH = {'sender': 'MosOblMed', 'channel': 'sms'}
NONE = {'sender': None, 'channel': None}


def of(message: dict[str, Any]) -> dict[str, Any]:
    """Return the sender and the channel of a message in an answer."""
    return {name: message[name] for name in BOTH}


async def read(client: httpx.AsyncClient, id: str) -> dict[str, Any]:
    """Return the sender and the channel of a message."""
    return of((await client.get(f'/messages/{id}')).json())


async def test_every_reader_gets_what_was_submitted(client: httpx.AsyncClient) -> None:
    start = (await client.get('/messages/changes')).json()['next_cursor']
    submitted = [message_json(**BOTH), message_json(sender='Здоровье МО', channel='push'), message_json()]
    await client.post('/messages', json=submitted)
    expected = {each['id']: {name: each.get(name) for name in BOTH} for each in submitted}
    assert {each['id']: await read(client, each['id']) for each in submitted} == expected
    listed = (await client.get('/messages')).json()['messages']
    found = (await client.post('/messages/search', json={'name': 'королёв'})).json()['messages']
    changed = (await client.get('/messages/changes', params={'after': start})).json()['messages']
    for rows in (listed, found, changed):
        assert {row['id']: of(row) for row in rows} == expected


async def test_what_is_not_known_is_not_guessed_and_later_added(client: httpx.AsyncClient) -> None:
    message = message_json(status='sent', sent_at='2026-11-22T10:00:05+03:00')
    await client.post('/messages', json=message)
    assert await read(client, message['id']) == NONE
    assert (await client.post('/messages', json=message | BOTH)).json()['outcome'] == 'updated'
    assert (await client.post('/messages', json=message | BOTH)).json()['outcome'] == 'unchanged'
    assert (await client.post('/messages', json=message)).json()['outcome'] == 'unchanged'
    assert (await client.post('/messages', json=message | NONE)).json()['outcome'] == 'unchanged'
    assert await read(client, message['id']) == BOTH
    assert (await client.post('/messages', json=message | {'channel': 'СМС'})).json()['outcome'] == 'unchanged'
    other = {'sender': 'Здоровье МО', 'channel': 'max'}
    assert (await client.post('/messages', json=message | other)).json()['outcome'] == 'updated', 'no conflict'
    assert await read(client, message['id']) == other


async def test_parts_are_those_of_an_sms(client: httpx.AsyncClient) -> None:
    message = message_json(text='я' * 90)
    for channel, parts in ((None, 2), ('sms', 2), ('viber', None)):
        await client.post('/messages', json=message | {'channel': channel})
        assert (await client.get(f'/messages/{message["id"]}')).json()['parts'] == parts


@pytest.mark.parametrize(
    ('changes', 'code', 'field'),
    [
        ({'channel': 'pigeon'}, 'unknown_channel', 'channel'),
        ({'channel': 1}, 'wrong_type', 'channel'),
        ({'channel': 'sms', 'sender': 'Минздрав'}, 'not_sms_sender', 'sender'),
        ({'channel': 'sms', 'sender': 'MosOblZdravMed'}, 'not_sms_sender', 'sender'),
        ({'sender': 'M' * 65}, 'too_long', 'sender'),
        ({'sender': 'M\x07'}, 'unreadable', 'sender'),
    ],
)
async def test_what_cannot_be_is_refused(
    client: httpx.AsyncClient, changes: dict[str, Any], code: str, field: str
) -> None:
    message = message_json(**changes)
    assert assert_problem(await client.post('/messages', json=message), 422, code, field)
    assert (await client.get(f'/messages/{message["id"]}')).status_code == 404


async def test_invisible_characters_are_removed(client: httpx.AsyncClient) -> None:
    message = message_json(sender='\u202eMos\u200bOblMed\u2069', channel='s\u200bms')
    await client.post('/messages', json=message)
    assert await read(client, message['id']) == BOTH


@pytest.mark.parametrize(
    ('titles', 'channel'),
    [
        (('Отправитель', 'Канал'), 'СМС'),
        (('Имя отправителя', 'Канал отправки'), 'sms'),
        (('sender', 'channel'), 'Смс'),
    ],
)
async def test_a_file_has_them_under_the_usual_titles(
    client: httpx.AsyncClient,
    database: Database,
    settings: Settings,
    tmp_path: Path,
    titles: tuple[str, str],
    channel: str,
) -> None:
    cells = message_cells(dict(zip(titles, ('MosOblMed', channel), strict=True)))
    file = write_csv(tmp_path / 'messages.csv', [cells], columns=list(cells))
    assert Import(file=file).run(settings, database) == EXIT_OK
    assert await read(client, cells[texts.CODE]) == BOTH


async def test_a_row_with_a_sender_that_no_sms_has_is_refused_with_the_reason(
    client: httpx.AsyncClient, database: Database, settings: Settings, tmp_path: Path
) -> None:
    rows = [
        message_cells({texts.SENDER: 'Минздрав', texts.CHANNEL: 'СМС'}),
        message_cells({texts.SENDER: 'Минздрав', texts.CHANNEL: ''}),
        message_cells({texts.SENDER: '', texts.CHANNEL: 'Факс'}),
    ]
    file = write_csv(tmp_path / 'messages.csv', rows, columns=list(rows[0]))
    assert Import(file=file).run(settings, database) == EXIT_FAILED
    with (tmp_path / 'messages.refused.csv').open(encoding='utf-8-sig', newline='') as opened:
        refused = {row[texts.CODE]: row[texts.IMPORT_REASON] for row in csv.DictReader(opened, delimiter=';')}
    assert set(refused) == {rows[0][texts.CODE], rows[2][texts.CODE]}
    assert '«Отправитель»: «Минздрав» — не для СМС' in refused[rows[0][texts.CODE]]
    assert '«Канал»: «Факс» — нет такого канала' in refused[rows[2][texts.CODE]]
    assert await read(client, rows[1][texts.CODE]) == {'sender': 'Минздрав', 'channel': None}


@pytest.mark.parametrize('format', ExportFormat)
async def test_an_export_has_both_and_can_be_imported(
    client: httpx.AsyncClient, database: Database, settings: Settings, tmp_path: Path, format: ExportFormat
) -> None:
    submitted = [
        message_json(sender='+74951234567', channel='sms'),
        message_json(sender='=1+1', channel='voice'),
        message_json(sender='0122'),
        message_json(),
    ]
    await client.post('/messages', json=submitted)
    before = (await client.get('/messages')).json()
    jobs = ExportJobs(settings.database_url, settings.zone, tmp_path / 'exports', run=run_export_in_thread)
    jobs.clear()
    path = (await jobs.make(MessageQuery(), format, account_id=1, progress=lambda rows: None)).path
    start = (await client.get('/messages/changes')).json()['next_cursor']
    assert Import(file=path).run(settings, database) == EXIT_OK
    assert (await client.get('/messages')).json() == before
    assert not (await client.get('/messages/changes', params={'after': start})).json()['messages']


async def test_a_file_of_a_spreadsheet_impoverishes_no_number(
    client: httpx.AsyncClient, database: Database, settings: Settings, tmp_path: Path
) -> None:
    cells = message_cells({texts.SENDER: '79161234567', texts.CHANNEL: 'СМС'})
    short = message_cells({texts.SENDER: '0122', texts.CHANNEL: 'СМС'})
    file = write_csv(tmp_path / 'a.csv', [cells, short], columns=list(cells))
    assert Import(file=file).run(settings, database) == EXIT_OK
    poorer = [
        cells | {texts.SENDER: '7,91612E+10', texts.CHANNEL: ''},
        short | {texts.SENDER: '122', texts.CHANNEL: 'смс'},
    ]
    file = write_csv(tmp_path / 'b.csv', poorer, columns=list(cells))
    assert Import(file=file).run(settings, database) == EXIT_OK
    assert await read(client, cells[texts.CODE]) == {'sender': '79161234567', 'channel': 'sms'}
    assert await read(client, short[texts.CODE]) == {'sender': '0122', 'channel': 'sms'}
