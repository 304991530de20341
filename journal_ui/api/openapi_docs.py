"""The page of the API documentation (Swagger UI), with a Content-Security-Policy for its inline script."""

import base64
import hashlib
import re

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

from journal_ui.security import security_headers

STATIC_PATH = '/static-offline-docs'
"""Path of the scripts and styles that fastapi-offline serves."""
INLINE_SCRIPT = re.compile(rb'<script>(.*?)</script>', re.DOTALL)


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
