"""Open pages whose session has ended are deleted, and deleted once."""

import asyncio
from types import SimpleNamespace

import pytest
from nicegui import Client, core, ui
from starlette.requests import Request

from journal_ui.security import browser_sessions

SESSION_KEY = 'the session'


def open_page(reconnect_timeout: float) -> Client:
    """Open a page of a session, as a request of its browser does."""
    scope = {'type': 'http', 'path': '/messages', 'headers': [], 'state': {'signed': SimpleNamespace(key=SESSION_KEY)}}
    return Client(ui.page('/messages', reconnect_timeout=reconnect_timeout), request=Request(scope))


@pytest.mark.parametrize('connected', [True, False])
async def test_a_deleted_page_is_not_deleted_again(connected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, 'loop', asyncio.get_running_loop())
    monkeypatch.setattr(browser_sessions, 'CLIENT_DELETE_DELAY', 0.1)
    client = open_page(reconnect_timeout=0.2)
    await client.handle_handshake('socket', 'tab', None, 'document', None)
    if not connected:
        client.handle_disconnect('socket')
    waiting = tuple(client._delete_tasks.values())
    assert bool(waiting) is not connected
    browser_sessions._close_pages({SESSION_KEY})
    async with asyncio.timeout(5):
        while client.id in Client.instances:
            await asyncio.sleep(0.01)
        results = await asyncio.gather(*waiting, return_exceptions=True)
    assert not [result for result in results if not isinstance(result, asyncio.CancelledError)]
