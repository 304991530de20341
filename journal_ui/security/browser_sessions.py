"""Browser sessions: cookies, the client of a request, flash messages, and open pages whose session has ended.

services.accounts.sessions defines what a session is and when it ends. NiceGUI's own cookie contains the session
identifier, and NiceGUI's storage on the server stays empty.
"""

import asyncio
import secrets
from collections.abc import Collection, Mapping
from typing import Any, Final

from fastapi import Request, Response
from nicegui import Client, app, background_tasks

from journal_ui.nicegui_patches import page_deletion, user_storage
from journal_ui.security.client_ip import client_ip
from services.accounts.accounts import ClientInfo
from services.accounts.authentication import NewSession
from services.accounts.sessions import ActiveSession, Sessions
from services.settings import Settings

DEVICE_COOKIE: Final = 'journal_device'
"""The cookie that identifies a browser in which somebody has signed in before; it grants no access."""
HOST_PREFIX: Final = '__Host-'
"""The prefix of cookies over TLS: browsers accept them from this host alone, not from a neighbour of its domain."""
SECURE_PREFIX: Final = '__Secure-'
"""The prefix under a root path: HOST_PREFIX requires the path `/`, so that other applications would get the cookie."""
DEVICE_COOKIE_DAYS: Final = 365
CLIENT_DELETE_DELAY: Final = 2.0
"""Seconds that an open page has to navigate to the sign-in page before the server deletes it."""
FORM_SENT_KEY: Final = 'going'
SESSION_ENDED_KEY: Final = 'forgotten'
"""Keys in the storage of an open page: its form was sent, and its session has ended."""
BROWSER_KEY: Final = 'browser'
"""Key in the session cookie of the random text that distinguishes this browser from others that sign in."""
NOTICE_KEY: Final = 'notice'
"""Key in the session cookie of a sentence that the next page of a signed-in user shows once, at its top."""
FLASH_KEY: Final = 'said'
"""Key in the session cookie of the flash messages: texts that the next page shows once."""
FAREWELL_PREFIX: Final = '42["open"'
"""Start of the socket message that makes a page navigate to the sign-in page."""


def session_cookie_options(settings: Settings) -> dict[str, Any]:
    """Return the options of the session cookie, which scripts cannot read and other sites cannot send."""
    return {
        'session_cookie': _cookie_name('journal_session', settings.tls, settings.root_path),
        'path': settings.root_path or '/',
        'max_age': settings.session_hours * 3600,
        'same_site': 'lax',
        'https_only': settings.tls,
    }


def visitor(request: Request, *, tls: bool) -> ClientInfo:
    """Return what identifies the client of a request: IP address, user agent, device, and browser.

    Args:
        request: the request of a form.
        tls: whether browsers connect by HTTPS.
    """
    return ClientInfo(
        address=client_ip(request),
        user_agent=request.headers.get('user-agent', ''),
        device_token=request.cookies.get(_cookie_name(DEVICE_COOKIE, tls, app.root_path), ''),
        browser=str(request.session.setdefault(BROWSER_KEY, secrets.token_urlsafe(9))),
    )


async def start_session(request: Request, response: Response, new_session: NewSession, *, tls: bool) -> Response:
    """Set the cookies of a new session and return the response.

    The session gets a new identifier, because an attacker may have planted the old one in this browser.
    """
    request.session.clear()
    request.session['id'] = new_session.identifier
    await user_storage.create_user_storage(new_session.identifier)
    if new_session.device_token:
        response.set_cookie(
            _cookie_name(DEVICE_COOKIE, tls, app.root_path),
            new_session.device_token,
            max_age=DEVICE_COOKIE_DAYS * 86400,
            path=app.root_path or '/',
            httponly=True,
            samesite='lax',
            secure=tls,
        )
    return response


def add_flash_messages(request: Request, *messages: str) -> None:
    """Store messages for the next page of this browser, in the session cookie so that no URL contains them."""
    request.session[FLASH_KEY] = list(messages)


def pop_flash_messages(request: Request) -> list[str]:
    """Return the messages stored for this page and remove them."""
    if FLASH_KEY not in request.session:
        return []
    return [str(message) for message in request.session.pop(FLASH_KEY)]


def set_notice(request: Request, text: str) -> None:
    """Store a sentence for the next page of a signed-in user."""
    request.session[NOTICE_KEY] = text


def pop_notice(request: Request) -> str:
    """Return the sentence for the page that is being built, and remove it; empty without one."""
    return str(request.session.pop(NOTICE_KEY, ''))


def session_identifier(scope: Mapping[str, Any]) -> str:
    """Return the session identifier of a request or a socket; empty if it has none."""
    return str(scope.get('session', {}).get('id', ''))


def session_of_page(client: Client) -> ActiveSession | None:
    """Return the session that a page was built for; None for a public page."""
    session: ActiveSession | None = getattr(client.request.state, 'signed', None)
    return session


def watch_ended_sessions(sessions: Sessions) -> None:
    """Close the open pages of every session that ends, on whichever node it was ended."""
    sessions.watcher.watch_open_pages(_open_session_keys, _close_pages)
    app.on_startup(sessions.watcher.start)
    app.on_shutdown(sessions.watcher.stop)


def has_ended(client: Client) -> bool:
    """Return whether the session of an open page is known to have ended."""
    return bool(client.storage.get(SESSION_ENDED_KEY))


def is_farewell(text: str) -> bool:
    """Return whether a socket message makes a page navigate, which the page of an ended session still may."""
    return text.startswith(FAREWELL_PREFIX)


def mark_form_sent(session: ActiveSession, path: str) -> None:
    """Mark the open page at `path` of a session: it follows the response to its form, even if the session ends."""
    for client in Client.instances.values():
        page_session = session_of_page(client)
        if page_session and page_session.key == session.key and client.request.url.path == path:
            client.storage[FORM_SENT_KEY] = True


def _cookie_name(name: str, tls: bool, root_path: str) -> str:
    if not tls:
        return name
    return f'{SECURE_PREFIX if root_path else HOST_PREFIX}{name}'


def _open_session_keys() -> Collection[str]:
    return {session.key for client in Client.instances.values() if (session := session_of_page(client))}


def _close_pages(keys: Collection[str]) -> None:
    for client in list(Client.instances.values()):
        session = session_of_page(client)
        if session and session.key in keys and not has_ended(client):
            client.storage[SESSION_ENDED_KEY] = True
            if not client.storage.get(FORM_SENT_KEY):
                client.open('/login')
            background_tasks.create(_delete_page_later(client), name='end of a session')


async def _delete_page_later(client: Client) -> None:
    await asyncio.sleep(CLIENT_DELETE_DELAY)
    page_deletion.delete_page(client)
