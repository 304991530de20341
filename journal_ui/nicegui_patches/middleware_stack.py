"""ASGI applications around NiceGUI's whole middleware stack.

`app.add_middleware` adds a middleware inside NiceGUI's session middleware. Health checks, request ids and the API have
no session, so they must run outside the stack. Starlette builds the stack once, in `build_middleware_stack`, which this
module replaces.
"""

from collections.abc import Callable

from nicegui import app
from starlette.types import ASGIApp


def wrap_application(wrap: Callable[[ASGIApp], ASGIApp]) -> None:
    """Put an ASGI application around the whole stack, outside those that were added before."""
    build_stack = app.build_middleware_stack
    app.build_middleware_stack = lambda: wrap(build_stack())  # type: ignore[method-assign]
