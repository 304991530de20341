"""The OpenAPI document and its page (Swagger UI), with a Content-Security-Policy for the inline script of the page."""

import base64
import hashlib
import re

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse

from journal_ui.security import security_headers

STATIC_PATH = '/static-offline-docs'
"""Path of the scripts and styles that fastapi-offline serves."""
INLINE_SCRIPT = re.compile(rb'<script>(.*?)</script>', re.DOTALL)


def serve_document(api: FastAPI) -> None:
    """Replace FastAPI's route of the OpenAPI document by one that builds the document outside the event loop.

    It takes 100 ms at the first request, for which other requests must not wait, nor the start of the program.
    """
    assert api.openapi_url is not None

    # A function that is no coroutine runs in a thread.
    def openapi_document(request: Request) -> JSONResponse:
        mounted_at = request.scope.get('root_path', '').rstrip('/')
        return JSONResponse(api.openapi() | ({'servers': [{'url': mounted_at}]} if mounted_at else {}))

    api.router.routes[:] = [route for route in api.routes if getattr(route, 'path', None) != api.openapi_url]
    api.add_route(api.openapi_url, openapi_document, include_in_schema=False)


def install(api: FastAPI, path: str) -> None:
    """Add the route `/docs` to the API, which is mounted at `path`."""
    page = get_swagger_ui_html(
        openapi_url=f'{path}{api.openapi_url}',
        title=api.title,
        swagger_js_url=f'{path}{STATIC_PATH}/swagger-ui-bundle.js',
        swagger_css_url=f'{path}{STATIC_PATH}/swagger-ui.css',
        swagger_favicon_url=f'{path}{STATIC_PATH}/favicon.png',
    )
    body = bytes(page.body)
    # The page is static, so its inline scripts are allowed by their hashes and no other inline script runs.
    hashes = [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in INLINE_SCRIPT.findall(body)]
    headers = {
        'Content-Security-Policy': security_headers.content_security_policy(
            ' '.join(f"'sha256-{each}'" for each in hashes)
        )
    }

    @api.get('/docs', include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(body, headers=headers)
