"""What goes with every answer: who may show it, keep it, and what it may load and run.

NiceGUI compiles its pages in the browser, so that scripts may evaluate text ('unsafe-eval'), and Quasar, AG Grid and
Vue write styles as they go ('unsafe-inline' for styles alone). Scripts run only from our own files, and those of the
page itself by a nonce that each answer has anew: a script that got into a page some other way does not run.
"""

import secrets
from collections.abc import Callable, MutableMapping
from typing import Any, Final

from jinja2 import BaseLoader, Environment
from nicegui.client import templates
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

POLICY: Final = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    # A page's socket is of its own origin: every browser that knows import maps takes it for 'self'.
    "font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-read=()',
}
HEAD: Final = '{{ head_html | safe }}'
HEAD_WITH_NONCES: Final = (
    """{{ head_html.replace('<script>', '<script nonce="' ~ request.state.nonce ~ '">') | safe }}"""
)
"""What the program itself puts into the head of its pages; no data ever stand there."""
SECURE: Final = 'max-age=31536000; includeSubDomains'
"""A year in which the browser asks for the program over TLS alone."""


def install() -> None:
    """Have the scripts of the framework's own page carry the nonce of the answer."""
    loader = templates.env.loader
    if loader and not isinstance(loader, WithNonces):
        templates.env.loader = WithNonces(loader)


def guarded(scope: MutableMapping[str, Any], send: Send) -> Send:
    """Give what sends the answer of a page: nobody keeps it, nobody frames it, and only its own scripts run."""
    nonce = secrets.token_urlsafe(16)
    scope.setdefault('state', {})['nonce'] = nonce
    return with_headers(scope, send, f"'unsafe-eval' 'nonce-{nonce}'")


def with_headers(scope: MutableMapping[str, Any], send: Send, scripts: str = '') -> Send:
    """Give what sends an answer that nobody keeps, and that runs no scripts but our files and these `scripts`."""

    async def send_with_headers(message: Message) -> None:
        if message['type'] == 'http.response.start':
            headers = MutableHeaders(scope=message)
            headers['Cache-Control'] = 'no-store'
            headers.setdefault('Content-Security-Policy', policy(scripts))
            _guard(headers, scope)
        await send(message)

    return send_with_headers


def asset(scope: MutableMapping[str, Any], send: Send) -> Send:
    """Give what sends a file of the framework: it holds no data, and browsers may keep it."""

    async def send_with_headers(message: Message) -> None:
        if message['type'] == 'http.response.start':
            headers = MutableHeaders(scope=message)
            headers.setdefault('Content-Security-Policy', "frame-ancestors 'none'")
            _guard(headers, scope)
        await send(message)

    return send_with_headers


def policy(scripts: str) -> str:
    """Write the policy under which these `scripts` run beside our files."""
    return POLICY.format(scripts=scripts)


def _guard(headers: MutableHeaders, scope: MutableMapping[str, Any]) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if scope.get('scheme') == 'https':
        headers['Strict-Transport-Security'] = SECURE


class WithNonces(BaseLoader):
    """Loads the framework's templates with a nonce on each script that stands in them, or that we put in their head."""

    def __init__(self, inner: BaseLoader) -> None:
        self._inner = inner

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Give a template's source; see jinja2.BaseLoader."""
        source, name, current = self._inner.get_source(environment, template)
        nonced = source.replace('<script', '<script nonce="{{ request.state.nonce }}"')
        return nonced.replace(HEAD, HEAD_WITH_NONCES), name, current
