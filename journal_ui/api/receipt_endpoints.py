"""Providers' receipts: `/receipts/{provider}`, each with its own key or, where the provider signs, its signature."""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import parse_qsl

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse

from journal_ui.api.problem_details import ProblemError, error_responses
from journal_ui.api.request_limits import read_body
from journal_ui.api.schemas import ProviderName
from services import texts
from services.composition import Services
from services.receipts.receipt_mapping import (
    ACKNOWLEDGEMENTS,
    RECEIPT_PARSERS,
    SIGNATURE_CHECKS,
    InvalidReceiptError,
    to_receipt,
)

DEFAULT_ACKNOWLEDGEMENT = 'OK'
MAX_FORM_FIELDS = 4_000
"""Of a form: a hundred receipts, each with whatever a provider adds."""


def install(api: FastAPI, services: Services) -> None:
    """Make the address of receipts."""
    router, keys = (
        APIRouter(tags=['receipts']),
        {str(name): key for name, key in services.settings.receipt_keys.items()},
    )

    async def receive_receipts(provider: ProviderName, request: Request) -> PlainTextResponse:
        """Twice, late and out of order is well: the newest that happened decides."""
        content = await read_body(request)
        fields = dict(request.query_params) | _parse_form(request, content)
        if not _is_authentic(provider, fields, request.query_params.get('key', ''), keys):
            raise ProblemError(HTTPStatus.FORBIDDEN, 'no_key', texts.API_PROBLEMS['no_key'])
        try:
            reports = RECEIPT_PARSERS[provider](fields, content)
        except InvalidReceiptError as wrong:
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY, 'unreadable', wrong.message, field=wrong.field
            ) from None
        now = datetime.now(UTC)
        await services.ingest.add_receipts(
            [to_receipt(provider, report, services.provider_codes, now) for report in reports]
        )
        return PlainTextResponse(ACKNOWLEDGEMENTS.get(provider, DEFAULT_ACKNOWLEDGEMENT))

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
            summary='A provider tells what became of messages',
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


def _is_authentic(provider: str, fields: Mapping[str, str], key: str, keys: Mapping[str, str]) -> bool:
    """Say whether this is the provider: it has the key that the administrator gave it, or signs with that."""
    expected_key = keys.get(provider)
    if not expected_key:
        return False
    if hmac.compare_digest(expected_key.encode(), key.encode(errors='replace')):
        return True
    verify_signature = SIGNATURE_CHECKS.get(provider)
    return bool(verify_signature and verify_signature(fields, expected_key))
