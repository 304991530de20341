"""Endpoints for messages: submit messages, report a status, read a message."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Query, Request

from journal_ui.api import schemas
from journal_ui.api.batch_endpoint import (
    BODY_ERRORS,
    COMMON_ERRORS,
    ID_TAKEN,
    SenderDependency,
    not_found_problem,
    one_or_many_schema,
    parse_json_body,
    process_batch,
    request_body_schema,
    schema_reference,
)
from journal_ui.api.problem_details import ProblemError, error_responses
from journal_ui.api.read_audit import AuditedReader, ReaderDependency
from journal_ui.api.request_limits import MAX_BATCH_SIZE
from journal_ui.api.schemas import (
    InvalidItemError,
    MessageIn,
    MessageOut,
    OverdueMessageOut,
    OverdueOut,
    Result,
    StatusIn,
)
from services import texts
from services.composition import Services
from services.ingest.message_ingest import IngestOutcome, Sender, StatusUpdate
from services.ingest.message_parsing import IncomingMessage
from services.messages import overdue_messages
from services.messages.message_details import MessageDetails
from services.messages.reading.status_names import DELIVERY_NAMES, STATUS_NAMES

DEFAULT_PAGE_SIZE = 100
MAX_SORT_KEY = 2**63 - 1


def install(api: FastAPI, services: Services, authenticate: SenderDependency, find_reader: ReaderDependency) -> None:
    """Add the routes of messages; `authenticate` returns the sender of a request, `find_reader` who reads."""
    router = APIRouter(tags=['messages'])
    CurrentSender = Annotated[Sender, Depends(authenticate)]
    CurrentReader = Annotated[AuditedReader, Depends(find_reader)]

    @router.post(
        '/messages',
        summary='Submit one message, or up to a thousand',
        response_model=Result | list[Result],
        responses=error_responses(*COMMON_ERRORS, *BODY_ERRORS, HTTPStatus.CONFLICT),
        openapi_extra=request_body_schema(one_or_many_schema(MessageIn)),
    )
    async def hand_over(request: Request, sender: CurrentSender) -> Any:
        """Each message of a list gets its own result, in their order. A repeated message changes nothing."""
        parse = partial(schemas.parse_message, now=services.now(), known_kinds=await services.kinds.known())
        return await process_batch(request, sender, parse, IncomingMessage, services.ingest.add_messages)

    @router.post(
        '/messages/{id}/status',
        summary='Report a status of a message',
        response_model=Result,
        responses=error_responses(*COMMON_ERRORS, *BODY_ERRORS, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
        openapi_extra=request_body_schema(schema_reference(StatusIn)),
    )
    async def tell(id: UUID, request: Request, sender: CurrentSender) -> Result:
        """Statuses may be repeated, late or out of order; a final status of the provider precedes."""
        try:
            event = schemas.parse_status_event(await parse_json_body(request), sender.name, services.now())
        except InvalidItemError as error:
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, error.code, error.detail, field=error.field) from None
        outcome = await services.ingest.add_status_update(StatusUpdate(id, event, sender))
        if outcome is IngestOutcome.CONFLICT:
            detail = texts.API_PROBLEMS[ID_TAKEN].format(**vars(event))
            raise ProblemError(HTTPStatus.CONFLICT, ID_TAKEN, detail, field='provider_id')
        if outcome is IngestOutcome.BEFORE_QUEUED:
            detail = texts.REJECTION_REASONS[outcome].format(field='at', value=event.at.isoformat())
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, outcome, detail, field='at')
        if outcome in {IngestOutcome.UNKNOWN, IngestOutcome.OTHER_ORGANIZATION}:
            raise not_found_problem('no_such_message')
        return Result(id=str(id), outcome=outcome.value)

    @router.get(
        '/messages/overdue',
        summary='List messages that have waited too long',
        response_model=OverdueOut,
        responses=error_responses(*COMMON_ERRORS, HTTPStatus.UNPROCESSABLE_ENTITY),
    )
    async def list_overdue(
        reader: CurrentReader,
        limit: Annotated[int, Query(ge=1, le=MAX_BATCH_SIZE, description='Number of messages')] = DEFAULT_PAGE_SIZE,
        after: Annotated[int, Query(ge=0, le=MAX_SORT_KEY, description='`next` of the previous page')] = 0,
    ) -> OverdueOut:
        """Messages with the status pending whose appointment is over, or that were queued too long ago.

        A token of an organisation can read only the messages of this organisation.
        """
        organization = reader.sender.organization
        page = await services.messages.overdue(organization, after=after, size=limit)
        query = overdue_messages.recorded_query(organization)
        await reader.record_rows(texts.JOURNAL_TITLE, query, [message.id for message in page.messages])
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
    async def look_up(id: UUID, reader: CurrentReader) -> MessageOut:
        """A token of an organisation can read only the messages of this organisation."""
        details = await services.messages.details(id)
        if details is None or not reader.sender.may_act_for(details.message.organization):
            raise not_found_problem('no_such_message')
        await reader.record_row(texts.JOURNAL_TITLE, id)
        return _message_out(details)

    api.include_router(router)


def _message_out(details: MessageDetails) -> MessageOut:
    message = details.message
    names = {
        'status': STATUS_NAMES[message.status],
        'cost': f'{message.cost:.2f}',
        'delivery': DELIVERY_NAMES[message.delivery] if message.delivery else None,
        'parts': message.part_count,
    }
    history = [
        {**vars(event), 'status': None if event.status is None else STATUS_NAMES[event.status]}
        for event in details.events
    ]
    return MessageOut.model_validate({**vars(message), **names, 'history': history})
