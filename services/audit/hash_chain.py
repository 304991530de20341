"""The chain of access records: each holds the hash of the one before, so that no change goes unseen."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, SQLModel

from models import AuditEvent
from services import texts
from services.names import fold

ACCESS_RECORD_TABLE = SQLModel.metadata.tables['access_record']
ACCESS_HEAD_TABLE = SQLModel.metadata.tables['access_head']
HEAD_LOCK = select(ACCESS_HEAD_TABLE.c.number, ACCESS_HEAD_TABLE.c.hash).with_for_update()
"""On SQLite a writing transaction is alone from its beginning."""
INSERT_RECORD = ACCESS_RECORD_TABLE.insert()
UPDATE_HEAD = update(ACCESS_HEAD_TABLE).values(number=bindparam('newest'), hash=bindparam('last'))
GENESIS_HASH: Final = '0' * 64
"""What the first record has for the hash of the one before."""
MAX_TEXT_LENGTH: Final = 2_000
"""Characters of a text in a record; what is typed past them is cut off."""
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
"""The fields that a hash covers, in its order."""


@dataclass(frozen=True)
class Actor:
    """Who acts, and from where."""

    account_id: int | None
    name: str
    address: str


COMMAND_LINE: Final = Actor(None, texts.ACCESS_TERMINAL, '')
"""Whoever may give commands on the server itself."""


@dataclass(frozen=True)
class AuditEntry:
    """What is to be recorded; see models.AccessRecord for the fields."""

    at: datetime
    actor: Actor
    act: AuditEvent
    section: str = ''
    what: str = ''
    about: str | None = None
    found: int | None = None
    continues: int | None = None


def append_entries(session: Session, entries: Sequence[AuditEntry]) -> list[int]:
    """Write records in the session's transaction, and give their numbers; other writers wait for its end."""
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
    """Give the hash that a record must have, by the columns that HASHED names."""
    values = [record[name] for name in HASHED_FIELDS]
    values[HASHED_FIELDS.index('at')] = record['at'].astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')
    values[HASHED_FIELDS.index('act')] = int(record['act'])
    serialized = json.dumps(values, ensure_ascii=False, separators=(',', ':'))
    return hashlib.sha256(serialized.encode()).hexdigest()


def search_text(what: str, about: str | None) -> str:
    """Give what a record is found by."""
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
    """Make text that both engines keep to the letter: PostgreSQL has no zero character, nor has either half a pair."""
    return text[:MAX_TEXT_LENGTH].replace('\0', '\N{REPLACEMENT CHARACTER}').encode('utf-8', 'replace').decode()
