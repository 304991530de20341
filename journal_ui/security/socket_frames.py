"""The frames that a page may send over its socket, in the notation of Engine.IO and Socket.IO.

NiceGUI's server accepts any frame: for other pages, for its log, of any structure, of which many end in an exception
that is logged. A page sends only what is listed here.
"""

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, Final

import orjson

MAX_FRAME_BYTES: Final = 16 * 1024
"""Bytes of a frame; a page sends one value of a field at a time."""
HEARTBEATS: Final = frozenset({'3', '1', '41'})
"""The answer to a ping, and what is sent before a socket closes."""
CONNECTS: Final = frozenset({'40', '40{}'})
EVENT_FRAME: Final = re.compile(r'42(\d{0,6})(\[.*\])', re.DOTALL | re.ASCII)
"""An event of Socket.IO, with a number if the page awaits an answer."""
MAX_MESSAGE_ID: Final = 2**53


class Frame(Enum):
    """The kinds of frames."""

    HEARTBEAT = auto()
    CONNECT = auto()
    """The page opens its connection; once for each socket."""
    HANDSHAKE = auto()
    """The page names itself, if it was loaded in advance; once for each socket."""
    RECEIPT = auto()
    """The page acknowledges messages, or returns the result of a script."""
    PROBE = auto()
    """The page asks whether the server responds."""
    USER_EVENT = auto()
    """The user has done something."""
    LOG = auto()
    """A warning of nicegui.js, which the program does not want."""


def parse_frame(text: str, client_id: str) -> Frame | None:
    """Return the kind of a frame; None for one that no page sends, or that names another page than `client_id`."""
    if text in HEARTBEATS:
        return Frame.HEARTBEAT
    if text in CONNECTS:
        return Frame.CONNECT
    match = EVENT_FRAME.fullmatch(text)
    try:
        name, payload = orjson.loads(match[2]) if match else ('', None)
    except ValueError:  # not JSON, or not two values
        return None
    if not match or not isinstance(name, str) or not isinstance(payload, Mapping):
        return None
    if payload.get('client_id') != client_id:
        return None
    is_answer_due = bool(match[1])
    if name == 'handshake':
        return Frame.HANDSHAKE if is_answer_due and _is_handshake(payload) else None
    if name == 'probe':
        return Frame.PROBE if is_answer_due and len(payload) == 1 else None
    if is_answer_due:
        return None
    if name == 'log':
        return Frame.LOG
    if name == 'event':
        return Frame.USER_EVENT if _is_user_event(payload) else None
    is_receipt = (name == 'ack' and _is_message_id(payload.get('next_message_id'))) or (
        name == 'javascript_response' and isinstance(payload.get('request_id'), str)
    )
    return Frame.RECEIPT if is_receipt else None


def _is_user_event(payload: Mapping[str, Any]) -> bool:
    arguments = payload.get('args', [])
    return (
        isinstance(payload.get('id'), int)
        and isinstance(payload.get('listener_id'), str)
        and isinstance(arguments, list)
        and all(argument is None or _is_json(argument) for argument in arguments)
    )


def _is_json(text: object) -> bool:
    try:
        orjson.loads(text if isinstance(text, str) else '')
    except ValueError:
        return False
    return True


def _is_handshake(payload: Mapping[str, Any]) -> bool:
    names = (payload.get('tab_id'), payload.get('document_id'), payload.get('old_tab_id') or '')
    return all(isinstance(name, str) for name in names) and _is_message_id(payload.get('next_message_id'))


def _is_message_id(value: object) -> bool:
    return isinstance(value, int) and 0 <= value < MAX_MESSAGE_ID
