"""The content of a request with receipts: forms in either encoding and JSON are read alike."""

from collections.abc import AsyncGenerator, Mapping
from email.message import Message
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from journal_ui.api.json_body import InvalidJsonError, JsonObject, json_decoder, parse_json
from journal_ui.api.problem_details import ProblemError
from journal_ui.api.request_limits import MAX_BATCH_SIZE, read_body
from services import texts

MAX_BODY_BYTES = 1 << 20
"""Bytes; the largest bodies, of a hundred receipts, have a few dozen kilobytes."""
MAX_FORM_FIELDS = 4_000
"""Fields of a form: a hundred receipts, each with the further fields that a provider adds."""
MAX_RECEIPTS_LENGTH = 1 << 18
"""Characters of a JSON object, which may contain all receipts of a request."""
MULTIPART_CHARSETS = frozenset({'utf-8', 'us-ascii', 'windows-1251', 'koi8-r', 'iso-8859-1'})
"""The character sets of multipart forms; Python knows others that take minutes to decode."""
UNREADABLE_VALUE = '\0'
"""The value of a field that an object has twice; every provider's parser refuses it."""
JSON_DECODER = json_decoder(parse_int=str, parse_float=str)
"""Numbers stay as they are written, because codes and identifiers are compared as text."""
ENVELOPE = 'data'
"""The field of a JSON object that may contain the receipt or a list of receipts, besides other fields."""
KEY_PARAMETER = 'key'
URL_PARAMETERS = frozenset({KEY_PARAMETER, 'account'})
"""Parameters of the URL that are no fields of a receipt."""


async def read_forms(request: Request) -> list[dict[str, str]]:
    """Read the fields of a request: one form, or one for each object of a JSON array.

    Fields of the URL belong to every form, except URL_PARAMETERS; a field of the body replaces one of the URL.

    Raises:
        ProblemError: the body is too large, or is neither a form nor JSON.
    """
    content = await read_body(request, MAX_BODY_BYTES)
    common = {name: value for name, value in request.query_params.items() if name not in URL_PARAMETERS}
    try:
        return [{**common, **form} for form in await _parse_body(request, content)]
    except (InvalidJsonError, ValueError, RecursionError, MultiPartException):
        detail = texts.RECEIPT_UNREADABLE.format(field='body')
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, 'unreadable', detail, field='body') from None


async def _parse_body(request: Request, content: bytes) -> list[dict[str, str]]:
    """Parse a body; raises ValueError, RecursionError or MultiPartException if it is invalid."""
    media_type = request.headers.get('content-type', '').partition(';')[0].strip().lower()
    if media_type == 'multipart/form-data':
        return [await _parse_multipart(request, content)]
    if media_type.endswith('json') or content.lstrip()[:1] in (b'{', b'['):
        return _forms_of_json(parse_json(content, JSON_DECODER, max_length=MAX_RECEIPTS_LENGTH))
    if media_type in ('application/x-www-form-urlencoded', ''):
        text = content.decode('utf-8', 'replace')
        return [dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS))]
    return [{}]


async def _parse_multipart(request: Request, content: bytes) -> dict[str, str]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield content

    parser = MultiPartParser(_multipart_headers(request), stream(), max_files=0, max_fields=MAX_FORM_FIELDS)
    form = await parser.parse()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _multipart_headers(request: Request) -> Headers:
    """Return the header of a multipart form with what the parser may use of it; raises ValueError for another one."""
    header = Message()
    header['content-type'] = request.headers['content-type']
    boundary, charset = header.get_boundary(), header.get_content_charset('utf-8')
    if not boundary or '"' in boundary or charset not in MULTIPART_CHARSETS:
        raise ValueError('no form')
    return Headers({'content-type': f'multipart/form-data; boundary="{boundary}"; charset={charset}'})


def _forms_of_json(value: Any) -> list[dict[str, str]]:
    """Return the fields of each object in a JSON value, with or without the envelope `{"data": …}`.

    Raises:
        ValueError: the value contains no object, or too many entries.
    """
    if isinstance(value, Mapping) and ENVELOPE in value and not _is_text_list(value[ENVELOPE]):
        value = value[ENVELOPE]
    objects = value if isinstance(value, list) else [value]
    if not any(isinstance(each, Mapping) for each in objects) or len(objects) > MAX_BATCH_SIZE:
        raise ValueError('no receipts')
    # An entry that is not an object has no fields, so that it is reported like every unreadable entry.
    return [_fields_of_object(each) if isinstance(each, Mapping) else {} for each in objects]


def _fields_of_object(value: Mapping[str, Any]) -> dict[str, str]:
    """Return the simple values of an object as text; a list of texts becomes `name[0]`, `name[1]` and so on."""
    fields: dict[str, str] = {}
    for name, content in value.items():
        if _is_text_list(content):
            fields.update({f'{name}[{number}]': text for number, text in enumerate(content)})
        elif isinstance(content, str):
            fields[name] = content
    if isinstance(value, JsonObject) and value.doubled_name is not None:
        fields[value.doubled_name] = UNREADABLE_VALUE
    return fields


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)
