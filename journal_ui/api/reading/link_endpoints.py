"""Endpoint for links by which another system opens the journal with the messages to a patient."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from journal_ui.api.batch_endpoint import (
    BODY_ERRORS,
    COMMON_ERRORS,
    parse_json_body,
    request_body_schema,
    schema_reference,
)
from journal_ui.api.ingest.idempotency import answer_once
from journal_ui.api.problem_details import ProblemError, error_responses
from journal_ui.api.read_audit import AuditedReader, ReaderDependency
from journal_ui.api.reading.named_query import find_query
from journal_ui.api.reading.search_filters import LinkIn
from journal_ui.api.schemas import InvalidItemError, validate_model
from journal_ui.root_path import absolute_url
from services import texts
from services.composition import Services
from services.settings import Settings


class LinkOut(BaseModel):
    """A link that opens the journal."""

    url: str = Field(description='Absolute URL without personal data, for a browser')
    expires_at: datetime = Field(description='When the link ceases to work')


def install(api: FastAPI, services: Services, find_reader: ReaderDependency) -> None:
    """Add the route; `find_reader` returns who creates a link."""
    router = APIRouter(tags=['links'])
    CurrentReader = Annotated[AuditedReader, Depends(find_reader)]

    @router.post(
        '/links',
        status_code=HTTPStatus.CREATED,
        summary='Create a link that opens the journal with the messages to a patient',
        response_model=LinkOut,
        responses=error_responses(*COMMON_ERRORS, *BODY_ERRORS),
        openapi_extra=request_body_schema(schema_reference(LinkIn)),
    )
    async def create_link(request: Request, reader: CurrentReader) -> Any:
        """Whoever follows the link within an hour signs in, and sees the journal with these conditions.

        The conditions of a token of some organisations have these organisations.
        """

        async def process() -> JSONResponse:
            try:
                filters: LinkIn = validate_model(LinkIn, await parse_json_body(request))
            except InvalidItemError as error:
                raise ProblemError(error.status, error.code, error.detail, field=error.field) from None
            query = await find_query(reader.services, reader.sender, filters)
            # Whoever opens the link may read other organisations, too.
            query = await reader.with_own_organizations(query)
            query.check()
            link = await services.share_links.create_launch_link(query)
            await reader.record_link(texts.JOURNAL_TITLE, query)
            created = LinkOut(url=_absolute_url(request, services.settings, link.url), expires_at=link.expires_at)
            return JSONResponse(created.model_dump(mode='json'), HTTPStatus.CREATED)

        return await answer_once(request, reader.sender, process)

    api.include_router(router)


def _absolute_url(request: Request, settings: Settings, path: str) -> str:
    """Return the URL of a page for browsers: of the journal as a setting names it, else as the program called it."""
    if settings.alert_link_url:
        return settings.alert_link_url.rstrip('/') + path
    return absolute_url(request, path, tls=settings.tls)
