"""What a message costs and in how many parts it is sent, from the request to every sum."""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from journal_ui.cli.console import EXIT_FAILED
from journal_ui.cli.import_commands import Import
from services import texts
from services.composition import compose
from services.database.engine import Database
from services.export.export_jobs import ExportFormat, ExportJobs
from services.lists.query_protocol import Period, Totals
from services.messages.message_query import MessageQuery
from services.settings import Settings
from services.summary.summary_query import SummaryQuery
from tests.helpers.api_requests import message_json
from tests.helpers.export_in_thread import run_export_in_thread
from tests.helpers.factories import message_cells, write_csv
from tests.helpers.totals_recount import recounted_totals, stored_totals


@pytest.mark.parametrize(
    ('cost', 'stored'),
    [
        ('"3.1000"', '3.10'),
        ('"3,10 ₽"', '3.10'),
        ('"3.1249"', '3.12'),
        ('3.1', '3.10'),
        ('3', '3.00'),
        ('3.1249', '3.12'),
        # A binary float would be rounded to 2.67 and 2.67.
        ('2.675', '2.68'),
        ('2.665', '2.66'),
        ('1e-7', '0.00'),
        ('3.10e2', '310.00'),
        ('0.30000000000000004', '0.30'),
    ],
)
async def test_a_cost_is_a_text_or_a_number_and_is_rounded_by_its_decimal_digits(
    client: httpx.AsyncClient, cost: str, stored: str
) -> None:
    message = message_json()
    content = json.dumps(message).replace('"cost": "3.10"', f'"cost": {cost}')
    response = await client.post('/messages', content=content, headers={'content-type': 'application/json'})
    assert response.json()['outcome'] == 'created'
    assert (await client.get(f'/messages/{message["id"]}')).json()['cost'] == stored


async def test_every_sum_is_the_sum_of_the_rounded_costs(
    client: httpx.AsyncClient, database: Database, settings: Settings, tmp_path: Path
) -> None:
    sent = {'status': 'sent', 'sent_at': '2026-11-22T10:00:05+03:00'}
    await client.post('/messages', json=[message_json(cost='3.1249', **sent) for _ in range(3)])
    costs = ('2,675 руб.', '3,100', '3.10 руб.', '1,234,567')
    file = write_csv(tmp_path / 'messages.csv', [message_cells({texts.COST: cost}) for cost in costs])
    assert Import(file=file).run(settings, database) == EXIT_FAILED, 'one of them is ambiguous'
    services = compose(settings, database)
    expected = 3 * Decimal('3.12') + Decimal('2.68') + 2 * Decimal('3.10')
    for query in (MessageQuery(), MessageQuery(name='королёв'), MessageQuery(name='королёв и')):
        assert await services.messages.totals(query) == Totals(6, expected)
    await services.live_updates.refresh()
    assert services.live_updates.footer is not None
    assert services.live_updates.footer.sent_cost == expected
    period = Period(date(2026, 11, 1), date(2026, 11, 30))
    assert (await services.summaries.summarize(SummaryQuery(period=period))).totals.cost == expected
    jobs = ExportJobs(settings.database_url, settings.zone, tmp_path / 'exports', run=run_export_in_thread)
    jobs.clear()
    export = await jobs.make(MessageQuery(), ExportFormat.CSV, account_id=1, progress=lambda rows: None)
    with export.path.open(encoding='utf-8-sig', newline='') as opened:
        exported = [row[texts.COST] for row in csv.DictReader(opened, delimiter=';')]
    assert sum(Decimal(cost.replace(',', '.')) for cost in exported) == expected
    assert stored_totals(database) == recounted_totals(database)


async def test_the_sender_may_know_the_number_of_parts_better(client: httpx.AsyncClient) -> None:
    message = message_json(text='я' * 90)

    async def displayed_parts() -> int | None:
        parts: int | None = (await client.get(f'/messages/{message["id"]}')).json()['parts']
        return parts

    await client.post('/messages', json=message)
    assert await displayed_parts() == 2
    assert (await client.post('/messages', json={**message, 'parts': 3})).json()['outcome'] == 'updated'
    assert await displayed_parts() == 3
    assert (await client.post('/messages', json=message)).json()['outcome'] == 'unchanged'
    assert await displayed_parts() == 3
    shorter = {**message, 'text': 'Короче', 'replace': True}
    assert (await client.post('/messages', json=shorter)).json()['outcome'] == 'updated'
    assert await displayed_parts() == 1, 'the number was of another text'
