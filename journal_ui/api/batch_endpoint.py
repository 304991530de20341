"""What every address shares where programs hand something over: who asks, one or many, each answered for itself."""

import json
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Protocol, TypeAlias, TypeVar

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from journal_ui.api.problem_details import ProblemError
from journal_ui.api.request_limits import MAX_BATCH_SIZE, RateLimiter, read_body
from journal_ui.api.schemas import InvalidItemError, Result
from services import texts
from services.composition import Services
from services.ingest.message_ingest import IngestOutcome, Sender

COMMON_ERRORS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
BODY_ERRORS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
SenderDependency: TypeAlias = Callable[..., Awaitable[Sender]]
bearer = HTTPBearer(auto_error=False, description='A token made by `python main.py token add`')


class BatchItem(Protocol):
    """Something handed over, once it has been read."""

    @property
    def organization(self) -> str:
        """The name of the organisation that it is of."""


T = TypeVar('T', bound=BatchItem)


def sender_dependency(services: Services) -> SenderDependency:
    """Give what says who asks; each token has one allowance for all addresses."""
    rate_limiter = RateLimiter(services.settings.api_rate)

    async def authenticate(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Sender:
        sender = await services.api_tokens.find_sender(credentials.credentials) if credentials else None
        if sender is None:
            headers = {'WWW-Authenticate': 'Bearer'}
            raise ProblemError(HTTPStatus.UNAUTHORIZED, 'no_token', texts.API_PROBLEMS['no_token'], headers=headers)
        rate_limiter.consume(sender.name)
        return sender

    return authenticate


async def process_batch(
    request: Request,
    sender: Sender,
    parse: Callable[[object], T],
    item_type: type[T],
    ingest: Callable[[Sequence[T], Sender], Awaitable[list[IngestOutcome]]],
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
    value = await parse_json_body(request)
    is_single = not isinstance(value, list)
    values = [value] if is_single else value
    if not 1 <= len(values) <= MAX_BATCH_SIZE:
        detail = texts.API_PROBLEMS['batch'].format(limit=MAX_BATCH_SIZE)
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, 'batch', detail)
    parsed = await run_in_threadpool(lambda: [_parse_item(each, sender, parse) for each in values])
    items = [each for each in parsed if isinstance(each, item_type)]
    outcomes = iter(await ingest(items, sender) if items else [])
    results = [
        _item_result(each, thing if isinstance(thing, InvalidItemError) else next(outcomes))
        for each, thing in zip(values, parsed, strict=True)
    ]
    if not is_single:
        return JSONResponse([result.model_dump(exclude_none=True) | {'id': result.id} for result in results])
    if results[0].outcome == 'refused':
        refusal = results[0]
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, refusal.code or '', refusal.detail or '', field=refusal.field
        )
    return results[0]


async def parse_json_body(request: Request) -> Any:
    """Read the body of a request.

    Raises:
        Problem: it is no JSON, or too large.
    """
    media_type = request.headers.get('content-type', '').partition(';')[0].strip().lower()
    if media_type != 'application/json':
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, 'not_json', texts.API_PROBLEMS['not_json'])
    content = await read_body(request)
    try:
        return await run_in_threadpool(json.loads, content)
    except (ValueError, RecursionError):
        raise ProblemError(HTTPStatus.BAD_REQUEST, 'broken_json', texts.API_PROBLEMS['broken_json']) from None


def not_found_problem(code: str) -> ProblemError:
    """Give the answer to who asks for what is not there, or not his."""
    return ProblemError(HTTPStatus.NOT_FOUND, code, texts.API_PROBLEMS[code])


def request_body_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Describe a body that is read by hand, each of its things for itself."""
    return {'requestBody': {'required': True, 'content': {'application/json': {'schema': schema}}}}


def one_or_many_schema(model: type[Any]) -> dict[str, Any]:
    """Describe a body of one thing or a list of them."""
    return {'oneOf': [schema_reference(model), {'type': 'array', 'items': schema_reference(model)}]}


def schema_reference(model: type[Any]) -> dict[str, str]:
    """Describe a shape by its name in the documentation."""
    return {'$ref': f'#/components/schemas/{model.__name__}'}


def _parse_item(value: object, sender: Sender, parse: Callable[[object], T]) -> T | InvalidItemError:
    try:
        item = parse(value)
    except InvalidItemError as wrong:
        return wrong
    return item if sender.organization in (None, item.organization) else _foreign_organization_error()


def _foreign_organization_error() -> InvalidItemError:
    return InvalidItemError('organization', 'foreign', texts.API_PROBLEMS['foreign'])


def _item_result(value: object, outcome: IngestOutcome | InvalidItemError) -> Result:
    id = value.get('id') if isinstance(value, dict) else None
    item_id = id if isinstance(id, str) else None
    if outcome is IngestOutcome.OTHER_ORGANIZATION:
        outcome = _foreign_organization_error()
    if isinstance(outcome, InvalidItemError):
        return Result(id=item_id, outcome='refused', field=outcome.field, code=outcome.code, detail=outcome.detail)
    outcome_name: Any = outcome.value
    return Result(id=item_id, outcome=outcome_name)
