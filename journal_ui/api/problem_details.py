"""Error responses of the API: RFC 9457 problem details, `application/problem+json`, in Russian."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from journal_ui.monitoring import error_redaction
from services import texts
from services.errors import DatabaseUnavailableError, JournalError, QueryTimeoutError

MEDIA_TYPE = 'application/problem+json'
MAX_QUOTED_LENGTH = 64
"""Characters of a parameter's name that a response repeats."""
PERSON_FIELDS = frozenset({'name', 'recipient_name', 'phone', 'surname_only'})
"""Names by which a program may try to search for a person in a URL."""


class ProblemBody(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field('about:blank', description='Always about:blank; `code` identifies the error')
    title: str = Field(description='Reason phrase of the HTTP status')
    status: int
    code: str = Field(description='Error code for programs')
    detail: str = Field(description='Description of the error in Russian')
    field: str | None = Field(None, description='Name of the invalid field')


class ProblemError(JournalError):
    """An error that is returned as the response to a request; see ProblemBody."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.headers = headers

    def to_response(self) -> JSONResponse:
        """Build the response."""
        body = ProblemBody(
            type='about:blank',
            title=self.status.phrase,
            status=self.status,
            code=self.code,
            detail=self.detail,
            field=self.field,
        )
        return JSONResponse(body.model_dump(exclude_none=True), self.status, self.headers, MEDIA_TYPE)


def error_responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Describe the error responses of an endpoint for its OpenAPI documentation."""
    schema = {'schema': {'$ref': '#/components/schemas/ProblemBody'}}
    return {
        int(status): {'description': status.phrase, 'content': {MEDIA_TYPE: schema}, 'model': None}
        for status in statuses
    }


def describe_validation_error(error: Mapping[str, Any], field: str) -> tuple[str, str]:
    """Return the code of a validation error of pydantic, and a sentence that names the field."""
    code = {'missing': 'missing', 'extra_forbidden': 'unknown_field'}.get(error['type'], 'wrong_type')
    template = texts.API_WRONG_VALUES.get(error['type'], texts.API_PROBLEMS[code])
    return code, template.format(field=field, **error.get('ctx', {}))


def install(api: FastAPI) -> None:
    """Install handlers that return every error of the API as problem details."""

    @api.exception_handler(ProblemError)
    async def handle_problem(_: Request, problem: ProblemError) -> JSONResponse:
        return problem.to_response()

    @api.exception_handler(HTTPException)
    async def handle_http_exception(_: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        code = {HTTPStatus.NOT_FOUND: 'no_such_address', HTTPStatus.METHOD_NOT_ALLOWED: 'no_such_method'}.get(status)
        detail = texts.API_PROBLEMS[code or 'refused']
        return ProblemError(status, code or 'refused', detail, headers=error.headers).to_response()

    @api.exception_handler(RequestValidationError)
    async def handle_validation_error(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        # The location begins with the part of the request, and of a list it ends with the number of the value.
        field = str(first['loc'][1])[:MAX_QUOTED_LENGTH]
        if first['type'] == 'extra_forbidden' and field in PERSON_FIELDS:
            code, detail = 'person_in_url', texts.API_PROBLEMS['person_in_url']
        else:
            code, detail = describe_validation_error(first, field)
        return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, code, detail, field=field).to_response()

    @api.exception_handler(ClientDisconnect)
    async def handle_disconnect(_: Request, error: ClientDisconnect) -> JSONResponse:
        # Nobody receives it, but an unhandled exception would be logged as a fault of the program.
        return ProblemError(HTTPStatus.BAD_REQUEST, 'broken_json', texts.API_PROBLEMS['cut_json']).to_response()

    @api.exception_handler(Exception)
    async def handle_unexpected_error(_: Request, error: Exception) -> JSONResponse:
        detail = texts.API_PROBLEMS['fault'].format(reference=error_redaction.error_reference(error))
        return ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, 'fault', detail).to_response()

    @api.exception_handler(DatabaseUnavailableError)
    @api.exception_handler(QueryTimeoutError)
    async def handle_database_unavailable(_: Request, error: Exception) -> JSONResponse:
        status, detail = HTTPStatus.SERVICE_UNAVAILABLE, texts.API_PROBLEMS['unavailable']
        return ProblemError(status, 'unavailable', detail, headers={'Retry-After': '5'}).to_response()
