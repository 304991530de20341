"""Nobody gets the receipts of another message: on every way in, an identifier that is taken is refused and said."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from services import texts
from services.accounts.api_tokens import ApiTokens
from services.database.engine import Database
from services.ingest.file_import.file_import import import_file
from services.ingest.file_import.message_format import MESSAGE_FORMAT
from tests.helpers.api_requests import ORGANIZATION, assert_problem, message_json
from tests.helpers.factories import message_cells, write_csv
from tests.helpers.receipt_requests import claim, codes, create_message, kannel, smsc
from tests.helpers.reference_messages import MOSCOW

OTHER_ORGANIZATION = 'ГБУЗ МО «Другая больница»'
OTHER_PHONE = '+79160000002'


@pytest.fixture
async def taken(client: httpx.AsyncClient, database: Database) -> tuple[str, str]:
    """A message of another organisation, and the UUID by which its provider knows it; the client has a bound token."""
    theirs, provider_id = await create_message(client, organization=OTHER_ORGANIZATION), str(uuid4())
    assert (await claim(client, theirs, 'kannel', provider_id)).status_code == 200
    await create_message(client)  # the token needs an organisation that the journal knows
    client.headers['Authorization'] = f'Bearer {ApiTokens(database).add("bound", ORGANIZATION)}'
    return theirs, provider_id


async def assert_receipts_are_theirs(
    client: httpx.AsyncClient, database: Database, theirs: str, provider_id: str
) -> None:
    """Check that a receipt of the provider belongs to the message that has named its identifier first."""
    await kannel(client, provider_id, '1')
    client.headers['Authorization'] = f'Bearer {ApiTokens(database).add("all")}'
    assert await codes(client, theirs) == ['1']


@pytest.mark.parametrize('notation', [str, str.upper])
async def test_a_new_message_whose_id_a_provider_uses_for_another_is_refused(
    client: httpx.AsyncClient, database: Database, taken: tuple[str, str], notation: Callable[[str], str]
) -> None:
    theirs, provider_id = taken
    response = await client.post('/messages', json=message_json(id=notation(provider_id)))
    assert assert_problem(response, 409, 'provider_id_taken', 'id')
    assert (await client.get(f'/messages/{provider_id}')).status_code == 404
    await assert_receipts_are_theirs(client, database, theirs, provider_id)


async def test_a_batch_says_which_message_is_refused(
    client: httpx.AsyncClient, database: Database, taken: tuple[str, str]
) -> None:
    theirs, provider_id = taken
    batch = [message_json(), message_json(id=provider_id), message_json()]
    response = await client.post('/messages', json=batch)
    assert response.status_code == 200
    results = response.json()
    assert [result['outcome'] for result in results] == ['created', 'refused', 'created']
    refused = {'id': provider_id, 'outcome': 'refused', 'field': 'id', 'code': 'provider_id_taken'}
    assert results[1] == {**refused, 'detail': texts.ID_TAKEN}
    await assert_receipts_are_theirs(client, database, theirs, provider_id)


async def test_an_import_rejects_the_row(
    client: httpx.AsyncClient, database: Database, taken: tuple[str, str], tmp_path: Path
) -> None:
    theirs, provider_id = taken
    rows = [message_cells(), message_cells({texts.CODE: provider_id}), message_cells()]
    report = import_file(database, write_csv(tmp_path / 'messages.csv', rows), MOSCOW, MESSAGE_FORMAT)
    assert (report.created, report.rejected) == (2, 1)
    assert report.rejects_path is not None
    _, rejected = report.rejects_path.read_text('utf-8-sig').splitlines()
    assert rejected.startswith(f'3;{texts.ID_TAKEN};{provider_id};')
    await assert_receipts_are_theirs(client, database, theirs, provider_id)


async def test_the_identifier_of_a_part_is_taken_with_that_of_its_message(
    client: httpx.AsyncClient, database: Database, taken: tuple[str, str]
) -> None:
    theirs, provider_id = taken
    mine = await create_message(client)
    for identifier in (f'{provider_id}-1', f'{provider_id.upper()}-2', f'{theirs}-1'):
        response = await claim(client, mine, 'kannel', identifier)
        assert assert_problem(response, 409, 'provider_id_taken', 'provider_id')
    assert (await claim(client, mine, 'kannel', f'{uuid4()}-1')).status_code == 200
    await assert_receipts_are_theirs(client, database, theirs, f'{provider_id}-1')


async def test_an_identifier_that_may_be_that_of_a_part_is_refused_to_another_organisation(
    client: httpx.AsyncClient, database: Database
) -> None:
    theirs, mine = await create_message(client, organization=OTHER_ORGANIZATION), await create_message(client)
    await claim(client, theirs, 'kannel', '202611')
    client.headers['Authorization'] = f'Bearer {ApiTokens(database).add("bound", ORGANIZATION)}'
    assert assert_problem(await claim(client, mine, 'kannel', '202611-1'), 409, 'provider_id_taken', 'provider_id')
    assert (await claim(client, mine, 'kannel', '202612-1')).status_code == 200
    await assert_receipts_are_theirs(client, database, theirs, '202611-1')


async def test_an_id_that_a_provider_uses_for_another_phone_is_free(client: httpx.AsyncClient) -> None:
    """The sender passes the id of a message that it submits last to SMSC.ru together with the phones of both."""
    second, first = await create_message(client, phone=OTHER_PHONE), str(uuid4())
    assert (await claim(client, second, 'smsc', first)).status_code == 200
    message = message_json(id=first)
    assert (await client.post('/messages', json=message)).json()['outcome'] == 'created'
    await smsc(client, first, OTHER_PHONE, '1')
    await smsc(client, first, str(message['phone']), '20', err='1')
    assert (await codes(client, second), await codes(client, first)) == (['1'], ['20'])


async def test_a_message_that_exists_is_submitted_again(client: httpx.AsyncClient) -> None:
    message = message_json()
    await client.post('/messages', json=message)
    assert (await claim(client, str(message['id']), 'kannel', str(message['id']))).status_code == 200
    assert (await client.post('/messages', json=message)).json()['outcome'] == 'unchanged'
