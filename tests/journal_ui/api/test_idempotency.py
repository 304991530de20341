"""`Idempotency-Key`: the same request gets the same answer, another request with the key is refused."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import Request

from journal_ui.api.ingest import idempotency
from journal_ui.api.ingest.idempotency import HEADER, IdempotentRequests
from journal_ui.api.problem_details import ProblemError
from journal_ui.api.schemas import Result
from services.accounts.api_tokens import ApiTokens
from services.database.engine import Database
from services.ingest.message_ingest import Sender
from tests.helpers.api_requests import assert_problem, document_json, message_json
from tests.helpers.receipt_requests import create_message, details

MAILER = Sender('mailer')
ANSWER = Result(id='1', outcome='created')


def keyed_request(key: str, body: bytes = b'{}') -> Request:
    """Build a request with a key."""

    async def receive() -> dict[str, Any]:
        return {'type': 'http.request', 'body': body}

    headers = [(HEADER.lower().encode(), key.encode())]
    scope = {'type': 'http', 'method': 'POST', 'path': '/messages', 'headers': headers, 'query_string': b''}
    return Request({**scope, 'server': ('journal', 80), 'scheme': 'http'}, receive)


async def test_the_same_request_gets_the_same_answer(client: httpx.AsyncClient) -> None:
    known = await create_message(client)
    status = {'status': 'sent', 'at': '2026-11-22T10:00:05+03:00'}
    for path, body in (
        ('/messages', message_json()),
        ('/messages', [message_json(), message_json(phone='12')]),
        ('/documents', document_json()),
        (f'/messages/{known}/status', status),
        ('/messages/statuses', [{**status, 'id': str(uuid4())}]),
    ):
        answers = [
            await client.post(path, json=body, headers={HEADER: f'"key of {path}{type(body)}"'}) for _ in range(3)
        ]
        assert answers[0].status_code == 200
        assert {(each.status_code, each.text) for each in answers} == {(200, answers[0].text)}
    withdrawn = await create_message(client)
    path = f'/messages/{withdrawn}/withdrawal'
    outcomes = [(await client.post(path, headers={HEADER: 'w'})).json()['outcome'] for _ in range(2)]
    assert outcomes == ['updated', 'updated']
    assert (await client.post(path)).json()['outcome'] == 'unchanged', 'without a key the truth at the moment'
    assert len((await details(client, withdrawn))['history']) == 2


async def test_another_request_with_the_key_is_refused(client: httpx.AsyncClient) -> None:
    headers = {HEADER: '"8e03978e"'}
    assert (await client.post('/messages', json=message_json(), headers=headers)).json()['outcome'] == 'created'
    other = message_json()
    for path, body in (('/messages', other), ('/messages', [other]), ('/messages/statuses', [])):
        assert assert_problem(await client.post(path, json=body, headers=headers), 422, 'key_reused', HEADER)
    unquoted = {HEADER: '8e03978e'}
    assert assert_problem(await client.post('/messages', json=other, headers=unquoted), 422, 'key_reused', HEADER)
    assert (await client.get(f'/messages/{other["id"]}')).status_code == 404


async def test_the_key_of_a_refused_request_may_be_used_again(client: httpx.AsyncClient) -> None:
    message = message_json()
    wrong = await client.post('/messages', json={**message, 'phone': '12'}, headers={HEADER: 'a'})
    assert assert_problem(wrong, 422, 'not_phone', 'phone')
    assert (await client.post('/messages', json=message, headers={HEADER: 'a'})).json()['outcome'] == 'created'


async def test_each_token_has_its_own_keys(client: httpx.AsyncClient, database: Database) -> None:
    for name in ('first', 'second'):
        client.headers['Authorization'] = f'Bearer {ApiTokens(database).add(name)}'
        answer = await client.post('/messages', json=message_json(), headers={HEADER: 'a'})
        assert answer.json()['outcome'] == 'created'


async def test_what_is_no_key_is_refused(client: httpx.AsyncClient) -> None:
    for key in ('', '""', 'k' * 256, 'a\tb'):
        response = await client.post('/messages', json=message_json(), headers={HEADER: key})
        assert assert_problem(response, 400, 'bad_key', HEADER)


async def test_a_request_that_is_being_processed_is_not_processed_twice() -> None:
    requests, may_end, count = IdempotentRequests(), asyncio.Event(), 0

    async def process() -> Result:
        nonlocal count
        count += 1
        await may_end.wait()
        return ANSWER

    first = asyncio.create_task(requests.answer(keyed_request('a'), MAILER, process))
    while not count:
        await asyncio.sleep(0)
    with pytest.raises(ProblemError) as raised:
        await requests.answer(keyed_request('a'), MAILER, process)
    assert (raised.value.status, raised.value.code) == (409, 'key_in_use')
    may_end.set()
    answers = [await first, await requests.answer(keyed_request('a'), MAILER, process)]
    assert [answer.body for answer in answers] == [ANSWER.model_dump_json().encode()] * 2
    assert count == 1


async def test_answers_are_held_for_a_time_and_within_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds, processed = 0.0, []
    requests = IdempotentRequests(now=lambda: seconds)

    async def send(key: str) -> None:
        async def process() -> Result:
            processed.append(key)
            return ANSWER

        await requests.answer(keyed_request(key), MAILER, process)

    monkeypatch.setattr(idempotency, 'MAX_ANSWERS', 2)
    for key in ('a', 'b', 'b', 'c', 'b', 'a'):
        await send(key)
    assert processed == ['a', 'b', 'c', 'a'], 'of three answers the oldest is dropped'
    monkeypatch.setattr(idempotency, 'MAX_ANSWER_BYTES', 1)
    processed.clear()
    for key in ('d', 'd'):
        await send(key)
    assert processed == ['d', 'd'], 'an answer that is too large is not held'
    monkeypatch.undo()
    processed.clear()
    await send('e')
    seconds = idempotency.MAX_SECONDS - 1
    await send('e')
    seconds = idempotency.MAX_SECONDS
    await send('e')
    assert processed == ['e', 'e']
