"""The notations of providers' identifiers of messages: equal identifiers are stored in the same notation."""

import re
from uuid import UUID

UUID_PATTERN = re.compile(r'[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', re.IGNORECASE)


def normalize_uuid(identifier: str) -> str:
    """Return a UUID with hyphens and in lower case; any other identifier is returned unchanged."""
    return str(UUID(identifier)) if UUID_PATTERN.fullmatch(identifier) else identifier


def normalize_number(identifier: str) -> str:
    """Return a number without leading zeros; otherwise like `normalize_uuid`."""
    if identifier.isascii() and identifier.isdigit() and not UUID_PATTERN.fullmatch(identifier):
        return identifier.lstrip('0') or '0'
    return normalize_uuid(identifier)
