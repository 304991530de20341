"""Providers' receipts: `/receipts/{provider}`, each with its own key or, where the provider signs, its signature."""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import parse_qsl

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse

from journal_ui.api.problem_details import Problem, responses
from journal_ui.api.request_limits import body
from journal_ui.api.schemas import Provider
from services import texts
from services.composition import Services
from services.receipts.receipt_providers import ANSWERS, READERS, SIGNED, Unreadable, explained

OK = 'OK'
FIELDS = 4_000
"""Of a form: a hundred receipts, each with whatever a provider adds."""


def install(api: FastAPI, services: Services) -> None:
    """Make the address of receipts."""
    router, keys = (
        APIRouter(tags=['receipts']),
        {str(name): key for name, key in services.settings.receipt_keys.items()},
    )

    async def take(provider: Provider, request: Request) -> PlainTextResponse:
        """Twice, late and out of order is well: the newest that happened decides."""
        content = await body(request)
        fields = dict(request.query_params) | _form(request, content)
        if not _may(provider, fields, request.query_params.get('key', ''), keys):
            raise Problem(HTTPStatus.FORBIDDEN, 'no_key', texts.API_PROBLEMS['no_key'])
        try:
            reports = READERS[provider](fields, content)
        except Unreadable as wrong:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, 'unreadable', wrong.sentence, field=wrong.field) from None
        now = datetime.now(UTC)
        await services.intake.receipts([explained(provider, report, services.codes, now) for report in reports])
        return PlainTextResponse(ANSWERS.get(provider, OK))

    described = responses(
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )
    for method in ('GET', 'POST'):
        router.add_api_route(
            '/receipts/{provider}',
            take,
            methods=[method],
            summary='A provider tells what became of messages',
            operation_id=f'receipts_{method.lower()}',
            response_class=PlainTextResponse,
            responses=described,
        )
    api.include_router(router)


def _form(request: Request, content: bytes) -> dict[str, str]:
    if 'urlencoded' not in request.headers.get('content-type', ''):
        return {}
    try:
        return dict(parse_qsl(content.decode('utf-8', 'replace'), keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, 'unreadable', texts.RECEIPT_UNREADABLE.format(field='body'), field='body'
        ) from None


def _may(provider: str, fields: Mapping[str, str], key: str, keys: Mapping[str, str]) -> bool:
    """Say whether this is the provider: it has the key that the administrator gave it, or signs with that."""
    wanted = keys.get(provider)
    if not wanted:
        return False
    if hmac.compare_digest(wanted.encode(), key.encode(errors='replace')):
        return True
    signed = SIGNED.get(provider)
    return bool(signed and signed(fields, wanted))
