"""Parsing of JSON bodies: item by item, so that no call keeps the interpreter, and with the names of what is wrong.

The parser of Python does not let other threads run while it parses. Therefore an array is parsed item by item, and the
length of an item is limited.
"""

import json
import re
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

from journal_ui.api.request_limits import MAX_BATCH_SIZE
from services import texts
from services.errors import InvalidInputError

MAX_ITEM_LENGTH: Final = 1 << 17
"""Characters of an item: twice the longest message, with every letter written as `\\u0430`."""
MAX_ITEM_VALUES: Final = 20_000
"""Commas and brackets of an item, most of which are part of its texts."""
MAX_NUMBER_LENGTH: Final = 100
"""Characters of a number with a fraction or an exponent."""
MAX_QUOTED_LENGTH: Final = 64
"""Characters of a name or an identifier that a response repeats."""
WHITESPACE: Final = re.compile(r'[ \t\n\r]*')
SURROGATES: Final = re.compile('[\ud800-\udfff]')
"""Halves of surrogate pairs, which are no characters and cannot be stored or sent."""


class InvalidJsonError(InvalidInputError):
    """A body that is not JSON, or too large."""

    def __init__(self, status: HTTPStatus, code: str, detail: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail


class JsonObject(dict[str, Any]):
    """An object of a JSON body."""

    doubled_name: str | None = None
    """A name that the object has twice, so that nobody knows which value was meant."""


def parse_json(content: bytes, decoder: json.JSONDecoder, *, max_length: int = MAX_ITEM_LENGTH) -> Any:
    """Parse a JSON value, or an array of up to MAX_BATCH_SIZE values and one more; an object becomes a JsonObject.

    Args:
        content: the body of a request.
        decoder: made by `json_decoder`.
        max_length: characters of the value, and of each item of an array.

    Raises:
        InvalidJsonError: the body is not JSON, was cut, or contains an item that is too long.
    """
    try:
        text = content.decode(json.detect_encoding(content)).removeprefix('\ufeff')
    except UnicodeDecodeError:
        detail = texts.API_PROBLEMS['not_unicode']
        raise InvalidJsonError(HTTPStatus.BAD_REQUEST, 'broken_json', detail) from None
    position = _skip_whitespace(text, 0)
    if text[position : position + 1] != '[':
        value, end = _parse_item(text, position, decoder, max_length)
    else:
        value, end = _parse_array(text, position + 1, decoder, max_length)
    if end < len(text):
        raise _broken()
    return value


def json_decoder(**options: Any) -> json.JSONDecoder:
    """Create a decoder for `parse_json`; `options` are those of json.JSONDecoder, such as `parse_int`."""
    return json.JSONDecoder(**{'parse_float': _parse_decimal, **options}, object_pairs_hook=_build_object)


def is_storable(text: str) -> bool:
    """Return whether a text consists of characters only."""
    return not SURROGATES.search(text)


def quotable(text: str) -> str:
    """Return a name or an identifier of a request as a response may repeat it: short, without halves of surrogates."""
    return SURROGATES.sub('\N{REPLACEMENT CHARACTER}', text[:MAX_QUOTED_LENGTH])


def _parse_array(text: str, position: int, decoder: json.JSONDecoder, max_length: int) -> tuple[list[Any], int]:
    """Parse an array after its bracket; return it, and the position after it and the whitespace that follows."""
    items: list[Any] = []
    position = _skip_whitespace(text, position)
    if text[position : position + 1] == ']':
        return items, _skip_whitespace(text, position + 1)
    while len(items) <= MAX_BATCH_SIZE:
        item, position = _parse_item(text, position, decoder, max_length)
        items.append(item)
        separator = text[position : position + 1]
        position = _skip_whitespace(text, position + 1)
        if separator == ']':
            return items, position
        if separator != ',':
            raise _broken() if separator else _cut()
    return items, len(text)  # too many, whatever follows


def _parse_item(text: str, position: int, decoder: json.JSONDecoder, max_length: int) -> tuple[Any, int]:
    part = text[position : position + max_length]
    is_end = position + max_length >= len(text)
    if sum(map(part.count, ',[{')) > MAX_ITEM_VALUES:
        raise _broken()
    try:
        value, length = decoder.raw_decode(part)
    except json.JSONDecodeError as error:
        is_cut = error.pos >= len(part.rstrip()) or error.msg.startswith(('Unterminated string', 'Invalid \\u'))
        if is_cut and not is_end:
            raise _too_large() from None
        raise _cut() if is_cut else _broken() from None
    except (ValueError, ArithmeticError, RecursionError):
        raise _broken() from None
    if length == len(part) and not is_end:  # a number may go on
        raise _too_large()
    return value, _skip_whitespace(text, position + length)


def _skip_whitespace(text: str, position: int) -> int:
    match = WHITESPACE.match(text, position)
    return match.end() if match else position


def _parse_decimal(number: str) -> Decimal:
    if len(number) > MAX_NUMBER_LENGTH:
        raise ValueError('too long')
    # A binary float has lost the decimal text of an amount of money. Decimal refuses an absurd exponent.
    return Decimal(number)


def _build_object(pairs: list[tuple[str, Any]]) -> JsonObject:
    value = JsonObject(pairs)
    if len(value) < len(pairs):
        names: set[str] = set()
        for name, _ in pairs:
            if name in names:
                value.doubled_name = name
            names.add(name)
    return value


def _broken() -> InvalidJsonError:
    return InvalidJsonError(HTTPStatus.BAD_REQUEST, 'broken_json', texts.API_PROBLEMS['broken_json'])


def _cut() -> InvalidJsonError:
    return InvalidJsonError(HTTPStatus.BAD_REQUEST, 'broken_json', texts.API_PROBLEMS['cut_json'])


def _too_large() -> InvalidJsonError:
    detail = texts.API_PROBLEMS['item_too_large']
    return InvalidJsonError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 'item_too_large', detail)
