"""Invisible characters and those that set the direction of a text are removed from whatever is submitted."""

from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from services import texts
from services.composition import Services
from services.ingest.file_import.file_import import import_file
from services.ingest.file_import.message_format import MESSAGE_FORMAT
from services.ingest.message_parsing import parse_recipient_name, parse_text
from services.messages.message_query import MessageQuery
from tests.helpers.api_requests import ORGANIZATION, document_json, message_json
from tests.helpers.factories import message_cells, write_csv

INVISIBLE = [chr(code) for code in (0xAD, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060)]
INVISIBLE += [*map(chr, range(0x2066, 0x206A)), '\ufeff']
NAME = 'Королёв Иван Петрович'
HIDDEN_NAME = '\u202eКоро\u200bлёв\u2069 \u2066 Иван Пет\u00adрович\ufeff'


@pytest.mark.parametrize('character', INVISIBLE, ids=lambda each: f'{ord(each):x}')
def test_none_is_part_of_a_name(character: str) -> None:
    assert parse_recipient_name(f'{character}Иван{character}ов {character} Пётр{character}') == 'Иванов Пётр'


def test_a_text_loses_none_of_its_emoji() -> None:
    family = '\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f'
    assert parse_text(f'\u202eЖдём\u200b Вас\u2069\n{family}\t!') == f'Ждём Вас\n{family}\t!'


async def test_a_message_is_stored_found_and_repeated_as_it_looks(
    client: httpx.AsyncClient, services: Services, tmp_path: Path
) -> None:
    hidden = message_json(
        recipient_name=HIDDEN_NAME,
        organization=f'\u2067{ORGANIZATION}\u200f',
        kind='Напо\u200dминание',
        text='Ждём\u202e Вас',
        phone='\u202a+7 999 000-00-01\u202c',
    )
    seen = {**hidden, 'recipient_name': NAME, 'organization': ORGANIZATION, 'kind': 'Напоминание', 'text': 'Ждём Вас'}
    outcomes = [(await client.post('/messages', json=each)).json()['outcome'] for each in (hidden, seen, hidden)]
    assert outcomes == ['created', 'unchanged', 'unchanged']
    stored = (await client.get(f'/messages/{hidden["id"]}')).json()
    assert {name: stored[name] for name in ('recipient_name', 'organization', 'kind', 'text')} == {
        name: seen[name] for name in ('recipient_name', 'organization', 'kind', 'text')
    }
    page = await services.messages.page(MessageQuery(name=NAME), number=1, size=5)
    assert [row.recipient_name for row in page.rows] == [NAME]
    assert len(await services.organizations.all()) == 1

    cells = message_cells({texts.RECIPIENT: HIDDEN_NAME, texts.CODE: f'\ufeff{message_json()["id"]}'})
    path = write_csv(tmp_path / 'messages.csv', [cells])
    outcome = [import_file(services.database, path, ZoneInfo('Europe/Moscow'), MESSAGE_FORMAT) for _ in range(2)]
    assert [(report.created, report.unchanged, report.rejected) for report in outcome] == [(1, 0, 0), (0, 1, 0)]
    page = await services.messages.page(MessageQuery(name=NAME), number=1, size=5)
    assert [row.recipient_name for row in page.rows] == [NAME, NAME]


async def test_a_document_and_a_receipt_are_cleaned_alike(client: httpx.AsyncClient) -> None:
    document = document_json(patient_name=HIDDEN_NAME, doctor='\u202eВрач', kind='Протокол\u200b консультации')
    await client.post('/documents', json=document)
    stored = (await client.get(f'/documents/{document["id"]}')).json()
    assert (stored['patient_name'], stored['doctor'], stored['kind']) == (NAME, 'Врач', 'Протокол консультации')

    message = message_json()
    await client.post('/messages', json=message)
    status = {'status': 'failed', 'at': '2026-11-22T10:30:00+03:00', 'error_code': '6\u200b', 'error_name': 'Не\u202eт'}
    await client.post(f'/messages/{message["id"]}/status', json=status)
    stored = (await client.get(f'/messages/{message["id"]}')).json()
    assert (stored['error_code'], stored['error_name']) == ('6', 'Нет')
    form = {'id': f'\u200e{message["id"]}', 'phone': '79990000001', 'status': '20\u2060', 'err': '6\ufeff'}
    response = await client.post(
        '/receipts/smsc?key=k-smsc-0123456789', data={**form, 'time': '22.11.2026 10:45:00\u00ad'}
    )
    assert (response.status_code, response.text) == (200, 'OK')
    stored = (await client.get(f'/messages/{message["id"]}')).json()
    assert (stored['history'][-1]['code'], stored['error_name']) == ('20', 'Абонент не в сети')
