"""Handing messages over, telling what happened to them, and looking one up again."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Request

from journal_ui.api import schemas
from journal_ui.api.batch_endpoint import (
    BODY_ERRORS,
    COMMON_ERRORS,
    SenderDependency,
    not_found_problem,
    one_or_many_schema,
    parse_json_body,
    process_batch,
    request_body_schema,
    schema_reference,
)
from journal_ui.api.problem_details import ProblemError, error_responses
from journal_ui.api.schemas import STATUS_NAMES, FactOut, InvalidItemError, MessageIn, MessageOut, Result, StatusIn
from services import texts
from services.composition import Services
from services.ingest.message_ingest import IngestOutcome, Sender, StatusUpdate
from services.ingest.message_parsing import IncomingMessage
from services.messages.message_details import MessageDetails


def install(api: FastAPI, services: Services, authenticate: SenderDependency) -> None:
    """Make the addresses of messages; `teller` says who asks."""
    intake, router = services.ingest, APIRouter(tags=['messages'])

    CurrentSender = Annotated[Sender, Depends(authenticate)]

    @router.post(
        '/messages',
        summary='Hand over one message, or up to a thousand',
        response_model=Result | list[Result],
        responses=error_responses(*COMMON_ERRORS, *BODY_ERRORS),
        openapi_extra=request_body_schema(one_or_many_schema(MessageIn)),
    )
    async def hand_over(request: Request, by: CurrentSender) -> Any:
        """Each of several is answered for itself, in their order; a repeat changes nothing."""
        return await process_batch(request, by, schemas.parse_message, IncomingMessage, intake.add_messages)

    @router.post(
        '/messages/{id}/status',
        summary='Tell what happened to a message',
        response_model=Result,
        responses=error_responses(*COMMON_ERRORS, *BODY_ERRORS, HTTPStatus.NOT_FOUND),
        openapi_extra=request_body_schema(schema_reference(StatusIn)),
    )
    async def tell(id: UUID, request: Request, by: CurrentSender) -> Result:
        """The newest that was told decides, whatever the order in which it is told."""
        try:
            status_event, provider_reference = schemas.parse_status_event(await parse_json_body(request), by.name)
        except InvalidItemError as wrong:
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, wrong.code, wrong.detail, field=wrong.field) from None
        outcome = await intake.add_status_update(StatusUpdate(id, status_event, by, provider_reference))
        if outcome in {IngestOutcome.UNKNOWN, IngestOutcome.OTHER_ORGANIZATION}:
            raise not_found_problem('no_such_message')
        return Result(id=str(id), outcome=outcome.value)

    @router.get(
        '/messages/{id}',
        summary='Look a message up, with all that happened to it',
        response_model=MessageOut,
        responses=error_responses(*COMMON_ERRORS, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
    )
    async def look_up(id: UUID, by: CurrentSender) -> MessageOut:
        """A token of one organisation sees the messages of that alone."""
        details = await services.messages.details(id)
        if details is None or by.organization not in (None, details.message.organization):
            raise not_found_problem('no_such_message')
        return _message_out(details)

    api.include_router(router)


def _message_out(details: MessageDetails) -> MessageOut:
    message = details.message
    return MessageOut(
        id=message.id,
        recipient_name=message.recipient_name,
        phone=message.phone,
        appointment_at=message.appointment_at,
        organization=message.organization,
        kind=texts.KINDS[message.kind],
        text=message.text,
        cost=f'{message.cost:.2f}',
        queued_at=message.queued_at,
        sent_at=message.sent_at,
        status=STATUS_NAMES[message.status],
        error_code=message.error_code,
        error_name=message.error_name,
        history=[
            FactOut(
                at=fact.at,
                told_by=fact.told_by,
                status=STATUS_NAMES[fact.status] if fact.status else None,
                provider=fact.provider,
                code=fact.code,
                error_code=fact.error_code,
                error_name=fact.error_name,
            )
            for fact in details.events
        ],
    )
