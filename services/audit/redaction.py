"""Remove the person from records of searches, so that the chain stays verifiable and the digests stay searchable.

Records of version 2 lose the values of their conditions; their hashes cover the digests. The hash of a record of
version 1 covers its description. Where that names a person, it is removed as a whole: the record keeps its hash and
gets conditions without values, and a new record of the chain vouches, by a digest with the data key, for what is left.
The database refuses to remove a description that no record vouches for.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update
from sqlmodel import Session

from models import AuditEvent, ConditionKind
from services import names, texts
from services.audit.condition_rows import PERSONAL_KINDS, RecordedCondition, record_value
from services.audit.hash_chain import COMMAND_LINE, INSERT_CONDITION, AuditEntry, append_entries, record_hash
from services.database.tables import ACCESS_CONDITION_TABLE, ACCESS_RECORD_TABLE
from services.keys.data_key import DataKey
from services.lists.query_protocol import Reading
from services.lists.recorded_conditions import read_name, read_phone, read_text

REDACTION_PURPOSE: Final = 'audit redaction'
record, condition = ACCESS_RECORD_TABLE.c, ACCESS_CONDITION_TABLE.c
DESCRIBES_SEARCH: Final = (
    record.version == 1,
    record.act.in_((AuditEvent.SEARCHED, AuditEvent.EXPORTED)),
    record.what != '',
)
MAY_NAME_PERSON: Final = or_(
    record.what.startswith('ФИО «'),
    record.what.startswith('в записи «'),
    record.what.contains('телефон'),
    record.what.contains('СНИЛС'),
)
"""A first selection of descriptions of version 1; `parse_description` decides."""
HAS_PERSON: Final = (condition.kind.in_(PERSONAL_KINDS), condition.value.is_not(None))
REMOVE_VALUES: Final = update(ACCESS_CONDITION_TABLE).values(value=None)
REMOVE_DESCRIPTION: Final = (
    update(ACCESS_RECORD_TABLE).where(record.number == bindparam('redacted')).values(what='', words='')
)
NAME_AT_START: Final = re.compile(r'ФИО «(.*?)(?:»(?=, |$)|$)', re.DOTALL)
TEXT_AT_START: Final = re.compile(r'в записи «(.*?)(?:»(?=, |$)|$)', re.DOTALL)
QUOTED: Final = re.compile(r'«(.*)»', re.DOTALL)
PHONE: Final = re.compile(r'(?:^|, | или )(?:телефон(?: начинается с)?|в номере телефона) (\+?[\d(][\d ()\u2010-]*)')
SNILS: Final = re.compile(r'(?:^|, )(?:в )?СНИЛС ([\d*][\d* -]*)')


def last_number_before(session: Session, before: datetime) -> int:
    """Return the number of the newest record before a moment; 0 if there is none."""
    number: int | None = session.execute(select(func.max(record.number)).where(record.at < before)).scalar_one()
    return number or 0


def first_named(session: Session, last: int) -> int | None:
    """Return the number of the first record, of those up to `last`, that may name a person."""
    numbers = (
        select(condition.number).where(condition.number <= last, *HAS_PERSON).order_by(condition.number).limit(1),
        select(record.number)
        .where(record.number <= last, *DESCRIBES_SEARCH, MAY_NAME_PERSON)
        .order_by(record.number)
        .limit(1),
    )
    found = [session.execute(each).scalar_one_or_none() for each in numbers]
    return min((number for number in found if number is not None), default=None)


def count_named(session: Session, last: int) -> int:
    """Return how many records up to `last` name a person."""
    numbered = select(func.count(condition.number.distinct())).where(condition.number <= last, *HAS_PERSON)
    count: int = session.execute(numbered).scalar_one()
    described = select(record.what).where(record.number <= last, *DESCRIBES_SEARCH, MAY_NAME_PERSON)
    return count + sum(bool(parse_description(what)) for what in session.execute(described).scalars())


def redact_between(session: Session, first: int, last: int, key: DataKey) -> int:
    """Remove the person from the records with the numbers from `first` to `last`; return the number of records."""
    return _redact(session, condition.number.between(first, last), record.number.between(first, last), key)


def redact(session: Session, numbers: Collection[int], key: DataKey) -> int:
    """Remove the person from records; return the number of records that had any."""
    return _redact(session, condition.number.in_(numbers), record.number.in_(numbers), key)


def redaction_digest(number: int, stored_hash: str, remaining_hash: str, key: DataKey) -> str:
    """Return the digest that vouches for a record of version 1 without its description.

    Args:
        number: the number of the record.
        stored_hash: its hash, which covers the removed description.
        remaining_hash: the hash of the record as it is now.
        key: the data key.
    """
    return key.digest(REDACTION_PURPOSE, str(number), stored_hash, remaining_hash)


def parse_description(what: str) -> Mapping[ConditionKind, Sequence[Reading]]:
    """Return what a description of version 1 says about a person, by the kind of the condition."""
    found: dict[ConditionKind, list[Reading]] = {}
    rest = what
    for kind, pattern, read in (
        (ConditionKind.NAME, NAME_AT_START, read_name),
        (ConditionKind.TEXT, TEXT_AT_START, read_text),
    ):
        if match := pattern.match(what):
            found[kind] = list(read(match[1]))
            rest = what[match.end() :]
    for kind, pattern in ((ConditionKind.PHONE, PHONE), (ConditionKind.SNILS, SNILS)):
        for match in pattern.finditer(rest):
            found.setdefault(kind, []).extend(read_phone(match[1]) if kind is ConditionKind.PHONE else ())
    return found


def described_texts(description: str) -> Iterator[str]:
    """Yield what was typed about a person, from a description in words of one or several conditions."""
    for pattern in (QUOTED, PHONE, SNILS):
        yield from (match[1] for match in pattern.finditer(description))


def _redact(session: Session, has_condition: ColumnElement[bool], is_record: ColumnElement[bool], key: DataKey) -> int:
    connection = session.connection()
    has_value = (has_condition, *HAS_PERSON)
    count: int = session.execute(select(func.count(condition.number.distinct())).where(*has_value)).scalar_one()
    if count:
        connection.execute(REMOVE_VALUES.where(*has_value))
    old_records = session.execute(
        select(ACCESS_RECORD_TABLE).where(is_record, *DESCRIBES_SEARCH, MAY_NAME_PERSON)
    ).mappings()
    return count + _remove_descriptions(session, [dict(each) for each in old_records], key)


def _remove_descriptions(session: Session, records: Sequence[Mapping[str, Any]], key: DataKey) -> int:
    """Remove the descriptions of those records of version 1 that name a person; return their number."""
    vouchers, rows = [], []
    for old_record in records:
        number = old_record['number']
        conditions = [
            {'number': number, 'position': position, **each._asdict()}
            for position, each in enumerate(_conditions_without_values(old_record['what'], key))
        ]
        if conditions:
            rows += conditions
            remaining_hash = record_hash({**old_record, 'what': '', 'words': ''}, conditions)
            digest = redaction_digest(number, old_record['hash'], remaining_hash, key)
            vouchers.append(RecordedCondition(ConditionKind.REDACTED_RECORD, str(number), digest))
    if vouchers:
        what = texts.ACCESS_DESCRIPTIONS_REMOVED.format(count=len(vouchers))
        entry = AuditEntry(
            datetime.now(UTC),
            COMMAND_LINE,
            AuditEvent.PATIENTS_ANONYMIZED,
            section=texts.ACCESS_TITLE,
            what=what,
            conditions=tuple(vouchers),
        )
        append_entries(session, [entry])
        connection = session.connection()
        connection.execute(INSERT_CONDITION, rows)
        connection.execute(REMOVE_DESCRIPTION, [{'redacted': int(each.value or '')} for each in vouchers])
    return len(vouchers)


def _conditions_without_values(what: str, key: DataKey) -> Iterator[RecordedCondition]:
    for kind, readings in parse_description(what).items():
        yield record_value(kind, names.visible_text(what), key)._replace(value=None)
        for reading in dict.fromkeys(readings):
            yield record_value(reading.kind, reading.value, key)._replace(value=None)
