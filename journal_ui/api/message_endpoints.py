"""Handing messages over, telling what happened to them, and looking one up again."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Request

from journal_ui.api import schemas
from journal_ui.api.batch_endpoint import (
    ALWAYS,
    WITH_BODY,
    Asking,
    answer,
    one_or_many,
    read_json,
    reference,
    takes,
    unknown,
)
from journal_ui.api.problem_details import Problem, responses
from journal_ui.api.schemas import NAMES, FactOut, MessageIn, MessageOut, Result, StatusIn, Wrong
from services import texts
from services.composition import Services
from services.ingest.message_ingest import Outcome, Teller, Told
from services.ingest.message_parsing import Incoming
from services.messages.message_details import Opened


def install(api: FastAPI, services: Services, teller: Asking) -> None:
    """Make the addresses of messages; `teller` says who asks."""
    intake, router = services.intake, APIRouter(tags=['messages'])

    who = Annotated[Teller, Depends(teller)]

    @router.post(
        '/messages',
        summary='Hand over one message, or up to a thousand',
        response_model=Result | list[Result],
        responses=responses(*ALWAYS, *WITH_BODY),
        openapi_extra=takes(one_or_many(MessageIn)),
    )
    async def hand_over(request: Request, by: who) -> Any:
        """Each of several is answered for itself, in their order; a repeat changes nothing."""
        return await answer(request, by, schemas.message, Incoming, intake.messages)

    @router.post(
        '/messages/{id}/status',
        summary='Tell what happened to a message',
        response_model=Result,
        responses=responses(*ALWAYS, *WITH_BODY, HTTPStatus.NOT_FOUND),
        openapi_extra=takes(reference(StatusIn)),
    )
    async def tell(id: UUID, request: Request, by: who) -> Result:
        """The newest that was told decides, whatever the order in which it is told."""
        try:
            fact, called = schemas.fact(await read_json(request), by.name)
        except Wrong as wrong:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, wrong.code, wrong.detail, field=wrong.field) from None
        outcome = await intake.told(Told(id, fact, by, called))
        if outcome in {Outcome.UNKNOWN, Outcome.FOREIGN}:
            raise unknown('no_such_message')
        return Result(id=str(id), outcome=outcome.value)

    @router.get(
        '/messages/{id}',
        summary='Look a message up, with all that happened to it',
        response_model=MessageOut,
        responses=responses(*ALWAYS, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
    )
    async def look_up(id: UUID, by: who) -> MessageOut:
        """A token of one organisation sees the messages of that alone."""
        opened = await services.messages.details(id)
        if opened is None or by.only not in (None, opened.message.organization):
            raise unknown('no_such_message')
        return _shown(opened)

    api.include_router(router)


def _shown(opened: Opened) -> MessageOut:
    message = opened.message
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
        status=NAMES[message.status],
        error_code=message.error_code,
        error_name=message.error_name,
        history=[
            FactOut(
                at=fact.at,
                told_by=fact.told_by,
                status=NAMES[fact.status] if fact.status else None,
                provider=fact.provider,
                code=fact.code,
                error_code=fact.error_code,
                error_name=fact.error_name,
            )
            for fact in opened.facts
        ],
    )
