"""Find the records of searches for a person by a name, a phone or a СНИЛС in any notation.

Records of version 2 have their conditions in `access_condition`: whole values are found by their keyed digests, also
after the values were removed, and words of names also by their beginnings. Records of version 1 have a description
only, in which the notations that a search was recorded in are looked for.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, literal_column, or_, select

from models import ConditionKind
from services import names
from services.audit.condition_rows import value_digest
from services.database.tables import ACCESS_CONDITION_TABLE, ACCESS_RECORD_TABLE
from services.documents import snils
from services.formats import phone as written_phone
from services.keys.data_key import DataKey
from services.lists.query_protocol import Reading
from services.lists.recorded_conditions import read_text
from services.messages.message_codes import find_code

LAST_CHARACTER: Final = '\U0010ffff'
MIN_PART_LENGTH: Final = 4
"""The shortest part of a phone or СНИЛС that counts as a search for the whole number."""
DAY_FORMATS: Final = ('%d.%m.%Y', '%Y-%m-%d')
IS_READING: Final[ColumnElement[bool]] = literal_column('access_condition.kind > 100')
"""Repeats the condition of the partial index, because SQLite does not infer it."""

conditions = ACCESS_CONDITION_TABLE.c


def mentions(words: str, key: DataKey | None) -> ColumnElement[bool]:
    """Build the condition that a record mentions a text; without the key only values that are not removed are found."""
    readings = tuple(read_text(words))
    alternatives: list[ColumnElement[bool]] = [
        describes(needle) for needle in dict.fromkeys(_described_notations(words, readings)) if needle
    ]
    if digests := [value_digest(each.kind, each.value, key) for each in _whole_values(readings)] if key else []:
        alternatives.append(_has_condition(conditions.digest.in_(digests)))
    for reading in readings:
        if reading.kind in {ConditionKind.PHONE_NUMBER, ConditionKind.PHONE_DIGITS} and len(reading.value) > 2:
            alternatives += [_has_condition(part) for part in _phone_values(reading)]
    for pattern in names.parse_name(words):
        if any(reading.kind is ConditionKind.NAME_WORD for reading in readings):
            alternatives.append(and_(*(_has_name_word(fragment, key) for fragment in pattern.fragments)))
    alternatives += [_has_condition(day) for day in _days(words)]
    return or_(*alternatives)


def begins_with(column: ColumnElement[Any], prefix: str) -> ColumnElement[bool]:
    """Build the condition that a text begins with a prefix, as a range of the index of its column."""
    return and_(column >= prefix, column <= prefix + LAST_CHARACTER)


def describes(needle: str) -> ColumnElement[bool]:
    """Build the condition that the description of a record contains a folded text."""
    return ACCESS_RECORD_TABLE.c.words.contains(needle, autoescape=True)


def _described_notations(words: str, readings: Iterable[Reading]) -> Iterator[str]:
    """Return the folded notations in which a description may contain a text."""
    yield names.fold(words)
    if code := find_code(words):
        yield code
    for variant in names.layout_variants(words):
        yield names.fold(variant)
    for reading in readings:
        if reading.kind is ConditionKind.PHONE_NUMBER:
            yield names.fold(written_phone(reading.value))
        elif reading.kind is ConditionKind.SNILS_NUMBER:
            yield names.fold(snils.mask_snils(reading.value))


def _whole_values(readings: Iterable[Reading]) -> Iterator[Reading]:
    """Return the values that are found by their digests: numbers, and the parts of them that a search may have had."""
    for reading in readings:
        if reading.kind is ConditionKind.PHONE_NUMBER:
            yield reading
            digits = reading.value.removeprefix('+')
            for part in (*_parts(digits), *_beginnings(reading.value)):
                yield Reading(ConditionKind.PHONE_DIGITS, part)
        elif reading.kind is ConditionKind.SNILS_NUMBER:
            yield reading
            for part in _parts(reading.value):
                yield Reading(ConditionKind.SNILS_DIGITS, part)
        elif reading.kind in {ConditionKind.PHONE_DIGITS, ConditionKind.SNILS_DIGITS}:
            yield Reading(ConditionKind.PHONE_DIGITS, reading.value)
            yield Reading(ConditionKind.SNILS_DIGITS, reading.value)


def _parts(digits: str) -> Iterator[str]:
    for start in range(len(digits) - MIN_PART_LENGTH + 1):
        for end in range(start + MIN_PART_LENGTH, len(digits) + 1):
            yield digits[start:end]


def _beginnings(e164: str) -> Iterator[str]:
    return (e164[:end] for end in range(MIN_PART_LENGTH + 1, len(e164)))


def _phone_values(reading: Reading) -> Iterator[ColumnElement[bool]]:
    """Return the conditions that a searched phone contains the digits of a partial one."""
    if reading.kind is ConditionKind.PHONE_DIGITS:
        digits = reading.value
        phone_kinds = (ConditionKind.PHONE_NUMBER, ConditionKind.PHONE_DIGITS)
        yield and_(IS_READING, conditions.kind.in_(phone_kinds), conditions.value.contains(digits, autoescape=True))


def _has_name_word(fragment: str, key: DataKey | None) -> ColumnElement[bool]:
    """Build the condition that a name was searched for of which a word begins with a fragment."""
    begins = and_(
        IS_READING,
        conditions.kind == ConditionKind.NAME_WORD,
        begins_with(conditions.value, fragment),
    )
    if key is None:
        return _has_condition(begins)
    is_same = conditions.digest == value_digest(ConditionKind.NAME_WORD, fragment, key)
    return or_(_has_condition(begins), _has_condition(is_same))


def _days(words: str) -> Iterator[ColumnElement[bool]]:
    for day_format in DAY_FORMATS:
        try:
            day = datetime.strptime(words.strip(), day_format).date().isoformat()
        except ValueError:
            continue
        yield and_(IS_READING, conditions.kind.in_((ConditionKind.SINCE, ConditionKind.UNTIL)), conditions.value == day)


def _has_condition(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    numbers: Select[tuple[int]] = select(conditions.number).where(condition)
    return ACCESS_RECORD_TABLE.c.number.in_(numbers)
