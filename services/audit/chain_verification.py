"""Verify the whole hash chain of the audit log and report every fault."""

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import func, select
from sqlmodel import Session

from models import ConditionKind
from services.audit import append_only_triggers
from services.audit.anchors import AnchoredRecord, anchor_mac
from services.audit.chain_reader import READ_ERRORS, ChainRecord, read_chain
from services.audit.condition_rows import PERSONAL_KINDS, SECRET_KINDS, value_digest
from services.audit.hash_chain import GENESIS_HASH, HEAD, record_hash, search_text
from services.audit.redaction import redaction_digest
from services.audit.shown_verification import find_changed_rows
from services.database.engine import Database
from services.database.tables import ACCESS_ANCHOR_TABLE, ACCESS_RECORD_TABLE
from services.keys.data_key import DataKey

MAX_LISTED_FAULTS: Final = 20
"""Faults that are listed one by one; the others are only counted."""
NEWEST_NUMBER: Final = select(func.coalesce(func.max(ACCESS_RECORD_TABLE.c.number), 0))
ANCHORS: Final = select(ACCESS_ANCHOR_TABLE).order_by(ACCESS_ANCHOR_TABLE.c.number)


class ChainFaultKind(StrEnum):
    """The kind of a fault; services.texts.ACCESS_FAULTS has a sentence for each."""

    CHANGED = 'changed'
    MISSING = 'missing'
    BROKEN_LINK = 'parted'
    TRUNCATED = 'cut'
    ADDED = 'added'
    HASH_MISMATCH = 'other'
    UNREADABLE = 'unreadable'
    NO_HEAD = 'headless'
    NO_TRIGGER = 'unprotected'
    ANCHOR_FORGED = 'forged'
    ROWS_CHANGED = 'shown'
    LOOKUP_CHANGED = 'seen'


@dataclass(frozen=True)
class ChainFault:
    """A fault of the chain."""

    kind: ChainFaultKind
    number: int
    """The number of the record at the fault."""
    since: int = 0
    """For MISSING: the first missing number."""
    last: int = 0
    """For TRUNCATED: the number of the last record before the truncation."""
    name: str = ''
    """For NO_TRIGGER: the name of the trigger."""


@dataclass
class ChainVerification:
    """The result of a verification."""

    number: int
    """The number of the newest record according to the chain's head."""
    hash: str
    """The hash of the newest record according to the chain's head."""
    records_checked: int = 0
    redacted: int = 0
    """Records of version 1 whose description was removed; what is left of them is as it was."""
    anchors: int = 0
    """Anchors whose record is unchanged."""
    faults: list[ChainFault] = field(default_factory=list)
    """The first faults, at most MAX_LISTED_FAULTS."""
    unlisted_faults: int = 0
    """The number of further faults."""

    @property
    def is_intact(self) -> bool:
        """Whether the chain has no faults."""
        return not self.faults

    def add(self, kind: ChainFaultKind, number: int, **details: Any) -> None:
        """Add a fault; see ChainFault."""
        if len(self.faults) < MAX_LISTED_FAULTS:
            self.faults.append(ChainFault(kind, number, **details))
        else:
            self.unlisted_faults += 1


def verify_chain(
    database: Database,
    noted_record: tuple[int, str] | None = None,
    *,
    key: DataKey | None = None,
    anchored: AnchoredRecord | None = None,
) -> ChainVerification:
    """Verify every record up to the newest; blocks.

    Args:
        database: the database of the audit log.
        noted_record: the number and the hash of a record that were noted elsewhere; the hash must still be the same.
        key: the data key; without it neither seals nor digests are verified.
        anchored: the record that the file of the anchor names.

    Raises:
        DatabaseError: see services.errors.
    """
    noted = AnchoredRecord(*noted_record) if noted_record else None
    return database.read_sync(lambda session: _verify(session, noted, anchored, key))


def _verify(
    session: Session, noted: AnchoredRecord | None, anchored: AnchoredRecord | None, key: DataKey | None
) -> ChainVerification:
    # Other processes go on writing: what is read first is the oldest, so that nothing seems to be cut off or added.
    anchors = _read_anchors(session)
    head = _read_head(session)
    newest = session.execute(NEWEST_NUMBER).scalar_one()
    verification = ChainVerification(*(head or AnchoredRecord(newest, '')))
    for name in append_only_triggers.find_wrong_triggers(session):
        verification.add(ChainFaultKind.NO_TRIGGER, 0, name=name)
    if head is None:
        verification.add(ChainFaultKind.NO_HEAD, newest)
    _verify_anchors(verification, anchors, key)
    known = dict.fromkeys((*(AnchoredRecord(each.number, each.hash) for each in anchors), *filter(None, [anchored])))
    expected = {each.number for each in (*known, *filter(None, [noted]))}
    last, confirmed = _verify_records(session, verification, expected, key)
    if head:
        _verify_end(session, verification, last)
    for changed in find_changed_rows(session, verification.number):
        kind = ChainFaultKind.LOOKUP_CHANGED if changed is None else ChainFaultKind.ROWS_CHANGED
        verification.add(kind, changed or verification.number)
    _compare_anchored(verification, [each for each in known if confirmed.get(each.number) != each.hash], last.number)
    if noted and confirmed.get(noted.number) != noted.hash:
        verification.add(ChainFaultKind.HASH_MISMATCH, noted.number)
    verification.anchors = sum(confirmed.get(each.number) == each.hash for each in anchors)
    return verification


def _verify_records(
    session: Session, verification: ChainVerification, expected: Collection[int], key: DataKey | None
) -> tuple[AnchoredRecord, dict[int, str]]:
    """Verify the records one after the other; return the last one, and the hashes of the expected ones."""
    last = AnchoredRecord(0, GENESIS_HASH)
    confirmed: dict[int, str] = {}
    for record in read_chain(session, verification.number):
        stored_hash = _verify_record(verification, record, last, key)
        last = AnchoredRecord(record.number, stored_hash)
        verification.records_checked += 1
        if record.number in expected:
            confirmed[record.number] = stored_hash
    return last, confirmed


def _verify_record(
    verification: ChainVerification, record: ChainRecord, last: AnchoredRecord, key: DataKey | None
) -> str:
    """Verify one record, and return its stored hash; an empty text if it cannot be read."""
    fields = record.fields
    if record.number != last.number + 1:
        verification.add(ChainFaultKind.MISSING, record.number, since=last.number + 1)
    elif fields and last.hash and fields['previous'] != last.hash:
        verification.add(ChainFaultKind.BROKEN_LINK, record.number)
    if fields is None:
        verification.add(ChainFaultKind.UNREADABLE, record.number)
        return ''
    try:
        computed_hash = record_hash(fields, record.conditions)
        is_unchanged = search_text(fields['what'], fields['about']) == fields['words']
        is_unchanged = is_unchanged and (key is None or _are_digests_right(record, key))
    except READ_ERRORS:
        verification.add(ChainFaultKind.UNREADABLE, record.number)
        return str(fields['hash'])
    if record.redaction and fields['hash'] != computed_hash:
        is_vouched = key is None or hmac.compare_digest(
            record.redaction, redaction_digest(record.number, fields['hash'], computed_hash, key)
        )
        verification.redacted += is_vouched
    else:
        is_vouched = fields['hash'] == computed_hash
    if not (is_unchanged and is_vouched):
        verification.add(ChainFaultKind.CHANGED, record.number)
    return str(fields['hash'])


def _are_digests_right(record: ChainRecord, key: DataKey) -> bool:
    """Return whether the digest of each condition is that of its value, where the value is still stored."""
    for condition in record.conditions:
        value, kind = condition['value'], ConditionKind(condition['kind'])
        if kind in SECRET_KINDS:
            if value is not None:
                return False
        elif kind in PERSONAL_KINDS and value is not None and value_digest(kind, value, key) != condition['digest']:
            return False
    return True


def _verify_end(session: Session, verification: ChainVerification, last: AnchoredRecord) -> None:
    """Compare the last record with the head of the chain."""
    if last.number < verification.number:
        verification.add(ChainFaultKind.TRUNCATED, last.number, last=verification.number)
    elif last.hash and last.hash != verification.hash:
        verification.add(ChainFaultKind.HASH_MISMATCH, last.number)
    # Read the head again: records were added meanwhile, and those of the program are covered by it.
    newest = session.execute(NEWEST_NUMBER).scalar_one()
    head = _read_head(session)
    if head and newest > head.number:
        verification.add(ChainFaultKind.ADDED, head.number)


def _verify_anchors(verification: ChainVerification, anchors: list[Any], key: DataKey | None) -> None:
    """Check the seal of every anchor."""
    previous = ''
    for anchor in anchors:
        if key and not hmac.compare_digest(
            str(anchor.mac), anchor_mac(key, previous, anchor.number, anchor.hash, anchor.at)
        ):
            verification.add(ChainFaultKind.ANCHOR_FORGED, anchor.number)
        previous = anchor.mac


def _compare_anchored(verification: ChainVerification, lost: Sequence[AnchoredRecord], last_number: int) -> None:
    """Add the faults that records that were anchored are not in the chain."""
    for each in lost:
        if each.number <= last_number:
            verification.add(ChainFaultKind.HASH_MISMATCH, each.number)
    newest = max((each.number for each in lost), default=0)
    is_reported = any(fault.kind is ChainFaultKind.TRUNCATED for fault in verification.faults)
    if newest > last_number and not is_reported:
        verification.add(ChainFaultKind.TRUNCATED, last_number, last=newest)


def _read_head(session: Session) -> AnchoredRecord | None:
    try:
        head = session.execute(HEAD).one_or_none()
        return AnchoredRecord(int(head.number), str(head.hash)) if head else None
    except READ_ERRORS:
        return None


def _read_anchors(session: Session) -> list[Any]:
    return list(session.execute(ANCHORS).all())
