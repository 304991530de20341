"""Requests of a mailing system and of SMS providers about one message, and what the API then returns."""

from datetime import datetime
from typing import Any

import httpx

from tests.helpers.api_requests import message_json

HANDED_OVER_AT = 1795330860
"""Unix timestamp of a minute after the message of `message_json` was queued."""


async def create_message(client: httpx.AsyncClient, **changes: object) -> str:
    """Submit a pending message; return its id."""
    message = message_json(**changes)
    assert (await client.post('/messages', json=message)).json()['outcome'] == 'created'
    return str(message['id'])


async def claim(client: httpx.AsyncClient, id: str, provider: str, provider_id: str, **more: str) -> httpx.Response:
    """Report that a message was sent through a provider, with the provider's identifier."""
    status = {'status': 'sent', 'at': '2026-11-22T10:00:05+03:00', 'provider': provider, 'provider_id': provider_id}
    return await client.post(f'/messages/{id}/status', json=status | more)


async def smsc(
    client: httpx.AsyncClient, id: str, phone: str, status: str, *, account: str = '', err: str = ''
) -> None:
    """Send a receipt as SMSC.ru does."""
    form = {'id': id, 'phone': phone.lstrip('+'), 'status': status, 'err': err, 'ts': str(HANDED_OVER_AT)}
    params = {'key': 'k-smsc-0123456789'} | ({'account': account} if account else {})
    assert (await client.post('/receipts/smsc', params=params, data=form)).text == 'OK'


async def smsru(client: httpx.AsyncClient, id: str, code: str, timestamp: int) -> None:
    """Send a receipt as SMS.ru does."""
    data = {'data[0]': f'sms_status\n{id}\n{code}\n{timestamp}'}
    assert (await client.post('/receipts/smsru?key=k-smsru-0123456789', data=data)).text == '100'


async def kannel(
    client: httpx.AsyncClient, id: str, status: str, timestamp: int | str = HANDED_OVER_AT, **more: str
) -> None:
    """Send a receipt as Kannel does."""
    params = {'key': 'k-kannel-0123456789', 'id': id, 'status': status, 'ts': str(timestamp), **more}
    assert (await client.get('/receipts/kannel', params=params)).status_code == 200


async def details(client: httpx.AsyncClient, id: str) -> dict[str, Any]:
    """Read a message with its history."""
    body: dict[str, Any] = (await client.get(f'/messages/{id}')).json()
    return body


async def codes(client: httpx.AsyncClient, id: str) -> list[str]:
    """Return the providers' codes in the history of a message."""
    return [event['code'] for event in (await details(client, id))['history'] if event['code']]


def timestamp(text: str | None) -> int | None:
    """Convert a time of the API to a Unix timestamp."""
    return int(datetime.fromisoformat(text).timestamp()) if text else None
