"""The notations of providers' identifiers of messages: equal identifiers are stored in the same notation."""

import re
from uuid import UUID

UUID_PATTERN = re.compile(r'([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(-\d{1,3})?', re.IGNORECASE)
"""A UUID, and the number of a part of its message."""


def normalize_uuid(identifier: str) -> str:
    """Return a UUID, also before the number of a part, with hyphens and in lower case; return others unchanged."""
    match = UUID_PATTERN.fullmatch(identifier)
    return f'{UUID(match[1])}{match[2] or ""}' if match else identifier


def normalize_number(identifier: str) -> str:
    """Return a number without leading zeros; otherwise like `normalize_uuid`."""
    if identifier.isascii() and identifier.isdigit() and not UUID_PATTERN.fullmatch(identifier):
        return identifier.lstrip('0') or '0'
    return normalize_uuid(identifier)
