"""The host names by which the program may be reached: a page of another site must not reach it under its own name.

A site whose name is made to lead to the address of the program (DNS rebinding) would otherwise be the same origin.
"""

import logging
import socket
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from journal_ui.nicegui_patches.middleware_stack import wrap_application
from services import texts
from services.settings import Settings

ANY_HOST: Final = '*'
LOOPBACK_NAMES: Final = frozenset({'localhost', '127.0.0.1', '::1'})
"""Always allowed: on the machine of the user they lead nowhere else."""

log = logging.getLogger(__name__)


def install(settings: Settings) -> None:
    """Refuse requests and sockets for other hosts; call this after everything else is installed."""
    names = allowed_names(settings)
    if ANY_HOST in names:
        log.warning('requests for any host name are accepted; JOURNAL_ALLOWED_HOSTS limits them')
    else:
        wrap_application(lambda asgi_app: AllowedHostsMiddleware(asgi_app, names))


def allowed_names(settings: Settings, own_name: Callable[[], str] = socket.gethostname) -> frozenset[str]:
    """Return the names that may be requested; ANY_HOST among them means any.

    Without a setting they are the address that the program listens on, and the name of the machine. Behind a reverse
    proxy, and on all interfaces, the program cannot know its names.
    """
    configured = {name.strip().lower() for name in settings.allowed_hosts.split(',') if name.strip()}
    if not configured:
        if settings.trusted_proxy or _is_wildcard(settings.host):
            return frozenset({ANY_HOST})
        machine = own_name().lower()
        configured = {settings.host.lower(), machine, machine.partition('.')[0]}
    return LOOPBACK_NAMES | {host_name(name) if name != ANY_HOST else name for name in configured}


def host_name(value: str) -> str:
    """Return the name in a Host header, in lower case, without the port and the brackets of IPv6."""
    value = value.strip().lower()
    if value.startswith('['):
        return value[1:].partition(']')[0]
    if value.count(':') > 1:  # an address of IPv6 as it stands in a setting
        return value
    return value.partition(':')[0].rstrip('.')


class AllowedHostsMiddleware:
    """Refuses requests and sockets whose Host header has another name."""

    def __init__(self, asgi_app: ASGIApp, names: frozenset[str]) -> None:
        self._asgi_app = asgi_app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an allowed request on; see ASGI."""
        if scope['type'] == 'lifespan' or self._is_allowed(scope):
            await self._asgi_app(scope, receive, send)
        elif scope['type'] == 'websocket':
            await send({'type': 'websocket.close', 'code': 1008})
        else:
            response = PlainTextResponse(texts.UNKNOWN_HOST, HTTPStatus.BAD_REQUEST)
            await response(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        values = [value for name, value in scope['headers'] if name == b'host']
        if len(values) != 1:
            return False
        name = host_name(values[0].decode('latin-1'))
        # By the address itself the connection came to, no other site's name was resolved.
        return name in self._names or name == (scope.get('server') or ('',))[0]


def _is_wildcard(host: str) -> bool:
    try:
        return ip_address(host.strip('[]')).is_unspecified
    except ValueError:
        return False
