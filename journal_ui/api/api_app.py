"""The API application under `/api/v1`: mailing systems send messages and documents, providers send receipts.

It is separate from the pages: it has no browser sessions, and authenticates requests by tokens and keys.
"""

from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
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
from journal_ui.api.ingest import idempotency, status_endpoints
from journal_ui.api.problem_details import ProblemBody
from journal_ui.api.read_audit import reader_dependency
from journal_ui.api.reading import link_endpoints, list_endpoints, summary_endpoints
from journal_ui.api.reading.search_filters import LinkIn, MessageSearchIn
from journal_ui.api.request_limits import RateLimitHeaders
from journal_ui.api.schemas import MessageIn, MessageStatusIn, StatusIn
from journal_ui.nicegui_patches.middleware_stack import wrap_application
from journal_ui.root_path import program_path, public_path
from journal_ui.security import security_headers
from services import texts
from services.composition import Services
from services.monitoring.metrics import Metrics

API_PATH = '/api/v1'
EXTRA_SCHEMAS: tuple[type[BaseModel], ...] = (
    ProblemBody,
    MessageIn,
    MessageSearchIn,
    LinkIn,
    StatusIn,
    MessageStatusIn,
    DocumentIn,
)
"""Models to add to the OpenAPI schemas, because no endpoint declares them as a parameter."""


def build_api(services: Services) -> FastAPI:
    """Build the API application; its OpenAPI document, which few ask for, is built at the first call of `openapi()`."""
    # The documentation must load nothing from other sites, because an intranet cannot reach them.
    api = FastAPIOffline(
        title=texts.API_TITLE,
        version='1',
        docs_url=None,
        redoc_url=None,
        static_url=openapi_docs.STATIC_PATH,
        # A generated client names its functions after these.
        generate_unique_id_function=lambda route: route.name,
    )
    openapi_docs.serve_document(api)
    openapi_docs.install(api, public_path(API_PATH))
    problem_details.install(api)
    api.add_middleware(RateLimitHeaders)
    idempotency.install(api)
    authenticate = batch_endpoint.sender_dependency(services)
    find_reader = reader_dependency(services, authenticate)
    list_endpoints.install(api, find_reader)
    message_endpoints.install(api, services, authenticate, find_reader)
    status_endpoints.install(api, services, authenticate)
    summary_endpoints.install(api, services, authenticate)
    document_endpoints.install(api, services, authenticate, find_reader)
    link_endpoints.install(api, services, find_reader)
    receipt_endpoints.install(api, services)
    _extend_openapi(api)
    return api


def _extend_openapi(api: FastAPI) -> None:
    """Add EXTRA_SCHEMAS to the OpenAPI document."""
    build_document = api.openapi

    @cache
    def openapi() -> dict[str, Any]:
        document = build_document()
        schemas = document.setdefault('components', {}).setdefault('schemas', {})
        for model in EXTRA_SCHEMAS:
            schemas[model.__name__] = model.model_json_schema(ref_template='#/components/schemas/{model}')
        return document

    api.openapi = openapi  # type: ignore[method-assign]


def install(services: Services) -> None:
    """Serve the API next to the pages."""
    api = build_api(services)
    # NiceGUI adds its session middleware to everything that is mounted in it, so the API is dispatched before it.
    wrap_application(lambda pages: ApiDispatcher(pages, api, services.metrics))


class ApiDispatcher:
    """ASGI application that routes requests under API_PATH to the API, and all others to the pages."""

    def __init__(self, pages: ASGIApp, api: ASGIApp, metrics: Metrics) -> None:
        """Dispatch to `pages` and `api`; count the requests of the API in `metrics`."""
        self._pages = pages
        self._api = api
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request; see ASGI."""
        if scope['type'] != 'http' or not program_path(scope).startswith(f'{API_PATH}/'):
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
