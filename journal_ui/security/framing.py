"""Pages of other origins that may show the journal in a frame; without `JOURNAL_FRAME_ANCESTORS` there are none."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journal_ui.nicegui_patches.middleware_stack import wrap_application

NO_ANCESTORS: Final = "frame-ancestors 'none'"
"""The directive of journal_ui.security.security_headers that forbids frames."""


def install(origins: str) -> None:
    """Allow frames in pages of `origins`, separated by commas; call this before the API, which is never framed."""
    if origins:
        directive = f'frame-ancestors {origins.replace(",", " ")}'
        wrap_application(lambda asgi_app: FramingMiddleware(asgi_app, directive))


class FramingMiddleware:
    """Replaces the headers that forbid frames; X-Frame-Options cannot name origins, so it is left out."""

    def __init__(self, asgi_app: ASGIApp, directive: str) -> None:
        self._asgi_app = asgi_app
        self._directive = directive

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; see ASGI."""

        async def send_with_ancestors(message: Message) -> None:
            if message['type'] == 'http.response.start':
                headers = MutableHeaders(scope=message)
                policy = headers.get('content-security-policy', '')
                if NO_ANCESTORS in policy:
                    headers['content-security-policy'] = policy.replace(NO_ANCESTORS, self._directive)
                    del headers['x-frame-options']
            await send(message)

        await self._asgi_app(scope, receive, send_with_ancestors)
