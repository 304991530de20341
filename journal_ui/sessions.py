"""Sessions: which browser is whose. Only an account's number and a stamp are kept, on the server, under a random name.

The person himself is read from the database at each request, so that a changed role or password holds at once.
"""

import asyncio
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from nicegui import Client, app, background_tasks
from nicegui.storage import Storage

from services.accounts import Accounts, Person

COOKIE: Final = {'session_cookie': 'journal_session', 'max_age': 12 * 3600, 'same_site': 'lax'}
"""The cookie that names a session: signed, invisible to scripts, not sent by other sites, void after 12 hours."""
LEAVING: Final = 2.0
"""Seconds that an open page has to go to the sign-in page before the server forgets it."""


def keep_in(folder: Path) -> None:
    """Keep sessions as files in `folder`, which nobody else may read.

    Raises:
        OSError: the folder cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    Storage.path = folder


async def sign_in(request: Request, person: Person) -> None:
    """Begin a session of this person under a new identifier, in answer to the request that brought the password.

    The old identifier might have been planted in this browser by somebody else, and dies.
    """
    app.storage.user.clear()
    request.session.clear()
    request.session['id'] = secrets.token_urlsafe(32)
    # NiceGUI has no public way to change the identifier: what its middleware does for a new visitor is done here again.
    await app.storage._create_user_storage(request.session['id'])
    app.storage.user.update(account=person.id, stamp=person.stamp)


def sign_out(request: Request) -> None:
    """End the session of the request, and the pages that it has open."""
    ended = identifier(request.scope)
    app.storage.user.clear()
    request.session.clear()
    for client in list(Client.instances.values()):
        if identifier(client.request.scope) == ended:
            client.open('/login')
            background_tasks.create(_forget(client), name='end of a session')


async def person(accounts: Accounts) -> Person | None:
    """Give the person whose session this request belongs to; None when it belongs to nobody any more.

    Raises:
        Unavailable, Busy: see services.database.
    """
    kept = app.storage.user
    number, stamp = kept.get('account'), kept.get('stamp')
    if not isinstance(number, int):
        return None
    found = await accounts.person(number)
    if found is None or found.stamp != stamp:
        kept.clear()
        return None
    return found


def identifier(scope: Mapping[str, Any]) -> str | None:
    """Give the identifier of the session that a request or a socket belongs to."""
    name: str | None = scope.get('session', {}).get('id')
    return name


async def _forget(client: Client) -> None:
    await asyncio.sleep(LEAVING)
    if client.id in Client.instances:
        client.delete()
