"""The notations of providers' identifiers of messages: equal identifiers are stored in the same notation."""

import re
from uuid import UUID

UUID_PATTERN = re.compile(r'([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(-\d{1,3})?', re.IGNORECASE)
"""A UUID, and the number of a part of its message."""
NUMBER_PATTERN = re.compile(r'0*(\d+(?:-\d{1,3})?)', re.ASCII)
"""A number, and the number of a part of its message."""


def normalize_uuid(identifier: str) -> str:
    """Return a UUID, also before the number of a part, with hyphens and in lower case; return others unchanged."""
    match = UUID_PATTERN.fullmatch(identifier)
    return f'{UUID(match[1])}{match[2] or ""}' if match else identifier


def normalize_number(identifier: str) -> str:
    """Return a number, also before the number of a part, without leading zeros; otherwise like `normalize_uuid`."""
    match = NUMBER_PATTERN.fullmatch(identifier)
    return match[1] if match and not UUID_PATTERN.fullmatch(identifier) else normalize_uuid(identifier)
