"""HTTP security headers of every response, including the Content-Security-Policy (CSP).

NiceGUI compiles its templates in the browser, which requires 'unsafe-eval' for scripts. Quasar, AG Grid and Vue add
inline styles, which requires 'unsafe-inline' for styles. Scripts run only from the program's own files; the inline
scripts of a page need the nonce of its response (see journal_ui.nicegui_patches.script_nonces), so an injected script
does not run.
"""

import secrets
from collections.abc import MutableMapping
from typing import Any, Final

from nicegui import app
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

CSP_TEMPLATE: Final = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    # A page's socket has the page's own origin. Every browser that supports import maps includes it in 'self'.
    "font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS: Final = {
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-read=()',
}
DYNAMIC_RESOURCES: Final = '/dynamic_resources/'
"""Part of the paths of NiceGUI's files that may change while the program runs."""
HSTS_VALUE: Final = 'max-age=31536000; includeSubDomains'
"""The browser connects over TLS only, for a year."""


def with_page_headers(scope: MutableMapping[str, Any], send: Send) -> Send:
    """Return a `send` that adds the headers of a page, and put a new nonce for its scripts into the request's state."""
    nonce = secrets.token_urlsafe(16)
    scope.setdefault('state', {})['nonce'] = nonce
    return with_security_headers(scope, send, f"'unsafe-eval' 'nonce-{nonce}'")


def with_security_headers(scope: MutableMapping[str, Any], send: Send, script_sources: str = '') -> Send:
    """Return a `send` that forbids caching and allows scripts from the program's files and `script_sources` only."""

    async def send_with_headers(message: Message) -> None:
        if message['type'] == 'http.response.start':
            headers = MutableHeaders(scope=message)
            headers['Cache-Control'] = 'no-store'
            headers.setdefault('Content-Security-Policy', content_security_policy(script_sources))
            _set_common_headers(headers, scope)
        await send(message)

    return send_with_headers


def with_asset_headers(scope: MutableMapping[str, Any], send: Send) -> Send:
    """Return a `send` for a static file of NiceGUI, which contains no data and may be cached."""

    async def send_with_headers(message: Message) -> None:
        if message['type'] == 'http.response.start':
            headers = MutableHeaders(scope=message)
            headers.setdefault('Content-Security-Policy', "frame-ancestors 'none'")
            if DYNAMIC_RESOURCES not in scope['path']:
                # NiceGUI sets the same, but not under a root path.
                headers['Cache-Control'] = app.config.cache_control_directives
            _set_common_headers(headers, scope)
        await send(message)

    return send_with_headers


def content_security_policy(script_sources: str) -> str:
    """Return the policy that allows scripts from the program's files and from `script_sources`."""
    return CSP_TEMPLATE.format(scripts=script_sources)


def _set_common_headers(headers: MutableHeaders, scope: MutableMapping[str, Any]) -> None:
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    if scope.get('scheme') == 'https':
        headers['Strict-Transport-Security'] = HSTS_VALUE
