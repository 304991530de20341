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
from services.monitoring.metrics import Metrics

API_PATH = '/api/v1'
EXTRA_SCHEMAS: tuple[type[BaseModel], ...] = (ProblemBody, MessageIn, StatusIn, DocumentIn)
"""What the documentation shows though no function names it in its arguments."""


def build_api(services: Services) -> FastAPI:
    """Make the interface."""
    # Its documentation needs nothing from other sites: an intranet has none.
    api = FastAPIOffline(
        title=texts.API_TITLE, version='1', docs_url=None, redoc_url=None, static_url=openapi_docs.STATIC_PATH
    )
    openapi_docs.install(api, API_PATH)
    problem_details.install(api)
    authenticate = batch_endpoint.sender_dependency(services)
    message_endpoints.install(api, services, authenticate)
    document_endpoints.install(api, services, authenticate)
    receipt_endpoints.install(api, services)
    schemas = api.openapi().setdefault('components', {}).setdefault('schemas', {})
    for model in EXTRA_SCHEMAS:
        schemas[model.__name__] = model.model_json_schema(ref_template='#/components/schemas/{model}')
    return api


def install(services: Services) -> None:
    """Serve the interface beside the pages."""
    api, stack = build_api(services), app.build_middleware_stack
    # NiceGUI puts its sessions around everything that is mounted in it; the interface has none, and stands outside.
    app.build_middleware_stack = lambda: ApiDispatcher(stack(), api, services.metrics)  # type: ignore[method-assign]


class ApiDispatcher:
    """Sends what is asked of the interface there, and everything else to the pages."""

    def __init__(self, pages: ASGIApp, api: ASGIApp, metrics: Metrics) -> None:
        """Stand before both, and count what is asked of the interface."""
        self._pages = pages
        self._api = api
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose by the path."""
        if scope['type'] != 'http' or not scope['path'].startswith(f'{API_PATH}/'):
            await self._pages(scope, receive, send)
            return

        status = HTTPStatus.INTERNAL_SERVER_ERROR

        async def send_and_record_status(message: Message) -> None:
            nonlocal status
            if message['type'] == 'http.response.start':
                status = message['status']
            await send(message)

        api_scope = {**scope, 'root_path': scope.get('root_path', '') + API_PATH}
        try:
            await self._api(api_scope, receive, security_headers.with_security_headers(scope, send_and_record_status))
        finally:
            scope['route'] = api_scope.get('route')
            self._metrics.count_request(scope['method'], getattr(api_scope.get('route'), 'path', None), status)
