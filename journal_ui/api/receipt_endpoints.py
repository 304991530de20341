"""Endpoint for delivery receipts: `/receipts/{provider}`, authenticated by the provider's key or signature."""

import hmac
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import PlainTextResponse

from journal_ui.api.problem_details import ProblemError, error_responses
from journal_ui.api.request_limits import read_body
from services import texts
from services.composition import Services
from services.providers.provider import Provider
from services.providers.registry import PROVIDERS, ProviderKey
from services.receipts.delivery_report import InvalidReceiptError, parse_account
from services.receipts.receipt_mapping import to_receipt

Account = Annotated[str, Query(description='Account with the provider, if there are several')]
MAX_FORM_FIELDS = 4_000
"""Fields of a form: a hundred receipts, each with the further fields that a provider adds."""


def install(api: FastAPI, services: Services) -> None:
    """Add the route of receipts."""
    router = APIRouter(tags=['receipts'])
    receipt_keys = services.settings.receipt_keys

    async def receive_receipts(provider: ProviderKey, request: Request, account: Account = '') -> PlainTextResponse:
        """Receipts may be repeated, late or out of order; a final status is not replaced by one that is not final."""
        sender = PROVIDERS[provider]
        content = await read_body(request)
        fields = dict(request.query_params) | _parse_form(request, content)
        key = request.query_params.get('key', '')
        if not _is_authentic(sender, fields, key, receipt_keys.get(provider, '')):
            raise ProblemError(HTTPStatus.FORBIDDEN, 'no_key', texts.API_PROBLEMS['no_key'])
        try:
            account = parse_account(account)
            reports = sender.parse_receipts(fields, content)
        except InvalidReceiptError as error:
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY, 'unreadable', error.message, field=error.field
            ) from None
        convert = partial(
            to_receipt,
            codes=services.provider_codes,
            now=services.now(),
            zone=services.settings.receipt_zone(sender),
            account=account,
        )
        await services.ingest.add_receipts([convert(sender, report) for report in reports])
        return PlainTextResponse(sender.acknowledgement)

    described_errors = error_responses(
        HTTPStatus.FORBIDDEN,
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
        )
    api.include_router(router)


def _parse_form(request: Request, content: bytes) -> dict[str, str]:
    if 'urlencoded' not in request.headers.get('content-type', ''):
        return {}
    try:
        return dict(
            parse_qsl(content.decode('utf-8', 'replace'), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
        )
    except ValueError:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, 'unreadable', texts.RECEIPT_UNREADABLE.format(field='body'), field='body'
        ) from None


def _is_authentic(provider: Provider, fields: Mapping[str, str], key: str, expected_key: str) -> bool:
    """Check that the request has the provider's key, or a signature made with it."""
    if not expected_key:
        return False
    if hmac.compare_digest(expected_key.encode(), key.encode(errors='replace')):
        return True
    return provider.has_valid_signature is not None and provider.has_valid_signature(fields, expected_key)
