"""Around everything that is asked of the program: a number for each request, and what machines ask of its health.

It stands before the pages and the interface for programs: health has no session, and needs none.
"""

from nicegui import app

from journal_ui.monitoring.health_endpoints import HealthAddresses
from journal_ui.monitoring.request_logging import Numbered
from services.composition import Services


def install(services: Services) -> None:
    """Stand around all that is there by now; to be installed last."""
    stack, addresses = app.build_middleware_stack, HealthAddresses(services)
    app.build_middleware_stack = lambda: Numbered(stack(), addresses)  # type: ignore[method-assign]
