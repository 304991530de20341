"""The route that receives an uploaded file in parts, each small enough for any proxy and within every time limit."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from nicegui import app

from journal_ui.layout.navigation import ADMIN_ROLES
from journal_ui.security import browser_sessions
from journal_ui.security.auth_middleware import UPLOAD_PREFIX
from services import texts
from services.accounts.identity import Identity
from services.imports.import_jobs import MAX_PART_BYTES, ImportJobs, UploadError


def upload_router(jobs: ImportJobs) -> APIRouter:
    """Return the route that appends the body of a request to an upload of the same session."""
    router = APIRouter()

    @router.post(f'{UPLOAD_PREFIX}{{key}}')
    async def append_part(request: Request, key: str, offset: int) -> Response:
        person: Identity | None = request.state.person
        owner = browser_sessions.session_identifier(request.scope)
        if not owner or person is None or person.role not in ADMIN_ROLES:
            return PlainTextResponse(texts.UPLOAD_UNKNOWN, HTTPStatus.NOT_FOUND)
        part = await _read_part(request)
        if part is None:
            return PlainTextResponse(texts.UPLOAD_UNKNOWN, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            await jobs.append(key, owner, offset, part)
        except UploadError as error:
            return PlainTextResponse(str(error), HTTPStatus.CONFLICT)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router


def install(jobs: ImportJobs) -> None:
    """Add the route to the application."""
    app.include_router(upload_router(jobs))


async def _read_part(request: Request) -> bytes | None:
    """Return the body of a request; None if it is longer than MAX_PART_BYTES."""
    part = bytearray()
    async for chunk in request.stream():
        part += chunk
        if len(part) > MAX_PART_BYTES:
            return None
    return bytes(part)
