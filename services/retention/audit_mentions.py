"""Find the records of the audit log that may name a person, by the digests of numbers and by the words of names."""

from collections.abc import Iterator, Sequence

from sqlalchemy import and_, or_, select
from sqlmodel import Session

from models import ConditionKind
from services.audit.condition_rows import value_digest
from services.audit.record_lookup import IS_READING, describes
from services.audit.redaction import DESCRIBES_SEARCH, HAS_PERSON, MAY_NAME_PERSON
from services.database.tables import ACCESS_CONDITION_TABLE, ACCESS_RECORD_TABLE
from services.keys.data_key import DataKey
from services.retention.person import MIN_DIGITS, Person

MIN_FRAGMENT = 3
"""The least number of letters of a word by which its searches are found."""
record, condition = ACCESS_RECORD_TABLE.c, ACCESS_CONDITION_TABLE.c
WRITTEN_KINDS = (ConditionKind.NAME, ConditionKind.PHONE, ConditionKind.TEXT)


def person_digests(person: Person, key: DataKey) -> list[str]:
    """Return the digests of the phones, of their parts that stand for the whole number, and of the СНИЛС."""
    readings = [(ConditionKind.SNILS_NUMBER, number) for number in person.snils]
    for phone in person.phones:
        readings.append((ConditionKind.PHONE_NUMBER, phone))
        readings += [(ConditionKind.PHONE_DIGITS, part) for part in _parts(phone)]
    return [value_digest(kind, value, key) for kind, value in readings]


def numbers_with_value(session: Session, digests: Sequence[str]) -> Sequence[int]:
    """Return the numbers of the records with one of some digests, of which a value is still stored."""
    has_digest = select(condition.number).where(condition.digest.in_(digests))
    statement = select(condition.number).where(condition.number.in_(has_digest), *HAS_PERSON).distinct()
    return session.execute(statement).scalars().all()


def possible_descriptions(session: Session, person: Person) -> Iterator[tuple[int, str]]:
    """Yield the numbers and descriptions of records that may name a person, more than once for some records."""
    fragments = list(_fragments(person))
    is_candidate = and_(IS_READING, condition.kind == ConditionKind.NAME_WORD, condition.value.in_(fragments))
    candidates = select(condition.number).where(is_candidate)
    written = select(condition.number, condition.value).where(
        condition.number.in_(candidates), condition.kind.in_(WRITTEN_KINDS), condition.value.is_not(None)
    )
    yield from ((number, value or '') for number, value in session.execute(written))
    words = {word for name in person.names for word in name.split()} | person.words
    is_possible = [describes(word) for word in sorted(words)]
    if person.phones:
        is_possible.append(describes('телефон'))
    if is_possible:
        old = select(record.number, record.what).where(*DESCRIBES_SEARCH, MAY_NAME_PERSON, or_(*is_possible))
        yield from ((number, what) for number, what in session.execute(old))


def _parts(phone: str) -> set[str]:
    """Return the parts of a phone that stand for the whole number, as a search for digits records them."""
    digits = phone.removeprefix('+')
    parts = {digits[start:end] for start in range(len(digits)) for end in range(start + MIN_DIGITS, len(digits) + 1)}
    return parts | {phone[:end] for end in range(MIN_DIGITS + 1, len(phone))}


def _fragments(person: Person) -> Iterator[str]:
    """Yield the beginnings of the words of the names, and the phones, which are also found in the field of names."""
    for word in {word for name in person.names for word in name.split()} | person.words:
        yield word
        yield from (word[:end] for end in range(MIN_FRAGMENT, len(word)))
    for phone in person.phones:
        digits = phone.removeprefix('+')
        yield from (digits, digits[1:], f'8{digits[1:]}')
