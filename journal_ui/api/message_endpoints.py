"""Endpoints for messages: submit messages, read a message."""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Query, Request

from journal_ui.api.batch_endpoint import (
    BODY_ERRORS,
    COMMON_ERRORS,
    Report,
    SenderDependency,
    describe_refusals,
    not_found_problem,
    one_or_many_schema,
    only_own_items,
    process_batch,
    request_body_schema,
)
from journal_ui.api.ingest.message_input import parse_message
from journal_ui.api.ingest.refusals import describe_message_refusal
from journal_ui.api.problem_details import error_responses
from journal_ui.api.read_audit import AuditedReader, ReaderDependency
from journal_ui.api.reading.row_schemas import formatted_values
from journal_ui.api.request_limits import MAX_BATCH_SIZE
from journal_ui.api.schemas import (
    MessageIn,
    MessageOut,
    OverdueMessageOut,
    OverdueOut,
    Result,
)
from journal_ui.security.client_ip import client_ip
from services import texts
from services.composition import Services
from services.ingest.message_ingest import Sender, Submission
from services.messages import overdue_messages
from services.messages.message_details import MessageDetails
from services.messages.reading.status_names import STATUS_NAMES

DEFAULT_PAGE_SIZE = 100
MAX_SORT_KEY = 2**63 - 1


def install(api: FastAPI, services: Services, authenticate: SenderDependency, find_reader: ReaderDependency) -> None:
    """Add the routes of messages; `authenticate` returns the sender of a request, `find_reader` who reads."""
    router = APIRouter(tags=['messages'])
    providers = services.settings.providers
    CurrentSender = Annotated[Sender, Depends(authenticate)]
    CurrentReader = Annotated[AuditedReader, Depends(find_reader)]

    @router.post(
        '/messages',
        summary='Submit one message, or up to a thousand',
        response_model=Result | list[Result],
        responses=error_responses(*COMMON_ERRORS, *BODY_ERRORS, HTTPStatus.CONFLICT),
        openapi_extra=request_body_schema(one_or_many_schema(MessageIn)),
    )
    async def submit_messages(request: Request, sender: CurrentSender) -> Any:
        """Each message of a list gets its own result, in their order. A repeated message changes nothing."""
        kinds, address = await services.kinds.known(), client_ip(request)
        parse = partial(parse_message, now=services.now(), providers=providers, known_kinds=kinds, address=address)

        async def record(submissions: Sequence[Submission]) -> list[Report]:
            outcomes = await services.ingest.add_submissions(submissions, sender)
            return describe_refusals(submissions, outcomes, describe_message_refusal)

        return await process_batch(request, sender, only_own_items(sender, parse), record)

    @router.get(
        '/messages/overdue',
        summary='List messages that have waited too long',
        response_model=OverdueOut,
        responses=error_responses(*COMMON_ERRORS, HTTPStatus.UNPROCESSABLE_ENTITY),
    )
    async def list_overdue_messages(
        reader: CurrentReader,
        limit: Annotated[int, Query(ge=1, le=MAX_BATCH_SIZE, description='Number of messages')] = DEFAULT_PAGE_SIZE,
        after: Annotated[int, Query(ge=0, le=MAX_SORT_KEY, description='`next` of the previous page')] = 0,
    ) -> OverdueOut:
        """Messages with the status pending whose appointment is over, or that were queued too long ago.

        A token of organisations can read only their messages.
        """
        page = await reader.services.messages.overdue(after=after, size=limit)
        ids = [message.id for message in page.messages]
        await reader.record_rows(texts.JOURNAL_TITLE, overdue_messages.QUERY, ids)
        return OverdueOut(
            messages=[
                OverdueMessageOut.model_validate({**vars(message), 'status': STATUS_NAMES[message.status]})
                for message in page.messages
            ],
            next=None if page.last_key is None else str(page.last_key),
        )

    @router.get(
        '/messages/{id}',
        summary='Read a message with its status events',
        response_model=MessageOut,
        responses=error_responses(*COMMON_ERRORS, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
    )
    async def get_message(id: UUID, reader: CurrentReader) -> MessageOut:
        """A token of organisations can read only their messages."""
        details = await reader.services.messages.details(id)
        if details is None:
            raise not_found_problem('no_such_message')
        await reader.record_row(texts.JOURNAL_TITLE, id)
        return _message_out(details)

    api.include_router(router)


def _message_out(details: MessageDetails) -> MessageOut:
    message = details.message
    history = [
        {
            **vars(event),
            'status': None if event.status is None else STATUS_NAMES[event.status],
            'cost': None if event.cost is None else f'{event.cost:.2f}',
        }
        for event in details.events
    ]
    return MessageOut.model_validate(
        {**vars(message), **formatted_values(message), 'parts': message.part_count, 'history': history}
    )
