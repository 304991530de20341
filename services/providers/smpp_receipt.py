"""The text of an SMPP delivery receipt, as a gateway passes it on (SMPP 3.4, Appendix B):

    id:IIIIIIIIII sub:SSS dlvrd:DDD submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DDDDDDD err:E text:…

The form is that of the SMSC's vendor, so identifiers have any length, dates may have seconds, and errors are codes of
the operator. Newer SMSCs send the same as optional parameters (TLV): `receipted_message_id` (SMPP 3.4, 5.3.2.12),
`message_state` (5.3.2.35, with the values of 5.2.28) and `network_error_code` (5.3.2.31: a byte with the type of the
network, and two bytes with the error).
"""

import re
from datetime import datetime
from typing import Final

ID_PATTERN: Final = re.compile(r'\bid:(\S{1,64})(?!\S)', re.IGNORECASE)
STATE_PATTERN: Final = re.compile(r'\bstat:([A-Z]{1,15})\b', re.IGNORECASE)
ERROR_PATTERN: Final = re.compile(r'\berr:(\S{1,50})(?!\S)', re.IGNORECASE)
DONE_DATE_PATTERN: Final = re.compile(r'\bdone date:(\d{10}(?:\d{2})?)(?!\S)', re.IGNORECASE)
CONTENT_PATTERN: Final = re.compile(r'\btext:.*', re.IGNORECASE | re.DOTALL)
"""The beginning of the message itself, which may contain anything."""
NO_ERROR_PATTERN: Final = re.compile('0*')
NETWORK_ERROR_PATTERN: Final = re.compile(r'(?:0x)?([0-9a-f]{2})([0-9a-f]{4})', re.IGNORECASE)
STATES: Final = {
    '1': 'ENROUTE', '2': 'DELIVRD', '3': 'EXPIRED', '4': 'DELETED', '5': 'UNDELIV', '6': 'ACCEPTD', '7': 'UNKNOWN',
    '8': 'REJECTD',
}  # fmt: skip
"""The values of `message_state`, and the names of these states in the text of a receipt."""


def find_id(receipt: str) -> str | None:
    """Return the identifier of the message; None if the receipt has none."""
    match = ID_PATTERN.search(_without_content(receipt))
    return match[1] if match else None


def find_state(receipt: str) -> str | None:
    """Return the state in upper case, for example `DELIVRD`; None if the receipt has none."""
    match = STATE_PATTERN.search(_without_content(receipt))
    return match[1].upper() if match else None


def find_error(receipt: str) -> str | None:
    """Return the error code of the operator; None if there was no error."""
    match = ERROR_PATTERN.search(_without_content(receipt))
    return match[1] if match and match[1].isprintable() and not NO_ERROR_PATTERN.fullmatch(match[1]) else None


def find_done_date(receipt: str) -> datetime | None:
    """Return the time of the state in the time zone of the SMSC; None if the receipt has none.

    Raises:
        ValueError: there is no such time.
    """
    match = DONE_DATE_PATTERN.search(_without_content(receipt))
    return datetime.strptime(match[1], '%y%m%d%H%M%S'[: len(match[1])]) if match else None


def state_of_parameter(message_state: str) -> str:
    """Return the name of a state from the number in `message_state`; any other text is returned unchanged."""
    return STATES.get(message_state.lstrip('0'), message_state)


def error_of_parameter(network_error_code: str) -> str | None:
    """Return the error from the three bytes of `network_error_code`, written in hexadecimal digits, as a number.

    Any other text is taken for the error itself. Return None if there was no error.
    """
    match = NETWORK_ERROR_PATTERN.fullmatch(network_error_code)
    error = str(int(match[2], 16)) if match else network_error_code
    return None if NO_ERROR_PATTERN.fullmatch(error) else error


def _without_content(receipt: str) -> str:
    return CONTENT_PATTERN.sub('', receipt)
