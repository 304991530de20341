"""Shared parts of the endpoints that receive items: authentication, one item or a batch, a result for each item."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final, Protocol, TypeAlias, TypeVar

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from journal_ui.api.ingest.idempotency import KEY_PARAMETER, answer_once
from journal_ui.api.ingest.refusals import foreign_organization_error
from journal_ui.api.json_body import InvalidJsonError, is_storable, json_decoder, parse_json, quotable
from journal_ui.api.problem_details import ProblemError
from journal_ui.api.request_limits import MAX_BATCH_SIZE, RateLimiter, RateLimitHeaders, read_body
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
Report: TypeAlias = IngestOutcome | InvalidItemError
"""What became of an item: its outcome, or why it was refused."""
SenderDependency: TypeAlias = Callable[..., Awaitable[Sender]]
JSON_DECODER = json_decoder()
SHORT_BODY_BYTES: Final = 4_096
"""Bytes of a body, which has one message in general, that is parsed in less time than a thread takes to start on it."""
bearer = HTTPBearer(auto_error=False, description='A token created by `python main.py token add`')


class OrganizationItem(Protocol):
    """A parsed item that belongs to an organisation."""

    @property
    def organization(self) -> str:
        """The name of the organisation to which it belongs."""


T = TypeVar('T')
OwnItem = TypeVar('OwnItem', bound=OrganizationItem)


def sender_dependency(services: Services) -> SenderDependency:
    """Build the dependency that authenticates a request by its token; the rate limit covers all endpoints together."""
    rate_limiter = RateLimiter(services.settings.api_rate)

    async def authenticate(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
    ) -> Sender:
        sender = await services.api_tokens.find_sender(credentials.credentials) if credentials else None
        if sender is None:
            headers = {'WWW-Authenticate': 'Bearer'}
            raise ProblemError(HTTPStatus.UNAUTHORIZED, 'no_token', texts.API_PROBLEMS['no_token'], headers=headers)
        setattr(request.state, RateLimitHeaders.STATE, rate_limiter.consume(sender.name))
        return sender

    return authenticate


def only_own_items(sender: Sender, parse: Callable[[object], OwnItem]) -> Callable[[object], OwnItem]:
    """Extend `parse` so that it refuses an item of an organisation for which the sender may not act."""

    def parse_own_item(value: object) -> OwnItem:
        item = parse(value)
        if not sender.may_act_for(item.organization):
            raise foreign_organization_error()
        return item

    return parse_own_item


def describe_refusals(
    items: Iterable[T],
    outcomes: Iterable[IngestOutcome],
    describe: Callable[[T, IngestOutcome], InvalidItemError | None],
) -> list[Report]:
    """Return the outcome of each item, or what `describe` returns about an item that was refused."""
    return [describe(item, outcome) or outcome for item, outcome in zip(items, outcomes, strict=True)]


async def process_batch(
    request: Request,
    sender: Sender,
    parse: Callable[[object], T],
    record: Callable[[Sequence[T]], Awaitable[list[Report]]],
) -> Any:
    """Record one item or a batch of items from a request; return a result for each, in their order.

    Args:
        request: its body must not have been read.
        sender: the authenticated sender.
        parse: parses an item from JSON; raises InvalidItemError.
        record: records the valid items, and returns what became of each.

    Raises:
        ProblemError: the request or its only item is invalid.
    """
    return await answer_once(request, sender, lambda: _process_items(request, parse, record))


async def _process_items(
    request: Request,
    parse: Callable[[object], T],
    record: Callable[[Sequence[T]], Awaitable[list[Report]]],
) -> Any:
    body = await parse_json_body(request)
    is_single = not isinstance(body, list)
    values = [body] if is_single else body
    if not 1 <= len(values) <= MAX_BATCH_SIZE:
        detail = texts.API_PROBLEMS['batch'].format(limit=MAX_BATCH_SIZE)
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, 'batch', detail)
    parsed = await _run_parser(request, lambda: [_parse_item(value, parse) for value in values])
    items = [item for item in parsed if not isinstance(item, InvalidItemError)]
    recorded = iter(await record(items) if items else [])
    reports = [item if isinstance(item, InvalidItemError) else next(recorded) for item in parsed]
    if is_single and isinstance(reports[0], InvalidItemError):
        raise item_problem(reports[0])
    results = [item_result(_item_id(value), report) for value, report in zip(values, reports, strict=True)]
    if is_single:
        return results[0]
    return JSONResponse([result.model_dump(exclude_none=True) | {'id': result.id} for result in results])


async def parse_json_body(request: Request) -> Any:
    """Parse the JSON body of a request; numbers with a fraction or an exponent become Decimal.

    Raises:
        ProblemError: the body is not JSON, was cut, or is too large.
    """
    media_type = request.headers.get('content-type', '').partition(';')[0].strip().lower()
    if media_type != 'application/json':
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, 'not_json', texts.API_PROBLEMS['not_json'])
    content = await read_body(request)
    try:
        return await _run_parser(request, lambda: parse_json(content, JSON_DECODER))
    except InvalidJsonError as error:
        raise ProblemError(error.status, error.code, error.detail) from None


async def _run_parser(request: Request, parse: Callable[[], T]) -> T:
    """Parse the body of a request in a thread, or at once if it is short."""
    is_short = len(await read_body(request)) <= SHORT_BODY_BYTES
    return parse() if is_short else await run_in_threadpool(parse)


def item_problem(error: InvalidItemError) -> ProblemError:
    """Build the error response of a request whose only item was refused."""
    return ProblemError(error.status, error.code, error.detail, field=error.field)


def item_result(item_id: str | None, report: Report) -> Result:
    """Build the result of an item; `item_id` is its id as sent."""
    if isinstance(report, InvalidItemError):
        return Result(id=item_id, outcome='refused', field=report.field, code=report.code, detail=report.detail)
    outcome_name: Any = report.value
    return Result(id=item_id, outcome=outcome_name)


def not_found_problem(code: str) -> ProblemError:
    """Build the error for a missing item, which an item of another organisation looks like too."""
    return ProblemError(HTTPStatus.NOT_FOUND, code, texts.API_PROBLEMS[code])


def request_body_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Describe a request body for OpenAPI; it is parsed by this module, so that each item gets its own result."""
    body = {'required': True, 'content': {'application/json': {'schema': schema}}}
    return {'parameters': [KEY_PARAMETER], 'requestBody': body}


def one_or_many_schema(model: type[Any]) -> dict[str, Any]:
    """Describe a body of one item or a list of items."""
    return {'oneOf': [schema_reference(model), {'type': 'array', 'items': schema_reference(model)}]}


def schema_reference(model: type[Any]) -> dict[str, str]:
    """Refer to a model by its name in the OpenAPI schemas."""
    return {'$ref': f'#/components/schemas/{model.__name__}'}


def _parse_item(value: object, parse: Callable[[object], T]) -> T | InvalidItemError:
    try:
        return parse(value)
    except InvalidItemError as error:
        return error


def _item_id(value: object) -> str | None:
    id = value.get('id') if isinstance(value, dict) else None
    return quotable(id) if isinstance(id, str) and is_storable(id) else None
