"""The interface for programs, under `/api/v1`: mailing systems hand messages over, providers report.

It is an application of its own beside the pages: without their sessions, and with tokens and keys instead.
"""

from http import HTTPStatus

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from nicegui import app
from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journal_ui.api import (
    batch_endpoint,
    document_endpoints,
    message_endpoints,
    openapi_docs,
    problem_details,
    receipt_endpoints,
)
from journal_ui.api.document_endpoints import DocumentIn
from journal_ui.api.problem_details import ProblemBody
from journal_ui.api.schemas import MessageIn, StatusIn
from journal_ui.security import security_headers
from services import texts
from services.composition import Services
from services.monitoring.metrics import Figures

PATH = '/api/v1'
BY_HAND: tuple[type[BaseModel], ...] = (ProblemBody, MessageIn, StatusIn, DocumentIn)
"""What the documentation shows though no function names it in its arguments."""


def build(services: Services) -> FastAPI:
    """Make the interface."""
    # Its documentation needs nothing from other sites: an intranet has none.
    api = FastAPIOffline(
        title=texts.API_TITLE, version='1', docs_url=None, redoc_url=None, static_url=openapi_docs.STATIC
    )
    openapi_docs.install(api, PATH)
    problem_details.install(api)
    teller = batch_endpoint.asking(services)
    message_endpoints.install(api, services, teller)
    document_endpoints.install(api, services, teller)
    receipt_endpoints.install(api, services)
    schemas = api.openapi().setdefault('components', {}).setdefault('schemas', {})
    for shape in BY_HAND:
        schemas[shape.__name__] = shape.model_json_schema(ref_template='#/components/schemas/{model}')
    return api


def install(services: Services) -> None:
    """Serve the interface beside the pages."""
    api, stack = build(services), app.build_middleware_stack
    # NiceGUI puts its sessions around everything that is mounted in it; the interface has none, and stands outside.
    app.build_middleware_stack = lambda: Beside(stack(), api, services.figures)  # type: ignore[method-assign]


class Beside:
    """Sends what is asked of the interface there, and everything else to the pages."""

    def __init__(self, pages: ASGIApp, api: ASGIApp, figures: Figures) -> None:
        """Stand before both, and count what is asked of the interface."""
        self._pages = pages
        self._api = api
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose by the path."""
        if scope['type'] != 'http' or not scope['path'].startswith(f'{PATH}/'):
            await self._pages(scope, receive, send)
            return

        status = HTTPStatus.INTERNAL_SERVER_ERROR

        async def counted(message: Message) -> None:
            nonlocal status
            if message['type'] == 'http.response.start':
                status = message['status']
            await send(message)

        inside = {**scope, 'root_path': scope.get('root_path', '') + PATH}
        try:
            await self._api(inside, receive, security_headers.with_headers(scope, counted))
        finally:
            scope['route'] = inside.get('route')
            self._figures.request(scope['method'], getattr(inside.get('route'), 'path', None), status)
