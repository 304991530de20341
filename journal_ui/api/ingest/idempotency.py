"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a repeated request gets the answer of the first.

Items have ids, so a repeated request changes nothing in any case, and nothing has to be stored for that. The answers
are held in memory, within limits, so that a client gets the same one after it has lost it; and a key that is used for
another request is reported, because that is a fault of the client.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from journal_ui.api.problem_details import ProblemError
from journal_ui.api.request_limits import read_body
from services import texts
from services.ingest.message_ingest import Sender

HEADER: Final = 'Idempotency-Key'
MAX_KEY_LENGTH: Final = 255
MAX_SECONDS: Final = 3600.0
"""Seconds for which an answer is held."""
MAX_ANSWERS: Final = 10_000
MAX_ANSWER_BYTES: Final = 32 << 20
"""Bytes of all answers together; a thousand results have about 100 KB."""
KEY_PARAMETER: Final = {
    'name': HEADER,
    'in': 'header',
    'required': False,
    'description': 'A key chosen by the client; the same request with the same key gets the same answer',
    'schema': {'type': 'string', 'minLength': 1, 'maxLength': MAX_KEY_LENGTH},
}
"""The header in the OpenAPI document."""


@dataclass(frozen=True)
class RequestAnswer:
    """The answer to a request with a key."""

    fingerprint: bytes
    """A digest of the request."""
    content: bytes | None
    """The JSON; None while the request is being processed."""
    status: int
    """The HTTP status."""
    expires_at: float
    """By the monotonic clock."""


class IdempotentRequests:
    """The answers to the latest requests with a key, of all tokens; the oldest are dropped first."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Start without answers; `now` returns the time in seconds."""
        self._now = now
        self._answers: OrderedDict[tuple[str, str], RequestAnswer] = OrderedDict()
        self._size = 0

    async def answer(self, request: Request, sender: Sender, process: Callable[[], Awaitable[Any]]) -> Any:
        """Process a request, or repeat the answer to a former one; see `answer_once`."""
        if HEADER not in request.headers:
            return await process()
        key = (sender.name, _parse_key(request.headers[HEADER]))
        fingerprint = await _fingerprint(request)
        self._drop_old()
        if known := self._answers.get(key):
            return _repeat(known, fingerprint)
        expires_at = self._now() + MAX_SECONDS
        self._answers[key] = RequestAnswer(fingerprint, None, HTTPStatus.OK, expires_at)
        try:
            answer = await process()
        except BaseException:
            self._drop(key)
            raise
        self._drop(key)
        content, status = _to_json(answer), answer.status_code if isinstance(answer, Response) else HTTPStatus.OK
        self._size += len(content)
        self._answers[key] = RequestAnswer(fingerprint, content, status, expires_at)
        self._drop_old()
        return _response(content, status)

    def _drop_old(self) -> None:
        """Drop the oldest answers if they are too old or too many."""
        while self._answers:
            key, oldest = next(iter(self._answers.items()))
            is_over = len(self._answers) > MAX_ANSWERS or self._size > MAX_ANSWER_BYTES
            if not is_over and oldest.expires_at > self._now():
                return
            self._drop(key)

    def _drop(self, key: tuple[str, str]) -> None:
        if dropped := self._answers.pop(key, None):
            self._size -= len(dropped.content or b'')


def install(api: FastAPI) -> None:
    """Prepare the API for `answer_once`."""
    api.state.idempotent_requests = IdempotentRequests()


async def answer_once(request: Request, sender: Sender, process: Callable[[], Awaitable[Any]]) -> Any:
    """Process a request, or repeat the answer to a former one with the same key; without a key always process it.

    A request that is refused has recorded nothing, so that its key may be used again.

    Args:
        request: a request whose body was not read.
        sender: its authenticated sender; each has keys of its own.
        process: processes the request; returns a model, or a JSON response that reports success.

    Raises:
        ProblemError: the key is invalid, belongs to another request, or to one that is being processed.
    """
    requests: IdempotentRequests = request.app.state.idempotent_requests
    return await requests.answer(request, sender, process)


def _parse_key(value: str) -> str:
    """Return a key, which the draft puts in quotation marks and many clients do not."""
    key = value.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not key or len(key) > MAX_KEY_LENGTH or not (key.isascii() and key.isprintable()):
        detail = texts.API_PROBLEMS['bad_key'].format(limit=MAX_KEY_LENGTH)
        raise ProblemError(HTTPStatus.BAD_REQUEST, 'bad_key', detail, field=HEADER)
    return key


async def _fingerprint(request: Request) -> bytes:
    content = f'{request.url.path}\n'.encode() + await read_body(request)
    return await run_in_threadpool(lambda: hashlib.sha256(content).digest())


def _repeat(known: RequestAnswer, fingerprint: bytes) -> Response:
    if known.fingerprint != fingerprint:
        code = 'key_reused'
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, code, texts.API_PROBLEMS[code], field=HEADER)
    if known.content is None:
        code = 'key_in_use'
        raise ProblemError(
            HTTPStatus.CONFLICT, code, texts.API_PROBLEMS[code], field=HEADER, headers={'Retry-After': '1'}
        )
    return _response(known.content, known.status)


def _to_json(answer: Any) -> bytes:
    return answer.model_dump_json().encode() if isinstance(answer, BaseModel) else bytes(answer.body)


def _response(content: bytes, status: int) -> Response:
    return Response(content, status, media_type=JSONResponse.media_type)
