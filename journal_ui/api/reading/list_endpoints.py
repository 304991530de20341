"""Endpoints that list messages: a search by conditions in the URL, a search by person in a body, and the changes."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Query, Request

from journal_ui.api.batch_endpoint import (
    BODY_ERRORS,
    COMMON_ERRORS,
    parse_json_body,
    request_body_schema,
    schema_reference,
)
from journal_ui.api.problem_details import ProblemError, error_responses
from journal_ui.api.read_audit import AuditedReader, ReaderDependency
from journal_ui.api.reading.cursors import MAX_CURSOR_LENGTH, decode_cursor, encode_cursor
from journal_ui.api.reading.named_query import find_query
from journal_ui.api.reading.row_schemas import ChangesOut, MessageListOut, row_out
from journal_ui.api.reading.search_filters import DEFAULT_PAGE_SIZE, MessageFilters, MessageSearchIn
from journal_ui.api.request_limits import MAX_BATCH_SIZE
from journal_ui.api.schemas import InvalidItemError, validate_model
from services import texts
from services.errors import QueryTimeoutError
from services.messages.reading.change_page import ChangesNotKeptError


def install(api: FastAPI, find_reader: ReaderDependency) -> None:
    """Add the routes, before that of a message by its id; `find_reader` returns who reads."""
    router = APIRouter(tags=['messages'])
    CurrentReader = Annotated[AuditedReader, Depends(find_reader)]

    async def read_page(reader: AuditedReader, filters: MessageFilters) -> MessageListOut:
        before = None if filters.cursor is None else decode_cursor('m', filters.cursor, 'cursor')
        query = await find_query(reader.services, reader.sender, filters)
        try:
            page = await reader.services.message_reader.page(query, before=before, size=filters.limit)
        except QueryTimeoutError:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, 'too_slow', texts.API_PROBLEMS['too_slow']) from None
        await reader.record_rows(texts.JOURNAL_TITLE, query, [row.code for row in page.rows])
        return MessageListOut(
            messages=[row_out(row) for row in page.rows],
            next_cursor=None if page.last_key is None else encode_cursor('m', page.last_key),
        )

    @router.get(
        '/messages',
        summary='List messages, the newest first',
        response_model=MessageListOut,
        responses=error_responses(*COMMON_ERRORS, HTTPStatus.UNPROCESSABLE_ENTITY),
    )
    async def list_messages(reader: CurrentReader, filters: Annotated[MessageFilters, Query()]) -> MessageListOut:
        """All conditions must hold. A token of organisations lists only their messages.

        A name or a phone is not accepted in a URL, which is logged on its way: use `POST /messages/search`.
        """
        return await read_page(reader, filters)

    @router.post(
        '/messages/search',
        summary='List messages, also by the name or the phone of their recipient',
        response_model=MessageListOut,
        responses=error_responses(*COMMON_ERRORS, *BODY_ERRORS),
        openapi_extra=request_body_schema(schema_reference(MessageSearchIn)),
    )
    async def search_messages(request: Request, reader: CurrentReader) -> MessageListOut:
        """The conditions are those of `GET /messages`, in a JSON object, and those about the recipient."""
        try:
            filters: MessageSearchIn = validate_model(MessageSearchIn, await parse_json_body(request))
        except InvalidItemError as error:
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, error.code, error.detail, field=error.field) from None
        return await read_page(reader, filters)

    @router.get(
        '/messages/changes',
        summary='List the messages that were created or changed since the last time',
        response_model=ChangesOut,
        responses=error_responses(*COMMON_ERRORS, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.GONE),
    )
    async def list_changes(
        reader: CurrentReader,
        limit: Annotated[
            int, Query(ge=1, le=MAX_BATCH_SIZE, description='Largest number of messages')
        ] = DEFAULT_PAGE_SIZE,
        after: Annotated[
            str | None, Query(max_length=MAX_CURSOR_LENGTH, description='`next_cursor` of the previous answer')
        ] = None,
    ) -> ChangesOut:
        """Without `after` the answer has no messages, and the cursor after which all further changes come.

        A message that changed several times is returned once, as it is now. A token of organisations lists only
        their messages.
        """
        number = None if after is None else decode_cursor('c', after, 'after')
        try:
            page = await reader.services.message_reader.changes(after=number, size=limit)
        except ChangesNotKeptError:
            detail = texts.API_PROBLEMS['changes_not_kept']
            raise ProblemError(HTTPStatus.GONE, 'changes_not_kept', detail, field='after') from None
        await reader.record_changes(texts.JOURNAL_TITLE, [row.code for row in page.rows])
        return ChangesOut(
            messages=[row_out(row) for row in page.rows],
            next_cursor=encode_cursor('c', page.last_number),
            has_more=page.has_more,
        )

    api.include_router(router)
