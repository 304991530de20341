"""The conditions of a search as the audit log records them: in words, and as the program understood them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from models import ConditionKind
from services import names, phones
from services.dictionaries.name_folding import fold_entry_name
from services.documents import snils
from services.lists.error_keys import is_error_code
from services.lists.query_protocol import Period, QueryCondition, Reading
from services.name_parts.surnames import typed_surnames

KIND_BY_FIELD: Final = {
    'code': ConditionKind.MESSAGE_CODE,
    'name': ConditionKind.NAME,
    'surname_only': ConditionKind.SURNAME,
    'phone': ConditionKind.PHONE,
    'snils': ConditionKind.SNILS,
    'words': ConditionKind.TEXT,
    'seen': ConditionKind.TEXT,
    'organization': ConditionKind.ORGANIZATION,
    'kind': ConditionKind.MESSAGE_KIND,
    'document_kind': ConditionKind.DOCUMENT_KIND,
    'period': ConditionKind.PERIOD,
    'statuses': ConditionKind.STATUS,
    'delivery': ConditionKind.DELIVERY,
    'older_than': ConditionKind.WAITING,
    'errors': ConditionKind.ERROR,
    'appointment': ConditionKind.APPOINTMENT,
    'account': ConditionKind.ACCOUNT,
    'address': ConditionKind.ADDRESS,
    'act': ConditionKind.EVENT,
}
"""The kind of a condition by its name in a query."""
SNILS_IN_TEXT: Final = re.compile(r'(?<!\d)\d{3}[-. ]?\d{3}[-. ]?\d{3}[-. ]?\d{2}(?!\d)', re.ASCII)
GROUPED_SNILS: Final = re.compile(r'\d{3}-\d{3}-\d{3}[- ]?\d{2}', re.ASCII)


def build_conditions(words: Mapping[str, str], readings: Mapping[str, Iterable[Reading]]) -> tuple[QueryCondition, ...]:
    """Combine the descriptions and the readings of conditions, both by the name of the condition.

    Raises:
        KeyError: KIND_BY_FIELD has no kind for a condition.
    """
    return tuple(
        QueryCondition(KIND_BY_FIELD[field], phrase, tuple(dict.fromkeys(readings.get(field, ()))))
        for field, phrase in words.items()
    )


def read_name(typed: str) -> Iterator[Reading]:
    """Return the words of a typed name in every reading, and a СНИЛС that was typed with it."""
    text = names.visible_text(typed)
    for match in _find_snils(text):
        yield Reading(ConditionKind.SNILS_NUMBER, snils.extract_digits(match[0]))
        typed = text = text.replace(match[0], ' ')
    for pattern in names.parse_name(typed):
        yield from (Reading(ConditionKind.NAME_WORD, fragment) for fragment in pattern.fragments)
        yield from (Reading(ConditionKind.WHOLE_WORD, word) for word in pattern.words)


def read_surname(typed: str) -> Iterator[Reading]:
    """Return the surnames that a typed name may mean."""
    yield from (Reading(ConditionKind.SURNAME_WORD, word) for word in typed_surnames(names.parse_name(typed)))


def read_phone(typed: str) -> Iterator[Reading]:
    """Return the number or the digits of a typed phone."""
    for pattern in phones.parse_search(typed):
        if pattern.is_full_number:
            yield Reading(ConditionKind.PHONE_NUMBER, pattern.text)
        elif snils.is_valid(pattern.text):
            yield Reading(ConditionKind.SNILS_NUMBER, pattern.text)
        else:
            yield Reading(ConditionKind.PHONE_DIGITS, pattern.text)


def read_snils(typed: str) -> Iterator[Reading]:
    """Return the number or the digits of a typed СНИЛС."""
    if digits := snils.extract_digits(typed):
        is_whole = len(digits) == snils.LENGTH
        yield Reading(ConditionKind.SNILS_NUMBER if is_whole else ConditionKind.SNILS_DIGITS, digits)


def read_text(typed: str) -> Iterator[Reading]:
    """Return everything that a text of unknown kind may be: a name, a phone, a СНИЛС."""
    if re.search(r'[^\W\d_]', typed):
        yield from read_name(typed)
    else:
        yield from read_phone(typed)
        yield from (reading for reading in read_name(typed) if reading.kind is ConditionKind.SNILS_NUMBER)


def read_organization(name: str) -> Iterator[Reading]:
    """Return the folded name of an organisation."""
    yield Reading(ConditionKind.ORGANIZATION_NAME, fold_entry_name(name))


def read_period(period: Period) -> Iterator[Reading]:
    """Return the days of a period."""
    bounds: tuple[tuple[ConditionKind, date | None], ...] = (
        (ConditionKind.SINCE, period.since),
        (ConditionKind.UNTIL, period.until),
    )
    yield from (Reading(kind, day.isoformat()) for kind, day in bounds if day)


def read_appointment(period: Period) -> Iterator[Reading]:
    """Return the days of a condition on the appointment."""
    bounds = ((ConditionKind.APPOINTMENT_SINCE, period.since), (ConditionKind.APPOINTMENT_UNTIL, period.until))
    yield from (Reading(kind, day.isoformat()) for kind, day in bounds if day)


def read_errors(keys: Iterable[str]) -> Iterator[Reading]:
    """Return the codes of errors, or the names of those without a code, which are free text of a sender."""
    for key in sorted(keys):
        yield Reading(ConditionKind.ERROR_KEY if is_error_code(key) else ConditionKind.ERROR_TEXT, key)


def hide_snils(text: str) -> str:
    """Mask every valid СНИЛС in a text."""
    for match in _find_snils(text):
        text = text.replace(match[0], snils.mask_snils(snils.extract_digits(match[0])))
    return text


def _find_snils(text: str) -> Iterator[re.Match[str]]:
    for match in SNILS_IN_TEXT.finditer(text):
        # Eleven digits that begin like a phone are one, unless they are grouped like a СНИЛС.
        is_phone = match[0][0] in '78' and not GROUPED_SNILS.fullmatch(match[0])
        if not is_phone and snils.is_valid(snils.extract_digits(match[0])):
            yield match
