"""The hash chain of the audit log: each record contains the hash of the previous one, so that changes are detected."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.database.tables import ACCESS_HEAD_TABLE, ACCESS_RECORD_TABLE
from services.names import fold

HEAD_LOCK = select(ACCESS_HEAD_TABLE.c.number, ACCESS_HEAD_TABLE.c.hash).with_for_update()
"""Locks the head on PostgreSQL; on SQLite a write transaction is exclusive from its start."""
INSERT_RECORD = ACCESS_RECORD_TABLE.insert()
UPDATE_HEAD = update(ACCESS_HEAD_TABLE).values(number=bindparam('newest'), hash=bindparam('last'))
GENESIS_HASH: Final = '0' * 64
"""The previous hash of the first record."""
MAX_TEXT_LENGTH: Final = 2_000
"""The largest number of characters in a text of a record; longer texts are truncated."""
HASHED_FIELDS: Final = (
    'number',
    'at',
    'account_id',
    'name',
    'address',
    'act',
    'section',
    'what',
    'about',
    'found',
    'continues',
    'previous',
)
"""The fields that a hash covers, in the order of hashing."""


@dataclass(frozen=True)
class Actor:
    """The user who causes an event, and the IP address they use."""

    account_id: int | None
    name: str
    address: str


COMMAND_LINE: Final = Actor(None, texts.ACCESS_TERMINAL, '')
"""The actor of commands on the server itself."""


@dataclass(frozen=True)
class AuditEntry:
    """An event to record; see models.AccessRecord for the fields."""

    at: datetime
    actor: Actor
    act: AuditEvent
    section: str = ''
    what: str = ''
    about: str | None = None
    found: int | None = None
    continues: int | None = None


def append_entries(session: Session, entries: Sequence[AuditEntry]) -> list[int]:
    """Append records in the session's transaction and return their numbers; other writers wait until it ends."""
    connection = session.connection()
    number, last_hash = connection.execute(HEAD_LOCK).one()
    rows = []
    for entry in entries:
        number += 1
        row = _build_record(entry, number, last_hash)
        last_hash = row['hash']
        rows.append(row)
    connection.execute(INSERT_RECORD, rows if len(rows) > 1 else rows[0])
    connection.execute(UPDATE_HEAD, {'newest': number, 'last': last_hash})
    return [row['number'] for row in rows]


def record_hash(record: dict[str, Any]) -> str:
    """Return the hash of a record, computed from the columns in HASHED_FIELDS."""
    values = [record[name] for name in HASHED_FIELDS]
    values[HASHED_FIELDS.index('at')] = record['at'].astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')
    values[HASHED_FIELDS.index('act')] = int(record['act'])
    serialized = json.dumps(values, ensure_ascii=False, separators=(',', ':'))
    return hashlib.sha256(serialized.encode()).hexdigest()


def search_text(what: str, about: str | None) -> str:
    """Return the folded text that the substring search of the audit log uses."""
    return fold(f'{what} {about or ""}')


def _build_record(entry: AuditEntry, number: int, previous: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        'number': number,
        'at': entry.at,
        'account_id': entry.actor.account_id,
        'name': _sanitize(entry.actor.name),
        'address': _sanitize(entry.actor.address),
        'act': entry.act,
        'section': _sanitize(entry.section),
        'what': _sanitize(entry.what),
        'about': None if entry.about is None else _sanitize(entry.about),
        'found': entry.found,
        'continues': entry.continues,
        'previous': previous,
    }
    return {**row, 'words': search_text(row['what'], row['about']), 'hash': record_hash(row)}


def _sanitize(text: str) -> str:
    """Truncate a text and replace what not both engines can store: U+0000 and unpaired surrogates."""
    return text[:MAX_TEXT_LENGTH].replace('\0', '\N{REPLACEMENT CHARACTER}').encode('utf-8', 'replace').decode()
