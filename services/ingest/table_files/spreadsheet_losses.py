"""Recognition of values that a spreadsheet has impoverished when it opened and saved a file.

Such a file repeats what the journal knows, only less exactly; the stored value must remain.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

T = TypeVar('T')

NUMBER = re.compile(r'\d{1,50}(?:[.,](?P<decimals>\d{1,50}))?(?P<exponent>E[+-]?\d{1,3})?', re.ASCII | re.IGNORECASE)


def is_impoverished(known: str, value: str) -> bool:
    """Return whether a value is a known one without its quotation marks, or the same number written less exactly."""
    if known == value:
        return False
    return ('"' in known and value == known.replace('"', '')) or _is_poorer_number(known, value)


def restore_known(value: str | None, known_values: Iterable[str | None]) -> str | None:
    """Return the known value that has been impoverished to this value; otherwise the value itself."""
    return next((known for known in known_values if known and value and is_impoverished(known, value)), value)


def restore_attributes(known: Any, new: T, names: Iterable[str]) -> T:
    """Return a dataclass with those of its attributes restored that a spreadsheet has impoverished.

    Args:
        known: what is stored, with the same attributes.
        new: what the file has.
        names: attributes that are texts or None.
    """
    restored = {name: restore_known(getattr(new, name), (getattr(known, name),)) for name in names}
    return replace(new, **restored)  # type: ignore[type-var]


def _is_poorer_number(known: str, value: str) -> bool:
    """Return whether both are the same number, and `value` has no more zeros at its beginning.

    Spreadsheets remove such zeros and those at the end, and round a long number (`123456789012` to `1,23457E+11`).
    """
    known_match, match = NUMBER.fullmatch(known), NUMBER.fullmatch(value)
    if not known_match or not match or _leading_zeros(value) > _leading_zeros(known):
        return False
    known_number, number = (Decimal(each.replace(',', '.')) for each in (known, value))
    if match['exponent'] and not known_match['exponent']:
        known_number = Decimal(f'{known_number:.{len(match["decimals"] or "")}E}')
    return known_number == number


def _leading_zeros(text: str) -> int:
    return len(text) - len(text.lstrip('0'))
