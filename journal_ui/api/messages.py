"""Handing messages over, telling what happened to them, and looking one up again."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from journal_ui.api import shapes
from journal_ui.api.limits import LARGEST_BATCH, Rate, body
from journal_ui.api.problems import Problem, responses
from journal_ui.api.shapes import NAMES, FactOut, MessageIn, MessageOut, Result, StatusIn, Wrong
from services import Services, texts
from services.feed import Outcome, Teller, Told
from services.feed.incoming import Incoming
from services.messages.opened import Opened

ALWAYS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
WITH_BODY = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
bearer = HTTPBearer(auto_error=False, description='A token made by `python main.py token add`')


def install(api: FastAPI, services: Services) -> None:
    """Make the addresses of messages."""
    rate = Rate(services.settings.api_rate)
    intake, router = services.intake, APIRouter(tags=['messages'])

    async def teller(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Teller:
        found = await services.tokens.teller(credentials.credentials) if credentials else None
        if found is None:
            headers = {'WWW-Authenticate': 'Bearer'}
            raise Problem(HTTPStatus.UNAUTHORIZED, 'no_token', texts.API_PROBLEMS['no_token'], headers=headers)
        rate.spend(found.name)
        return found

    who = Annotated[Teller, Depends(teller)]

    @router.post(
        '/messages',
        summary='Hand over one message, or up to a thousand',
        response_model=Result | list[Result],
        responses=responses(*ALWAYS, *WITH_BODY),
        openapi_extra=_takes({'oneOf': [_reference(MessageIn), {'type': 'array', 'items': _reference(MessageIn)}]}),
    )
    async def hand_over(request: Request, by: who) -> Any:
        """Each of several is answered for itself, in their order; a repeat changes nothing."""
        value = await _json(request)
        one = not isinstance(value, list)
        values = [value] if one else value
        if not 1 <= len(values) <= LARGEST_BATCH:
            detail = texts.API_PROBLEMS['batch'].format(limit=LARGEST_BATCH)
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, 'batch', detail)
        read = await run_in_threadpool(_read, values, by)
        messages = [message for message in read if isinstance(message, Incoming)]
        outcomes = iter(await intake.messages(messages, by) if messages else [])
        results = [
            _result(value, message if isinstance(message, Wrong) else next(outcomes))
            for value, message in zip(values, read, strict=True)
        ]
        if not one:
            return JSONResponse([result.model_dump(exclude_none=True) | {'id': result.id} for result in results])
        if results[0].outcome == 'refused':
            only = results[0]
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, only.code or '', only.detail or '', field=only.field)
        return results[0]

    @router.post(
        '/messages/{id}/status',
        summary='Tell what happened to a message',
        response_model=Result,
        responses=responses(*ALWAYS, *WITH_BODY, HTTPStatus.NOT_FOUND),
        openapi_extra=_takes(_reference(StatusIn)),
    )
    async def tell(id: UUID, request: Request, by: who) -> Result:
        """The newest that was told decides, whatever the order in which it is told."""
        try:
            fact, called = shapes.fact(await _json(request), by.name)
        except Wrong as wrong:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, wrong.code, wrong.detail, field=wrong.field) from None
        outcome = await intake.told(Told(id, fact, by, called))
        if outcome in {Outcome.UNKNOWN, Outcome.FOREIGN}:
            raise _unknown()
        return Result(id=str(id), outcome=_said(outcome))

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
            raise _unknown()
        return _shown(opened)

    api.include_router(router)


def _read(values: Sequence[object], by: Teller) -> list[Incoming | Wrong]:
    return [_one(value, by) for value in values]


def _one(value: object, by: Teller) -> Incoming | Wrong:
    try:
        message = shapes.message(value)
    except Wrong as wrong:
        return wrong
    return message if by.only in (None, message.organization) else _foreign()


def _foreign() -> Wrong:
    return Wrong('organization', 'foreign', texts.API_PROBLEMS['foreign'])


def _result(value: object, outcome: Outcome | Wrong) -> Result:
    id = value.get('id') if isinstance(value, dict) else None
    named = id if isinstance(id, str) else None
    if outcome is Outcome.FOREIGN:
        outcome = _foreign()
    if isinstance(outcome, Wrong):
        return Result(id=named, outcome='refused', field=outcome.field, code=outcome.code, detail=outcome.detail)
    return Result(id=named, outcome=_said(outcome))


def _said(outcome: Outcome) -> Any:
    return outcome.value


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


def _unknown() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, 'no_such_message', texts.API_PROBLEMS['no_such_message'])


async def _json(request: Request) -> Any:
    kind = request.headers.get('content-type', '').partition(';')[0].strip().lower()
    if kind != 'application/json':
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, 'not_json', texts.API_PROBLEMS['not_json'])
    content = await body(request)
    try:
        return await run_in_threadpool(json.loads, content)
    except (ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, 'broken_json', texts.API_PROBLEMS['broken_json']) from None


def _takes(schema: dict[str, Any]) -> dict[str, Any]:
    """Describe a body that is read by hand, each of its messages for itself."""
    return {'requestBody': {'required': True, 'content': {'application/json': {'schema': schema}}}}


def _reference(shape: type[Any]) -> dict[str, str]:
    return {'$ref': f'#/components/schemas/{shape.__name__}'}
