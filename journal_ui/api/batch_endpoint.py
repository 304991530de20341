"""What every address shares where programs hand something over: who asks, one or many, each answered for itself."""

import json
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Protocol, TypeAlias, TypeVar

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from journal_ui.api.problem_details import Problem
from journal_ui.api.request_limits import LARGEST_BATCH, Rate, body
from journal_ui.api.schemas import Result, Wrong
from services import texts
from services.composition import Services
from services.ingest.message_ingest import Outcome, Teller

ALWAYS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
WITH_BODY = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
Asking: TypeAlias = Callable[..., Awaitable[Teller]]
bearer = HTTPBearer(auto_error=False, description='A token made by `python main.py token add`')


class Thing(Protocol):
    """Something handed over, once it has been read."""

    @property
    def organization(self) -> str:
        """The name of the organisation that it is of."""


T = TypeVar('T', bound=Thing)


def asking(services: Services) -> Asking:
    """Give what says who asks; each token has one allowance for all addresses."""
    rate = Rate(services.settings.api_rate)

    async def teller(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Teller:
        found = await services.tokens.teller(credentials.credentials) if credentials else None
        if found is None:
            headers = {'WWW-Authenticate': 'Bearer'}
            raise Problem(HTTPStatus.UNAUTHORIZED, 'no_token', texts.API_PROBLEMS['no_token'], headers=headers)
        rate.spend(found.name)
        return found

    return teller


async def answer(
    request: Request,
    by: Teller,
    read: Callable[[object], T],
    kind: type[T],
    take: Callable[[Sequence[T], Teller], Awaitable[list[Outcome]]],
) -> Any:
    """Take in the one thing or the many of a request, and answer each for itself, in their order.

    Args:
        request: not read yet.
        by: who asks.
        read: makes a thing of a value; raises Wrong.
        kind: what it makes.
        take: takes in what was read.

    Raises:
        Problem: nothing could be taken.
    """
    value = await read_json(request)
    one = not isinstance(value, list)
    values = [value] if one else value
    if not 1 <= len(values) <= LARGEST_BATCH:
        detail = texts.API_PROBLEMS['batch'].format(limit=LARGEST_BATCH)
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, 'batch', detail)
    done = await run_in_threadpool(lambda: [_one(each, by, read) for each in values])
    things = [each for each in done if isinstance(each, kind)]
    outcomes = iter(await take(things, by) if things else [])
    results = [
        _result(each, thing if isinstance(thing, Wrong) else next(outcomes))
        for each, thing in zip(values, done, strict=True)
    ]
    if not one:
        return JSONResponse([result.model_dump(exclude_none=True) | {'id': result.id} for result in results])
    if results[0].outcome == 'refused':
        only = results[0]
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, only.code or '', only.detail or '', field=only.field)
    return results[0]


async def read_json(request: Request) -> Any:
    """Read the body of a request.

    Raises:
        Problem: it is no JSON, or too large.
    """
    kind = request.headers.get('content-type', '').partition(';')[0].strip().lower()
    if kind != 'application/json':
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, 'not_json', texts.API_PROBLEMS['not_json'])
    content = await body(request)
    try:
        return await run_in_threadpool(json.loads, content)
    except (ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, 'broken_json', texts.API_PROBLEMS['broken_json']) from None


def unknown(code: str) -> Problem:
    """Give the answer to who asks for what is not there, or not his."""
    return Problem(HTTPStatus.NOT_FOUND, code, texts.API_PROBLEMS[code])


def takes(schema: dict[str, Any]) -> dict[str, Any]:
    """Describe a body that is read by hand, each of its things for itself."""
    return {'requestBody': {'required': True, 'content': {'application/json': {'schema': schema}}}}


def one_or_many(shape: type[Any]) -> dict[str, Any]:
    """Describe a body of one thing or a list of them."""
    return {'oneOf': [reference(shape), {'type': 'array', 'items': reference(shape)}]}


def reference(shape: type[Any]) -> dict[str, str]:
    """Describe a shape by its name in the documentation."""
    return {'$ref': f'#/components/schemas/{shape.__name__}'}


def _one(value: object, by: Teller, read: Callable[[object], T]) -> T | Wrong:
    try:
        thing = read(value)
    except Wrong as wrong:
        return wrong
    return thing if by.only in (None, thing.organization) else _foreign()


def _foreign() -> Wrong:
    return Wrong('organization', 'foreign', texts.API_PROBLEMS['foreign'])


def _result(value: object, outcome: Outcome | Wrong) -> Result:
    id = value.get('id') if isinstance(value, dict) else None
    named = id if isinstance(id, str) else None
    if outcome is Outcome.FOREIGN:
        outcome = _foreign()
    if isinstance(outcome, Wrong):
        return Result(id=named, outcome='refused', field=outcome.field, code=outcome.code, detail=outcome.detail)
    said: Any = outcome.value
    return Result(id=named, outcome=said)
