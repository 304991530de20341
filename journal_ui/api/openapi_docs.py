"""The documentation of the interface as a page, with the one script that may run in it."""

import base64
import hashlib
import re

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

from journal_ui.security import security_headers

STATIC = '/static-offline-docs'
"""Where fastapi-offline serves what the page needs."""
INLINE = re.compile(rb'<script>(.*?)</script>', re.DOTALL)


def install(api: FastAPI, path: str) -> None:
    """Serve `/docs` of the interface, which itself stands at `path`."""
    page = get_swagger_ui_html(
        openapi_url=f'{path}{api.openapi_url}',
        title=api.title,
        swagger_js_url=f'{path}{STATIC}/swagger-ui-bundle.js',
        swagger_css_url=f'{path}{STATIC}/swagger-ui.css',
        swagger_favicon_url=f'{path}{STATIC}/favicon.png',
    )
    body = bytes(page.body)
    # The page is the same for everybody, and so is its script: a hash names it, and no other runs.
    hashes = [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in INLINE.findall(body)]
    headers = {'Content-Security-Policy': security_headers.policy(' '.join(f"'sha256-{each}'" for each in hashes))}

    @api.get('/docs', include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(body, headers=headers)
