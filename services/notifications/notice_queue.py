"""The announced alerts and the notifications to send, in the database, so that all nodes send each of them once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update
from sqlmodel import Session

from services.database.tables import ALERT_NOTICE_TABLE, ALERT_STATE_TABLE
from services.dictionaries.dictionary_tables import CURRENT_KIND, CURRENT_ORGANIZATION
from services.formats import distinctive_part_first
from services.ingest.ingest_batch import acquire_writer_lock
from services.notifications.notice import Notice
from services.overview.alert_model import AlertKey, AlertKind, Finding, Findings, end_text, keys_to_raise

SEEN_INTERVAL: Final = timedelta(minutes=1)
"""The time between two notes that an alert still holds."""
END_AFTER: Final = timedelta(minutes=3)
"""An alert that no node has seen for so long has ended: what nodes know differs by some seconds, and counts waver."""
LEASE: Final = timedelta(minutes=1)
"""The time that a node has to send a notification before another one may try."""
MAX_PAUSE: Final = timedelta(minutes=15)
"""The longest pause between two attempts; the first ones follow sooner."""
EXPIRES_AFTER: Final = timedelta(hours=24)
"""A notification that could not be sent for so long says nothing new to anybody."""
BATCH: Final = 20
PART_TABLES: Final = {
    AlertKind.KIND_ERRORS: CURRENT_KIND,
    AlertKind.ORGANIZATION_ERRORS: CURRENT_ORGANIZATION,
}
"""The names of what an alert about a part of the messages is about."""

STATES: Final = select(ALERT_STATE_TABLE)
DUE_NOTICES: Final = (
    select(ALERT_NOTICE_TABLE)
    .where(ALERT_NOTICE_TABLE.c.due_at <= bindparam('now', type_=ALERT_NOTICE_TABLE.c.due_at.type))
    .order_by(ALERT_NOTICE_TABLE.c.number)
    .limit(BATCH)
)


@dataclass(frozen=True)
class AlertChange:
    """What a node has to write about one alert."""

    key: AlertKey
    finding: Finding | None
    """None if the alert has ended."""
    is_new: bool = False
    """Whether the alert was not announced yet."""


@dataclass(frozen=True)
class DueNotice:
    """A notification that this node is to send."""

    number: int
    channel: str
    notice: Notice


def read_changes(session: Session, findings: Findings, now: datetime) -> list[AlertChange]:
    """Return what is to be written about alerts after a check.

    Args:
        session: any session.
        findings: what the check has found.
        now: the time of the check.
    """
    seen_at = {key: row.seen_at for row in session.execute(STATES) if (key := AlertKey.parse(row.kind))}
    ended = {
        key
        for key, seen in seen_at.items()
        if key.kind in findings.known and key not in findings.holding and now - seen >= END_AFTER
    }
    active = seen_at.keys() - ended
    seen_again = [key for key in findings.holding if key in active and now - seen_at[key] >= SEEN_INTERVAL]
    return [
        *(AlertChange(key, None) for key in ended),
        *(AlertChange(key, findings.holding[key]) for key in seen_again),
        *(AlertChange(key, findings.holding[key], is_new=True) for key in keys_to_raise(active, findings)),
    ]


def write_changes(session: Session, findings: Findings, channels: Collection[str], now: datetime) -> None:
    """Store what `read_changes` returns, and queue a notification for each channel where an alert begins or ends."""
    # Other nodes wait here, and then see that the alert is known.
    acquire_writer_lock(session)
    for change in read_changes(session, findings, now):
        condition = ALERT_STATE_TABLE.c.kind == str(change.key)
        kind = change.key.kind
        if change.finding is None:
            session.execute(delete(ALERT_STATE_TABLE).where(condition))
            _queue(session, kind, end_text(kind, _read_name(session, change.key)), '', channels, now, is_end=True)
        elif change.is_new:
            session.execute(insert(ALERT_STATE_TABLE).values(kind=str(change.key), began_at=now, seen_at=now))
            _queue(session, kind, change.finding.text, change.finding.url, channels, now, is_end=False)
        else:
            session.execute(update(ALERT_STATE_TABLE).where(condition).values(seen_at=now))


def has_due_notices(session: Session, now: datetime) -> bool:
    """Return whether a notification is to be sent now."""
    return session.execute(DUE_NOTICES, {'now': now}).first() is not None


def claim_due_notices(session: Session, now: datetime) -> list[DueNotice]:
    """Return the notifications to send now, which no other node will send meanwhile; delete those that are too old."""
    acquire_writer_lock(session)
    expired = ALERT_NOTICE_TABLE.c.at < now - EXPIRES_AFTER
    session.execute(delete(ALERT_NOTICE_TABLE).where(expired))
    claimed = []
    for row in session.execute(DUE_NOTICES, {'now': now}).all():
        attempts = row.attempts + 1
        pause = min(LEASE * 2 ** (attempts - 1), MAX_PAUSE)
        session.execute(
            update(ALERT_NOTICE_TABLE)
            .where(ALERT_NOTICE_TABLE.c.number == row.number)
            .values(attempts=attempts, due_at=now + pause)
        )
        notice = Notice(row.kind, row.is_end, row.text, row.path, row.at)
        claimed.append(DueNotice(row.number, row.channel, notice))
    return claimed


def delete_notice(session: Session, number: int) -> None:
    """Delete a notification that was sent."""
    session.execute(delete(ALERT_NOTICE_TABLE).where(ALERT_NOTICE_TABLE.c.number == number))


def _read_name(session: Session, key: AlertKey) -> str:
    """Read the current name of the kind of messages or of the organisation that an alert is about; else empty."""
    if key.kind not in PART_TABLES:
        return ''
    table = PART_TABLES[key.kind]
    name = session.execute(select(table.c.name).where(table.c.id == key.entry_id)).scalar()
    return distinctive_part_first(name or '')


def _queue(
    session: Session,
    kind: AlertKind,
    text: str,
    path: str,
    channels: Collection[str],
    now: datetime,
    *,
    is_end: bool,
) -> None:
    for channel in channels:
        values = {
            'channel': channel,
            'kind': kind.value,
            'is_end': is_end,
            'text': text,
            'path': path,
            'at': now,
            'attempts': 0,
            'due_at': now,
        }
        session.execute(insert(ALERT_NOTICE_TABLE).values(values))
