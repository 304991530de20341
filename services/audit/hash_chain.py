"""The chain of access records: each holds the hash of the one before, so that no change goes unseen."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, SQLModel

from models import Act
from services import texts
from services.names import fold

RECORD = SQLModel.metadata.tables['access_record']
HEAD = SQLModel.metadata.tables['access_head']
LOCK = select(HEAD.c.number, HEAD.c.hash).with_for_update()
"""On SQLite a writing transaction is alone from its beginning."""
INSERT = RECORD.insert()
MOVE = update(HEAD).values(number=bindparam('newest'), hash=bindparam('last'))
BEGINNING: Final = '0' * 64
"""What the first record has for the hash of the one before."""
LONGEST: Final = 2_000
"""Characters of a text in a record; what is typed past them is cut off."""
HASHED: Final = (
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


TERMINAL: Final = Actor(None, texts.ACCESS_TERMINAL, '')
"""Whoever may give commands on the server itself."""


@dataclass(frozen=True)
class Entry:
    """What is to be recorded; see models.AccessRecord for the fields."""

    at: datetime
    actor: Actor
    act: Act
    section: str = ''
    what: str = ''
    about: str | None = None
    found: int | None = None
    continues: int | None = None


def append(session: Session, entries: Sequence[Entry]) -> list[int]:
    """Write records in the session's transaction, and give their numbers; other writers wait for its end."""
    connection = session.connection()
    number, last = connection.execute(LOCK).one()
    rows = []
    for entry in entries:
        number += 1
        row = _row(entry, number, last)
        last = row['hash']
        rows.append(row)
    connection.execute(INSERT, rows if len(rows) > 1 else rows[0])
    connection.execute(MOVE, {'newest': number, 'last': last})
    return [row['number'] for row in rows]


def digest(record: dict[str, Any]) -> str:
    """Give the hash that a record must have, by the columns that HASHED names."""
    values = [record[name] for name in HASHED]
    values[HASHED.index('at')] = record['at'].astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')
    values[HASHED.index('act')] = int(record['act'])
    written = json.dumps(values, ensure_ascii=False, separators=(',', ':'))
    return hashlib.sha256(written.encode()).hexdigest()


def words(what: str, about: str | None) -> str:
    """Give what a record is found by."""
    return fold(f'{what} {about or ""}')


def _row(entry: Entry, number: int, previous: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        'number': number,
        'at': entry.at,
        'account_id': entry.actor.account_id,
        'name': _sound(entry.actor.name),
        'address': _sound(entry.actor.address),
        'act': entry.act,
        'section': _sound(entry.section),
        'what': _sound(entry.what),
        'about': None if entry.about is None else _sound(entry.about),
        'found': entry.found,
        'continues': entry.continues,
        'previous': previous,
    }
    return {**row, 'words': words(row['what'], row['about']), 'hash': digest(row)}


def _sound(text: str) -> str:
    """Make text that both engines keep to the letter: PostgreSQL has no zero character, nor has either half a pair."""
    return text[:LONGEST].replace('\0', '\N{REPLACEMENT CHARACTER}').encode('utf-8', 'replace').decode()
