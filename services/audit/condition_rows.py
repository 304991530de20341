"""The conditions of a search as rows of the audit log, with keyed digests of what is about a person.

A digest has no way back to the value without the data key, which is outside the database. With the key it answers who
searched for a phone or a name, also after the value was removed.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from models import ConditionKind
from services import texts
from services.keys.data_key import DataKey
from services.lists.query_protocol import Query, QueryCondition

SECRET_KINDS: Final = frozenset({ConditionKind.SNILS_NUMBER, ConditionKind.SNILS_DIGITS, ConditionKind.ERROR_TEXT})
"""Kinds of which only the digest is stored."""
PERSONAL_KINDS: Final = SECRET_KINDS | {
    ConditionKind.NAME,
    ConditionKind.PHONE,
    ConditionKind.SNILS,
    ConditionKind.TEXT,
    ConditionKind.NAME_WORD,
    ConditionKind.PHONE_NUMBER,
    ConditionKind.PHONE_DIGITS,
    ConditionKind.SURNAME_WORD,
    ConditionKind.WHOLE_WORD,
}
"""Kinds whose value is about a person: it may be removed, and its digest stays."""
FIRST_READING: Final = ConditionKind.NAME_WORD
"""Kinds below are conditions in words."""
DIGEST_PURPOSE: Final = 'audit condition'
DIGEST_LENGTH: Final = 32
"""Hexadecimal digits: 128 bits."""


class RecordedCondition(NamedTuple):
    """A row of `access_condition` without its key."""

    kind: ConditionKind
    value: str | None
    digest: str | None


def record_conditions(conditions: Iterable[QueryCondition], key: DataKey) -> tuple[RecordedCondition, ...]:
    """Build the rows of the conditions of a search: the words of each condition, then its readings."""
    rows = []
    for condition in conditions:
        rows.append(record_value(condition.kind, condition.words, key))
        rows += [record_value(reading.kind, reading.value, key) for reading in condition.readings]
    return tuple(rows)


def record_value(kind: ConditionKind, value: str, key: DataKey) -> RecordedCondition:
    """Build the row of one value."""
    value = storable(value)
    if kind not in PERSONAL_KINDS:
        return RecordedCondition(kind, value, None)
    return RecordedCondition(kind, None if kind in SECRET_KINDS else value, value_digest(kind, value, key))


def value_digest(kind: ConditionKind, value: str, key: DataKey) -> str:
    """Return the keyed digest of a value."""
    return key.digest(DIGEST_PURPOSE, str(int(kind)), value)[:DIGEST_LENGTH]


def describe_without_person(query: Query) -> str:
    """Describe a search without its personal data: «по ФИО, с 22.10.2026»."""
    conditions = query.conditions()
    return (
        ', '.join(texts.CONDITIONS_WITHOUT_PERSON.get(each.kind, each.words) for each in conditions) or query.describe()
    )


def describe_rows(rows: Iterable[tuple[ConditionKind, str | None]]) -> str:
    """Describe the conditions of a record by its rows in order; a removed value is said to be removed."""
    return ', '.join(
        texts.REMOVED_CONDITIONS[kind] if value is None else value for kind, value in rows if kind < FIRST_READING
    )


def storable(text: str) -> str:
    """Replace what not both engines can store: U+0000 and unpaired surrogates."""
    return text.replace('\0', '\N{REPLACEMENT CHARACTER}').encode('utf-8', 'replace').decode()
