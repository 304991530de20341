"""Cursors: the position after which the next answer begins, as text whose content is the program's own affair."""

import base64
import binascii
import re
from http import HTTPStatus
from typing import Final, Literal

from journal_ui.api.problem_details import ProblemError
from services import texts

CursorKind = Literal['m', 'c']
"""Of a list of messages, or of the changes: a cursor of the one means nothing to the other."""
CONTENT: Final = re.compile(rb'([mc])([0-9]{1,19})')
MAX_POSITION: Final = 2**63 - 1
MAX_CURSOR_LENGTH: Final = 64


def encode_cursor(kind: CursorKind, position: int) -> str:
    """Return the cursor of a position."""
    return base64.urlsafe_b64encode(f'{kind}{position}'.encode()).decode().rstrip('=')


def decode_cursor(kind: CursorKind, cursor: str, field: str) -> int:
    """Return the position of a cursor.

    Raises:
        ProblemError: the text in `field` is no cursor of this kind.
    """
    try:
        content = base64.urlsafe_b64decode(cursor.encode() + b'=' * (-len(cursor) % 4))
    except (ValueError, binascii.Error):
        content = b''
    found = CONTENT.fullmatch(content)
    if not found or found[1].decode() != kind or int(found[2]) > MAX_POSITION:
        detail = texts.API_PROBLEMS['wrong_cursor']
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, 'wrong_cursor', detail, field=field)
    return int(found[2])
