"""What receipts say about the cost and the number of parts of a message, from the request to every sum."""

import csv
from collections.abc import Sequence
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import httpx
import pytest

from journal_ui.cli.console import EXIT_OK
from journal_ui.cli.import_commands import Import
from services import texts
from services.composition import Services
from services.database.engine import Database
from services.export.export_jobs import ExportFormat, ExportJobs
from services.lists.query_protocol import Totals
from services.messages.message_query import MessageQuery
from services.settings import Settings
from services.verification.check_runner import verify
from tests.helpers.api_requests import message_json
from tests.helpers.export_in_thread import run_export_in_thread
from tests.helpers.receipt_requests import codes
from tests.helpers.totals_recount import recounted_totals, stored_totals

KEY = 'k-priced-0123456789'
PROVIDER = """
title = "Шлюз с ценами"

[fields]
id = "id"
status = "state"
time = "at"
cost = "price.amount"
currency = "price.currency"
parts = "segments"

[statuses]
SENT = { name = "Передано", status = "sent" }
DONE = { name = "Доставлено", status = "sent", final = true }
"""
SENT = {'status': 'sent', 'sent_at': '2026-11-22T10:00:05+03:00'}


@pytest.fixture(scope='module')
def providers_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a provider whose receipts have prices."""
    folder = tmp_path_factory.mktemp('providers')
    (folder / 'priced.toml').write_text(PROVIDER, encoding='utf-8')
    return folder


@pytest.fixture
def settings(database: Database, providers_folder: Path) -> Settings:
    """Settings with a provider whose receipts have prices."""
    return Settings(
        database_url=database.url.render_as_string(hide_password=False),
        api_rate=60_000,
        providers_folder=providers_folder,
        receipt_keys={'priced': KEY, 'infobip': KEY},
    )


def unpriced(**changes: object) -> dict[str, Any]:
    """Build a message of which the sender knows no cost."""
    return message_json(cost=..., text='я' * 90, **SENT, **changes)


def receipt(id: str, state: str = 'DONE', *, cost: object = '3.10', minute: int = 1, **more: object) -> dict[str, Any]:
    """Build a receipt with a price in roubles."""
    report = {'id': id, 'state': state, 'at': f'2026-11-22T07:{minute:02}:00Z'}
    return report | {'price': {'amount': cost, 'currency': 'RUB'}} | more


async def report(client: httpx.AsyncClient, *receipts: dict[str, Any]) -> None:
    """Send receipts, each in a request."""
    for each in receipts:
        response = await client.post('/receipts/priced', params={'key': KEY}, json=each)
        assert response.status_code == 200, response.text


async def read(client: httpx.AsyncClient, message: dict[str, Any]) -> dict[str, Any]:
    """Return a message."""
    stored: dict[str, Any] = (await client.get(f'/messages/{message["id"]}')).json()
    return stored


async def billed(client: httpx.AsyncClient, message: dict[str, Any]) -> tuple[str | None, int | None]:
    """Return the cost and the number of parts of a message."""
    stored = await read(client, message)
    return stored['cost'], stored['parts']


async def submit(client: httpx.AsyncClient, *messages: dict[str, Any]) -> Sequence[str]:
    """Submit messages; return the outcomes."""
    results = (await client.post('/messages', json=list(messages))).json()
    return [each['outcome'] for each in results]


async def test_a_receipt_tells_what_the_sender_did_not(client: httpx.AsyncClient) -> None:
    message = unpriced()
    assert await submit(client, message) == ['created']
    assert await billed(client, message) == (None, 2)
    await report(client, receipt(message['id'], cost=9.3, segments=3))
    stored = await read(client, message)
    assert (stored['cost'], stored['parts'], stored['delivery']) == ('9.30', 3, 'delivered')
    told = [(event['told_by'], event['cost'], event['parts']) for event in stored['history']]
    assert told == [('mailer', None, None), ('mailer', None, None), ('priced', '9.30', 3)]


async def test_what_the_sender_says_comes_first(client: httpx.AsyncClient) -> None:
    free, priced, later = message_json(cost='0', **SENT), message_json(cost='2.50', parts=1, **SENT), unpriced()
    await submit(client, free, priced, later)
    await report(client, *(receipt(each['id'], segments=3) for each in (free, priced, later)))
    assert (await read(client, free))['cost'] == '0.00'
    assert await billed(client, priced) == ('2.50', 1)
    assert await billed(client, later) == ('3.10', 3)
    assert await submit(client, later, later | {'cost': None}) == ['unchanged'] * 2, 'it still knows no cost'
    assert await submit(client, later | {'cost': '4.00', 'parts': 2}) == ['updated']
    await report(client, receipt(later['id'], segments=3, minute=2))
    assert await billed(client, later) == ('4.00', 2)
    assert await submit(client, later) == ['unchanged']
    assert await billed(client, later) == ('4.00', 2)


async def test_repeated_late_and_early_receipts_have_the_same_result(client: httpx.AsyncClient) -> None:
    for order in permutations(range(3)):
        message = unpriced()
        receipts = [
            receipt(message['id'], 'SENT', cost='1.55', segments=1, minute=1),
            receipt(message['id'], 'DONE', cost='3.10', segments=2, minute=2),
            receipt(message['id'], 'SENT', minute=3, price={}),
        ]
        before, *after = (receipts[number] for number in order)
        await report(client, before, before)
        await submit(client, message)
        await report(client, *after, *receipts)
        assert await billed(client, message) == ('3.10', 2)
        assert len(await codes(client, message['id'])) == 3


async def test_the_price_of_a_part_is_not_that_of_the_message(client: httpx.AsyncClient) -> None:
    message = unpriced()
    await submit(client, message)
    await report(client, *(receipt(f'{message["id"]}-{part}', cost='1.55', segments=1) for part in (1, 2)))
    assert await billed(client, message) == (None, 2)
    assert (await read(client, message))['delivery'] == 'delivered'


@pytest.mark.parametrize(
    'price',
    [
        {'amount': '0.0333', 'currency': 'EUR'},
        {'amount': '3.10', 'currency': ''},
        {'amount': '3.10'},
        {'amount': 'three', 'currency': 'RUB'},
        {'amount': '-3.10', 'currency': 'RUB'},
        {'amount': '', 'currency': 'RUB'},
        {'amount': None, 'currency': 'RUB'},
        {'amount': '1e9', 'currency': 'RUB'},
    ],
)
async def test_no_other_price_is_taken_for_roubles_and_the_status_is_read(
    client: httpx.AsyncClient, price: dict[str, Any]
) -> None:
    message = unpriced()
    await submit(client, message)
    await report(client, receipt(message['id'], price=price, segments='many'))
    stored = await read(client, message)
    assert (stored['cost'], stored['parts'], stored['delivery']) == (None, 2, 'delivered')
    assert stored['history'][-1]['cost'] is None


async def test_every_sum_follows(
    client: httpx.AsyncClient, services: Services, database: Database, settings: Settings
) -> None:
    start = (await client.get('/messages/changes')).json()['next_cursor']
    messages = [unpriced(), unpriced(), message_json(cost='2.50', **SENT)]
    await submit(client, *messages)
    expected = Decimal('2.50')
    for number, cost in ((0, '3.125'), (1, '3.10')):
        await report(client, receipt(messages[number]['id'], cost=cost))
        expected += Decimal({'3.125': '3.12'}.get(cost, cost))
        for query in (MessageQuery(), MessageQuery(name='королёв'), MessageQuery(name='королёв и')):
            assert await services.messages.totals(query) == Totals(3, expected)
        await services.live_updates.refresh()
        assert services.live_updates.footer is not None
        assert services.live_updates.footer.sent_cost == expected
        counts = (await client.get('/stats')).json()['counts']
        assert sum(each['cost_kopecks'] for each in counts) == expected * 100
    assert stored_totals(database) == recounted_totals(database)
    assert not [result.title for result in verify(database, settings.zone) if result.count]
    changed = (await client.get('/messages/changes', params={'after': start})).json()['messages']
    assert {row['id']: row['cost'] for row in changed} == {
        message['id']: cost for message, cost in zip(messages, ('3.12', '3.10', '2.50'), strict=True)
    }


@pytest.mark.parametrize('format', ExportFormat)
async def test_an_exported_file_changes_nothing(
    client: httpx.AsyncClient, database: Database, settings: Settings, tmp_path: Path, format: ExportFormat
) -> None:
    known, unknown = unpriced(), unpriced()
    await submit(client, known, unknown)
    jobs = ExportJobs(settings.database_url, settings.zone, tmp_path / 'exports', run=run_export_in_thread)
    jobs.clear()

    async def export() -> Path:
        return (await jobs.make(MessageQuery(), format, account_id=1, progress=lambda rows: None)).path

    before = await export()
    await report(client, receipt(known['id'], segments=3))
    after = await export()
    if format is ExportFormat.CSV:
        with after.open(encoding='utf-8-sig', newline='') as file:
            costs = {row[texts.CODE]: row[texts.COST] for row in csv.DictReader(file, delimiter=';')}
        assert costs == {known['id']: '3,10', unknown['id']: ''}
    start = (await client.get('/messages/changes')).json()['next_cursor']
    for path in (before, after):
        assert Import(file=path).run(settings, database) == EXIT_OK
    assert not (await client.get('/messages/changes', params={'after': start})).json()['messages']
    await report(client, receipt(known['id'], cost='6.20', segments=4, minute=2), receipt(unknown['id'], cost='1.00'))
    assert await billed(client, known) == ('6.20', 4), 'the file has not become the word of the sender'
    assert await billed(client, unknown) == ('1.00', 2)


async def test_infobip_tells_the_parts_but_not_whose_price(client: httpx.AsyncClient) -> None:
    message = unpriced()
    await submit(client, message | {'provider': 'infobip', 'provider_id': 'M-1'})
    result = {
        'messageId': 'M-1',
        'doneAt': '2026-11-22T07:06:00.000+0000',
        'smsCount': 3,
        'price': {'pricePerMessage': 1.55, 'currency': 'RUB'},
        'status': {'groupId': 3, 'groupName': 'DELIVERED', 'id': 5, 'name': 'DELIVERED_TO_HANDSET'},
    }
    response = await client.post('/receipts/infobip', params={'key': KEY}, json={'results': [result]})
    assert response.status_code == 200
    assert await billed(client, message) == (None, 3)
