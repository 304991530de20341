"""Endpoints for the statuses of messages: report one, or many in one request; withdraw a message."""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Request

from journal_ui.api.batch_endpoint import (
    BODY_ERRORS,
    COMMON_ERRORS,
    Report,
    SenderDependency,
    describe_refusals,
    item_problem,
    item_result,
    one_or_many_schema,
    parse_json_body,
    process_batch,
    request_body_schema,
    schema_reference,
)
from journal_ui.api.ingest.idempotency import KEY_PARAMETER, answer_once
from journal_ui.api.ingest.reference_input import receipts_have_phone
from journal_ui.api.ingest.refusals import describe_status_refusal
from journal_ui.api.ingest.status_input import parse_status_event, parse_status_update
from journal_ui.api.problem_details import error_responses
from journal_ui.api.schemas import InvalidItemError, MessageStatusIn, Result, StatusIn
from services.composition import Services
from services.ingest.message_ingest import Sender, StatusUpdate

ERRORS = (*COMMON_ERRORS, *BODY_ERRORS, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


def install(api: FastAPI, services: Services, authenticate: SenderDependency) -> None:
    """Add the routes of statuses; `authenticate` returns the sender of a request."""
    router = APIRouter(tags=['messages'])
    providers = services.settings.providers
    CurrentSender = Annotated[Sender, Depends(authenticate)]

    async def record(updates: Sequence[StatusUpdate]) -> list[Report]:
        outcomes = await services.ingest.add_status_updates(updates)
        return describe_refusals(updates, outcomes, describe_status_refusal)

    async def record_one(update: StatusUpdate) -> Result:
        (report,) = await record([update])
        if isinstance(report, InvalidItemError):
            raise item_problem(report)
        return item_result(str(update.id), report)

    @router.post(
        '/messages/statuses',
        summary='Report the status of one message, or of up to a thousand',
        response_model=Result | list[Result],
        responses=error_responses(*ERRORS),
        openapi_extra=request_body_schema(one_or_many_schema(MessageStatusIn)),
    )
    async def report_statuses(request: Request, sender: CurrentSender) -> Any:
        """Each status of a list gets its own result, in their order; several may be about one message."""
        parse = partial(parse_status_update, sender=sender, now=services.now(), providers=providers)
        return await process_batch(request, sender, parse, record)

    @router.post(
        '/messages/{id}/status',
        summary='Report a status of a message',
        response_model=Result,
        responses=error_responses(*ERRORS),
        openapi_extra=request_body_schema(schema_reference(StatusIn)),
    )
    async def report_status(id: UUID, request: Request, sender: CurrentSender) -> Any:
        """Statuses may be repeated, late or out of order; a final status of the provider precedes."""

        async def process() -> Result:
            try:
                event = parse_status_event(await parse_json_body(request), sender.name, services.now(), providers)
            except InvalidItemError as error:
                raise item_problem(error) from None
            has_phone = receipts_have_phone(event.reference, providers)
            return await record_one(StatusUpdate(id, event, sender, has_phone))

        return await answer_once(request, sender, process)

    @router.post(
        '/messages/{id}/withdrawal',
        summary='Withdraw a message that waits to be sent',
        response_model=Result,
        responses=error_responses(*ERRORS),
        openapi_extra={'parameters': [KEY_PARAMETER]},
    )
    async def withdraw_message(id: UUID, request: Request, sender: CurrentSender) -> Any:
        """The message gets the status failed with the error code `withdrawn`, and nobody has to call the recipient."""
        update = StatusUpdate.withdrawal(id, sender, services.now())
        return await answer_once(request, sender, lambda: record_one(update))

    api.include_router(router)
