"""Requests that a browser makes for a page, without a browser: its headers and the parameters of its socket."""

import re
from typing import Any
from urllib.parse import urlencode

from tests.helpers.program import Program

HTML_HEADERS = {'accept': 'text/html,application/xhtml+xml'}


def nicegui_client_id(page: str) -> str:
    """Return the client id that NiceGUI wrote into a page; the socket of the page must name it."""
    match = re.search(r'client_id\W+([0-9a-f-]{36})', page)
    assert match
    return match[1]


def socket_parameters(program: Program, page: str, cookie: str | None, origin: str = '') -> dict[str, Any]:
    """Return the arguments with which socket.io connects the socket of a page."""
    query = {'tab_id': 't', 'document_id': 'd', 'next_message_id': '0', 'implicit_handshake': 'true'}
    if page:
        query['client_id'] = page
    return {
        'url': f'{program.url}/?{urlencode(query)}',
        'socketio_path': '/_nicegui_ws/socket.io',
        'headers': {'origin': origin or program.url, **({'cookie': f'journal_session={cookie}'} if cookie else {})},
        'transports': ['websocket'],
    }
