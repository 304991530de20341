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
from journal_ui.api.request_limits import MAX_BATCH_SIZE
from services import texts

MAX_BODY_BYTES = 1 << 20
"""Bytes; the largest bodies, of a hundred receipts, have a few dozen kilobytes."""
MAX_FORM_FIELDS = 4_000
"""Fields of a form: a hundred receipts, each with the further fields that a provider adds."""
MAX_RECEIPTS_LENGTH = 1 << 18
"""Characters of a JSON object, which may contain all receipts of a request."""
MULTIPART_CHARSETS = frozenset({'utf-8', 'us-ascii', 'windows-1251', 'koi8-r', 'iso-8859-1'})
"""The character sets of multipart forms; Python knows others that take minutes to decode."""
MAX_NAME_LENGTH = 64
"""Characters of the name of a nested field; those of longer names are ignored, because they could fill the memory."""
UNREADABLE_VALUE = '\0'
"""The value of a field that an object has twice; every provider's parser refuses it."""
JSON_DECODER = json_decoder(parse_int=str, parse_float=str)
"""Numbers stay as they are written, because codes and identifiers are compared as text."""
KEY_PARAMETER = 'key'
URL_PARAMETERS = frozenset({KEY_PARAMETER, 'account'})
"""Parameters of the URL that are no fields of a receipt."""


async def parse_forms(request: Request, content: bytes, envelope: str) -> list[dict[str, str]]:
    """Parse the fields of a request: one form, or one for each object of a JSON array.

    Fields of the URL belong to every form, except URL_PARAMETERS; a field of the body replaces one of the URL.

    Args:
        request: the request, whose body has been read.
        content: its body.
        envelope: the field of a JSON object that may contain the receipt or a list of receipts, besides other fields;
            dots separate the names of nested objects.

    Raises:
        ProblemError: the body is neither a form nor JSON.
    """
    common = {name: value for name, value in request.query_params.items() if name not in URL_PARAMETERS}
    try:
        return [{**common, **form} for form in await _parse_body(request, content, envelope)]
    except (InvalidJsonError, ValueError, RecursionError, MultiPartException):
        detail = texts.RECEIPT_UNREADABLE.format(field='body')
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, 'unreadable', detail, field='body') from None


async def _parse_body(request: Request, content: bytes, envelope: str) -> list[dict[str, str]]:
    """Parse a body; raises ValueError, RecursionError or MultiPartException if it is invalid."""
    media_type = request.headers.get('content-type', '').partition(';')[0].strip().lower()
    if media_type == 'multipart/form-data':
        return [await _parse_multipart(request, content)]
    if media_type.endswith('json') or content.lstrip()[:1] in (b'{', b'['):
        return _forms_of_json(parse_json(content, JSON_DECODER, max_length=MAX_RECEIPTS_LENGTH), envelope)
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


def _forms_of_json(value: Any, envelope: str) -> list[dict[str, str]]:
    """Return the fields of each object in a JSON value, with or without the envelope, for example `{"data": …}`.

    Raises:
        ValueError: the value contains no object, or too many entries.
    """
    content = _find_content(value, envelope)
    if content is not None and not _is_text_list(content):
        value = content
    objects = value if isinstance(value, list) else [value]
    if not any(isinstance(each, Mapping) for each in objects) or len(objects) > MAX_BATCH_SIZE:
        raise ValueError('no receipts')
    # An entry that is not an object has no fields, so that it is reported like every unreadable entry.
    return [_fields_of_object(each) if isinstance(each, Mapping) else {} for each in objects]


def _find_content(value: Any, envelope: str) -> Any:
    """Return what the envelope contains; None if the value has no such envelope."""
    for name in envelope.split('.'):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _fields_of_object(value: Mapping[str, Any], prefix: str = '') -> dict[str, str]:
    """Return the simple values of an object as text, those of nested objects by names such as `status.name`.

    A list of texts becomes `name[0]`, `name[1]` and so on.
    """
    fields: dict[str, str] = {}
    for name, content in value.items():
        if _is_text_list(content):
            fields.update({f'{prefix}{name}[{number}]': text for number, text in enumerate(content)})
        elif isinstance(content, Mapping) and len(prefix) + len(name) < MAX_NAME_LENGTH:
            fields.update(_fields_of_object(content, f'{prefix}{name}.'))
        elif isinstance(content, str):
            fields[prefix + name] = content
    if isinstance(value, JsonObject) and value.doubled_name is not None:
        fields[prefix + value.doubled_name] = UNREADABLE_VALUE
    return fields


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)
