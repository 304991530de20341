"""Sessions as the browser and the open pages know them: cookies, who a request comes from, pages that have to leave.

What a session is, and when it ends, services.accounts.accounts.sessions says. NiceGUI's own cookie carries the identifier, and
its storage on the server holds nothing.
"""

import asyncio
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response
from nicegui import Client, app, background_tasks
from nicegui.storage import Storage
from starlette.types import Message, Receive

from services.accounts.accounts import ClientInfo
from services.accounts.authentication import NewSession
from services.accounts.sessions import ActiveSession, Sessions
from services.settings import Settings

DEVICE_COOKIE: Final = 'journal_device'
"""The cookie by which a browser is known in which somebody has signed in before: it opens nothing."""
DEVICE_COOKIE_DAYS: Final = 365
CLIENT_DELETE_DELAY: Final = 2.0
"""Seconds that an open page has to go to the sign-in page before the server forgets it."""
FORM_SENT_KEY: Final = 'going'
SESSION_ENDED_KEY: Final = 'forgotten'
"""What is noted of an open page whose session has ended, or may be about to."""
FLASH_KEY: Final = 'said'
"""What the next page has to say, once."""
CLIENT_EVENT_PREFIX: Final = '42["event"'
"""How what a person does in an open page begins; what the page answers to the server by itself begins otherwise."""


def session_cookie_options(settings: Settings) -> dict[str, Any]:
    """Give how the session's cookie is to be: signed, invisible to scripts, not sent by other sites."""
    return {
        'session_cookie': '__Host-journal_session' if settings.tls else 'journal_session',
        'max_age': settings.session_hours * 3600,
        'same_site': 'lax',
        'https_only': settings.tls,
    }


def set_storage_folder(folder: Path) -> None:
    """Have NiceGUI keep what it stores in `folder`, which nobody else may read.

    Raises:
        OSError: the folder cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    Storage.path = folder


def visitor(request: Request) -> ClientInfo:
    """Give where a request comes from; behind a trusted proxy, what that says of it."""
    return ClientInfo(
        address=request.client.host if request.client else '',
        user_agent=request.headers.get('user-agent', ''),
        device_token=request.cookies.get(DEVICE_COOKIE, ''),
    )


async def start_session(request: Request, response: Response, new_session: NewSession, *, tls: bool) -> Response:
    """Have the browser keep a session that has just begun, under a new identifier, and the device.

    The old identifier might have been planted in this browser by somebody else, and is worth nothing from now on.
    """
    request.session.clear()
    request.session['id'] = new_session.identifier
    # NiceGUI has no public way to change the identifier: what its middleware does for a new visitor is done here again.
    await app.storage._create_user_storage(new_session.identifier)
    if new_session.device_token:
        response.set_cookie(
            DEVICE_COOKIE,
            new_session.device_token,
            max_age=DEVICE_COOKIE_DAYS * 86400,
            httponly=True,
            samesite='lax',
            secure=tls,
        )
    return response


def add_flash_messages(request: Request, *messages: str) -> None:
    """Have the next page of this browser say something: the words travel in its cookie, an address never has them."""
    request.session[FLASH_KEY] = list(messages)


def pop_flash_messages(request: Request) -> list[str]:
    """Give what this page has to say, and forget it."""
    if FLASH_KEY not in request.session:
        return []
    messages = request.session.pop(FLASH_KEY)
    return [str(word) for word in messages]


def session_identifier(scope: Mapping[str, Any]) -> str:
    """Give the identifier of the session that a request or a socket belongs to."""
    return str(scope.get('session', {}).get('id', ''))


def session_of_page(client: Client) -> ActiveSession | None:
    """Give the session that a page was built for; None for a page that is open to everybody."""
    signed: ActiveSession | None = getattr(client.request.state, 'signed', None)
    return signed


def watch_ended_sessions(sessions: Sessions) -> None:
    """Have the open pages of every session leave as soon as it has ended, wherever that was done."""
    sessions.watcher.watch_open_pages(_open_session_keys, _close_pages)
    app.on_startup(sessions.watcher.start)
    app.on_shutdown(sessions.watcher.stop)


def track_activity(receive: Receive, sessions: Sessions, client_id: str) -> Receive:
    """Note what a person does in an open page, as it comes in on its socket."""

    async def receive_and_track() -> Message:
        message = await receive()
        text = message.get('text') or (message.get('body') or message.get('bytes') or b'').decode('utf-8', 'replace')
        client = Client.instances.get(client_id) if CLIENT_EVENT_PREFIX in text else None
        if client and (signed := session_of_page(client)):
            sessions.watcher.record_activity(signed.key)
        return message

    return receive_and_track


def mark_form_sent(signed: ActiveSession, path: str) -> None:
    """Note that the page at `path` has sent its form and goes where the answer leads, even if its session ends."""
    for client in Client.instances.values():
        if (
            client.request.url.path == path
            and (page_session := session_of_page(client))
            and page_session.key == signed.key
        ):
            client.storage[FORM_SENT_KEY] = True


def _open_session_keys() -> Collection[str]:
    return {signed.key for client in Client.instances.values() if (signed := session_of_page(client))}


def _close_pages(keys: Collection[str]) -> None:
    for client in list(Client.instances.values()):
        signed = session_of_page(client)
        if signed and signed.key in keys and not client.storage.get(SESSION_ENDED_KEY):
            client.storage[SESSION_ENDED_KEY] = True
            if not client.storage.get(FORM_SENT_KEY):
                client.open('/login')
            background_tasks.create(_delete_client(client), name='end of a session')


async def _delete_client(client: Client) -> None:
    await asyncio.sleep(CLIENT_DELETE_DELAY)
    if client.id not in Client.instances:
        return
    # NiceGUI plans to delete a page that was left a minute ago or less, and a second deletion raises KeyError.
    for document_id in tuple(client._delete_tasks):
        client._cancel_delete_task(document_id)
    client.delete()
