"""Endpoint for delivery receipts: `/receipts/{provider}`, authenticated by the provider's key or signature."""

import hmac
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import PlainTextResponse

from journal_ui.api.problem_details import ProblemError, error_responses
from journal_ui.api.receipt_body import KEY_PARAMETER, MAX_BODY_BYTES, parse_forms
from journal_ui.api.request_limits import read_body
from services import texts
from services.composition import Services
from services.ingest.message_parsing import remove_invisible
from services.monitoring.metrics import Metrics
from services.providers.provider import Provider, SignedRequest
from services.receipts.delivery_report import InvalidReceiptError, ParsedReceipts, parse_account
from services.receipts.provider_codes import ProviderCodes
from services.receipts.receipt_mapping import to_receipt

Account = Annotated[str, Query(description='Account with the provider, if there are several')]
BEARER = 'Bearer '
"""What may precede a key in a header."""
log = logging.getLogger(__name__)


def install(api: FastAPI, services: Services) -> None:
    """Add the route of receipts."""
    router = APIRouter(tags=['receipts'])
    providers = {key: provider for key, provider in services.settings.providers.items() if provider.methods}
    receipt_keys = services.settings.receipt_keys
    # A type checker cannot read a Literal that is built from values; FastAPI validates and documents the URL by it.
    if TYPE_CHECKING:
        ProviderKey: TypeAlias = str
    else:
        ProviderKey = Literal[tuple(providers)]

    async def receive_receipts(provider: ProviderKey, request: Request, account: Account = '') -> PlainTextResponse:
        """Receipts may be repeated, late or out of order; a final status is not replaced by one that is not final."""
        sender = providers[provider]
        if request.method not in sender.methods:
            raise _wrong_method(sender)
        expected_key = receipt_keys.get(provider, '')
        has_key = _has_key(request, sender, expected_key)
        # Nothing of a body is read that its sender cannot have signed.
        if not has_key and (not expected_key or sender.has_valid_signature is None):
            raise _foreign()
        content = await read_body(request, MAX_BODY_BYTES)
        forms = await parse_forms(request, content, sender.receipt_list)
        if not has_key and not _is_signed(sender, request, content, forms, expected_key):
            raise _foreign()
        try:
            account = parse_account(account)
            # The signature covers the fields as they came.
            parsed = sender.parse_receipts([_visible_fields(form) for form in forms])
        except InvalidReceiptError as error:
            raise _unreadable(error.field) from None
        _report_exceptions(sender, parsed, services.metrics)
        if parsed.problems and not (parsed.reports or parsed.events or sender.repeats_until_acknowledged):
            raise _unreadable(parsed.problems[0].field)
        convert = partial(
            to_receipt,
            codes=await _codes(services, sender, parsed),
            now=services.now(),
            zone=services.settings.receipt_zone(sender),
            account=account,
        )
        await services.ingest.add_receipts([convert(sender, report) for report in parsed.reports])
        return PlainTextResponse(sender.acknowledgement)

    described_errors = error_responses(
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )
    for method in ('GET', 'POST'):
        router.add_api_route(
            '/receipts/{provider}',
            receive_receipts,
            methods=[method],
            summary='Receive delivery receipts of a provider',
            operation_id=f'receipts_{method.lower()}',
            response_class=PlainTextResponse,
            responses=described_errors,
            openapi_extra=_describe_parameters(method, providers.values()),
        )
    api.include_router(router)


async def _codes(services: Services, provider: Provider, parsed: ParsedReceipts) -> ProviderCodes:
    """Return all codes; those of mobile operators are read only if a receipt may have one."""
    if provider.has_operator_codes and any(report.error for report in parsed.reports):
        return services.provider_codes.with_operator_codes(await services.operator_codes.list_all())
    return services.provider_codes


def _report_exceptions(provider: Provider, parsed: ParsedReceipts, metrics: Metrics) -> None:
    """Log and count what is no delivery report, without the values, because these may be patients' data."""
    for problem in parsed.problems:
        log.warning('unreadable receipt of %s: entry %s, field %s', provider.key, problem.entry, problem.field)
        metrics.unreadable_receipts.labels(provider.key).inc()
    for event in parsed.events:
        metrics.provider_events.labels(provider.key, event.type).inc()


def _unreadable(field: str) -> ProblemError:
    detail = texts.RECEIPT_UNREADABLE.format(field=field)
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, 'unreadable', detail, field=field)


def _foreign() -> ProblemError:
    return ProblemError(HTTPStatus.FORBIDDEN, 'no_key', texts.API_PROBLEMS['no_key'])


def _visible_fields(form: Mapping[str, str]) -> dict[str, str]:
    return {name: remove_invisible(value) for name, value in form.items()}


def _wrong_method(provider: Provider) -> ProblemError:
    detail, allowed = texts.API_PROBLEMS['no_such_method'], ', '.join(sorted(provider.methods))
    return ProblemError(HTTPStatus.METHOD_NOT_ALLOWED, 'no_such_method', detail, headers={'Allow': allowed})


def _has_key(request: Request, provider: Provider, expected_key: str) -> bool:
    """Check that the URL of a request, or its header, has the provider's key."""
    keys = [request.query_params.get(KEY_PARAMETER, '')]
    if provider.key_header:
        keys.append(request.headers.get(provider.key_header, '').removeprefix(BEARER).strip())
    return bool(expected_key) and any(
        hmac.compare_digest(expected_key.encode(), key.encode(errors='replace')) for key in keys
    )


def _is_signed(
    provider: Provider, request: Request, content: bytes, forms: Sequence[Mapping[str, str]], expected_key: str
) -> bool:
    """Check that the request has a signature made with the provider's key."""
    signed = SignedRequest(str(request.url), request.headers, content, forms)
    return provider.has_valid_signature is not None and provider.has_valid_signature(signed, expected_key)


def _describe_parameters(method: str, providers: Collection[Provider]) -> dict[str, Any]:
    """Describe the parameters for OpenAPI: the key, and the fields of a receipt in the URL or in the body."""
    key = 'The provider’s key from the settings; not needed if the receipt is signed'
    parameters = {KEY_PARAMETER: key}
    fields = _describe_fields(provider for provider in providers if method in provider.methods)
    if method == 'GET':
        return {'parameters': [_describe_parameter(*each) for each in (parameters | fields).items()]}
    schema = {
        'type': 'object',
        'properties': {name: {'type': 'string', 'description': text} for name, text in fields.items()},
    }
    receipts = {'oneOf': [schema, {'type': 'array', 'items': schema}]}
    return {
        'parameters': [_describe_parameter(*each) for each in parameters.items()],
        'requestBody': {
            'content': {
                'application/x-www-form-urlencoded': {'schema': schema},
                'multipart/form-data': {'schema': schema},
                'application/json': {'schema': receipts},
            }
        },
    }


def _describe_fields(providers: Iterable[Provider]) -> dict[str, str]:
    """Return the fields of the receipts of all providers, with the providers that each is described for."""
    fields: dict[str, str] = {}
    for provider in providers:
        for name, text in provider.receipt_fields.items():
            described = f'{provider.title}: {text}'
            fields[name] = f'{fields[name]}. {described}' if name in fields else described
    return fields


def _describe_parameter(name: str, description: str) -> dict[str, Any]:
    return {'name': name, 'in': 'query', 'required': False, 'description': description, 'schema': {'type': 'string'}}
