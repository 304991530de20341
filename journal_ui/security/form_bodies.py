"""The bodies of forms: read as a whole, within a small limit, before anything parses or stores them.

The forms of the program have a few short fields. A framework would write a large part of a form to the disk.
"""

from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive

from services import texts

MAX_FORM_BYTES: Final = 16 * 1024
MAX_FORM_FIELDS: Final = 50
FORM_TYPE: Final = 'application/x-www-form-urlencoded'
MAX_LENGTH_DIGITS: Final = 18


def announced_length(headers: Headers) -> int:
    """Return the Content-Length of a request in bytes; 0 if it announces none."""
    announced = headers.get('content-length', '')
    return int(announced[:MAX_LENGTH_DIGITS]) if announced.isascii() and announced.isdecimal() else 0


async def read_form(headers: Headers, receive: Receive) -> Receive | Response:
    """Read the body of a form; return a `receive` that repeats it, or the response that refuses it."""
    if announced_length(headers) > MAX_FORM_BYTES:
        return _too_large()
    body = bytearray()
    has_more = True
    while has_more:
        message = await receive()
        if message['type'] == 'http.disconnect':
            return Response(status_code=HTTPStatus.BAD_REQUEST)  # nobody receives it
        body += message.get('body', b'')
        if len(body) > MAX_FORM_BYTES:
            return _too_large()
        has_more = message.get('more_body', False)
    media_type = headers.get('content-type', '').partition(';')[0].strip().lower()
    if media_type not in ('', FORM_TYPE) or body.count(b'&') >= MAX_FORM_FIELDS:
        return PlainTextResponse(texts.FORM_UNREADABLE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    return _repeat(bytes(body), receive)


def _repeat(body: bytes, receive: Receive) -> Receive:
    is_repeated = False

    async def receive_again() -> Message:
        nonlocal is_repeated
        if is_repeated:
            return await receive()
        is_repeated = True
        return {'type': 'http.request', 'body': body, 'more_body': False}

    return receive_again


def _too_large() -> Response:
    text = texts.FORM_TOO_LARGE.format(limit=MAX_FORM_BYTES >> 10)
    return PlainTextResponse(text, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
