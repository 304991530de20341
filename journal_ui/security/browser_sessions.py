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

from services.accounts.accounts import Visitor
from services.accounts.authentication import Entered
from services.accounts.sessions import Sessions, SignedIn
from services.settings import Settings

DEVICE: Final = 'journal_device'
"""The cookie by which a browser is known in which somebody has signed in before: it opens nothing."""
DEVICE_DAYS: Final = 365
LEAVING: Final = 2.0
"""Seconds that an open page has to go to the sign-in page before the server forgets it."""
GOING: Final = 'going'
FORGOTTEN: Final = 'forgotten'
"""What is noted of an open page whose session has ended, or may be about to."""
SAID: Final = 'said'
"""What the next page has to say, once."""
DEED: Final = '42["event"'
"""How what a person does in an open page begins; what the page answers to the server by itself begins otherwise."""


def cookie(settings: Settings) -> dict[str, Any]:
    """Give how the session's cookie is to be: signed, invisible to scripts, not sent by other sites."""
    return {
        'session_cookie': '__Host-journal_session' if settings.tls else 'journal_session',
        'max_age': settings.session_hours * 3600,
        'same_site': 'lax',
        'https_only': settings.tls,
    }


def keep_in(folder: Path) -> None:
    """Have NiceGUI keep what it stores in `folder`, which nobody else may read.

    Raises:
        OSError: the folder cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    Storage.path = folder


def visitor(request: Request) -> Visitor:
    """Give where a request comes from; behind a trusted proxy, what that says of it."""
    return Visitor(
        address=request.client.host if request.client else '',
        agent=request.headers.get('user-agent', ''),
        device=request.cookies.get(DEVICE, ''),
    )


async def enter(request: Request, answer: Response, entered: Entered, *, tls: bool) -> Response:
    """Have the browser keep a session that has just begun, under a new identifier, and the device.

    The old identifier might have been planted in this browser by somebody else, and is worth nothing from now on.
    """
    request.session.clear()
    request.session['id'] = entered.identifier
    # NiceGUI has no public way to change the identifier: what its middleware does for a new visitor is done here again.
    await app.storage._create_user_storage(entered.identifier)
    if entered.device:
        answer.set_cookie(
            DEVICE,
            entered.device,
            max_age=DEVICE_DAYS * 86400,
            httponly=True,
            samesite='lax',
            secure=tls,
        )
    return answer


def say(request: Request, *words: str) -> None:
    """Have the next page of this browser say something: the words travel in its cookie, an address never has them."""
    request.session[SAID] = list(words)


def said(request: Request) -> list[str]:
    """Give what this page has to say, and forget it."""
    if SAID not in request.session:
        return []
    words = request.session.pop(SAID)
    return [str(word) for word in words]


def identifier(scope: Mapping[str, Any]) -> str:
    """Give the identifier of the session that a request or a socket belongs to."""
    return str(scope.get('session', {}).get('id', ''))


def signed_in(client: Client) -> SignedIn | None:
    """Give the session that a page was built for; None for a page that is open to everybody."""
    signed: SignedIn | None = getattr(client.request.state, 'signed', None)
    return signed


def follow(sessions: Sessions) -> None:
    """Have the open pages of every session leave as soon as it has ended, wherever that was done."""
    sessions.follow(_opened, _leave)
    app.on_startup(sessions.start)
    app.on_shutdown(sessions.stop)


def watched(receive: Receive, sessions: Sessions, client_id: str) -> Receive:
    """Note what a person does in an open page, as it comes in on its socket."""

    async def listening() -> Message:
        message = await receive()
        text = message.get('text') or (message.get('body') or message.get('bytes') or b'').decode('utf-8', 'replace')
        client = Client.instances.get(client_id) if DEED in text else None
        if client and (signed := signed_in(client)):
            sessions.touch(signed.key)
        return message

    return listening


def going(signed: SignedIn, path: str) -> None:
    """Note that the page at `path` has sent its form and goes where the answer leads, even if its session ends."""
    for client in Client.instances.values():
        if client.request.url.path == path and (its := signed_in(client)) and its.key == signed.key:
            client.storage[GOING] = True


def _opened() -> Collection[str]:
    return {signed.key for client in Client.instances.values() if (signed := signed_in(client))}


def _leave(keys: Collection[str]) -> None:
    for client in list(Client.instances.values()):
        signed = signed_in(client)
        if signed and signed.key in keys and not client.storage.get(FORGOTTEN):
            client.storage[FORGOTTEN] = True
            if not client.storage.get(GOING):
                client.open('/login')
            background_tasks.create(_forget(client), name='end of a session')


async def _forget(client: Client) -> None:
    await asyncio.sleep(LEAVING)
    if client.id not in Client.instances:
        return
    # NiceGUI plans to delete a page that was left a minute ago or less, and a second deletion raises KeyError.
    for document_id in tuple(client._delete_tasks):
        client._cancel_delete_task(document_id)
    client.delete()
