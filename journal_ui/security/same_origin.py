"""Protection against cross-site request forgery: forms and sockets are accepted from the program's own pages only."""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

SAFE_METHODS: Final = frozenset({'GET', 'HEAD'})
"""HTTP methods that change nothing."""


def is_same_origin_form(headers: Headers) -> bool:
    """Check that a form was sent by one of the program's pages.

    A request without both headers is accepted, because the SameSite cookie protects it.
    """
    if 'sec-fetch-site' in headers:
        return headers['sec-fetch-site'] in {'same-origin', 'none'}
    origin = headers.get('origin')
    return origin is None or urlsplit(origin).netloc == headers.get('host')


def is_same_origin_socket(scope: Scope) -> bool:
    """Check that a socket was opened by one of the program's pages; a browser sends Origin with each socket."""
    headers = Headers(scope=scope)
    return 'origin' in headers and urlsplit(headers['origin']).netloc == headers.get('host')
