"""The one shape of every error of the interface: RFC 9457, `application/problem+json`, in Russian."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from journal_ui.monitoring import error_reporting
from services import texts
from services.lists.query_protocol import Busy, Unavailable

MEDIA_TYPE = 'application/problem+json'


class ProblemBody(BaseModel):
    """An error."""

    type: str = Field('about:blank', description='Always about:blank: `code` tells errors apart')
    title: str = Field(description='The status in words')
    status: int
    code: str = Field(description='What is wrong, for programs')
    detail: str = Field(description='What is wrong, for people, in Russian')
    field: str | None = Field(None, description='The field at fault')


class Problem(Exception):
    """A request that is answered with an error; see ProblemBody."""

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

    def answer(self) -> JSONResponse:
        """Write it."""
        body = ProblemBody(
            type='about:blank',
            title=self.status.phrase,
            status=self.status,
            code=self.code,
            detail=self.detail,
            field=self.field,
        )
        return JSONResponse(body.model_dump(exclude_none=True), self.status, self.headers, MEDIA_TYPE)


def responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Describe the errors of an address for its documentation."""
    schema = {'schema': {'$ref': '#/components/schemas/ProblemBody'}}
    return {
        int(status): {'description': status.phrase, 'content': {MEDIA_TYPE: schema}, 'model': None}
        for status in statuses
    }


def install(api: FastAPI) -> None:
    """Answer every error of the interface in this shape."""

    @api.exception_handler(Problem)
    async def of_ours(_: Request, problem: Problem) -> JSONResponse:
        return problem.answer()

    @api.exception_handler(HTTPException)
    async def of_the_framework(_: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        code = {HTTPStatus.NOT_FOUND: 'no_such_address', HTTPStatus.METHOD_NOT_ALLOWED: 'no_such_method'}.get(status)
        detail = texts.API_PROBLEMS[code or 'refused']
        return Problem(status, code or 'refused', detail, headers=error.headers).answer()

    @api.exception_handler(RequestValidationError)
    async def of_the_address(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = str(first['loc'][-1])
        detail = texts.API_PROBLEMS['wrong_type'].format(field=field)
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, 'wrong_type', detail, field=field).answer()

    @api.exception_handler(Exception)
    async def of_the_program(_: Request, error: Exception) -> JSONResponse:
        detail = texts.API_PROBLEMS['fault'].format(reference=error_reporting.reference(error))
        return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, 'fault', detail).answer()

    @api.exception_handler(Unavailable)
    @api.exception_handler(Busy)
    async def of_the_database(_: Request, error: Exception) -> JSONResponse:
        status, detail = HTTPStatus.SERVICE_UNAVAILABLE, texts.API_PROBLEMS['unavailable']
        return Problem(status, 'unavailable', detail, headers={'Retry-After': '5'}).answer()
