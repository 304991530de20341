"""The hash chain of the audit log: each record contains the hash of the previous one, so that changes are detected.

Version 1 of a hash covers the fields of the record. Version 2 also covers its conditions: those about a person by their
keyed digests, so that their values can be removed without breaking the chain.
"""

import hashlib
import json
import os
import pwd
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.audit.condition_rows import RecordedCondition, storable
from services.audit.shown_rows import insert_shown_rows
from services.database.tables import ACCESS_CONDITION_TABLE, ACCESS_HEAD_TABLE, ACCESS_RECORD_TABLE
from services.errors import JournalError
from services.names import fold

HEAD = select(ACCESS_HEAD_TABLE.c.number, ACCESS_HEAD_TABLE.c.hash).where(ACCESS_HEAD_TABLE.c.id == 1)
HEAD_LOCK = HEAD.with_for_update()
"""Locks the head on PostgreSQL; on SQLite a write transaction is exclusive from its start."""
INSERT_RECORD = ACCESS_RECORD_TABLE.insert()
INSERT_CONDITION = ACCESS_CONDITION_TABLE.insert()
UPDATE_HEAD = update(ACCESS_HEAD_TABLE).values(number=bindparam('newest'), hash=bindparam('last'))
GENESIS_HASH: Final = '0' * 64
"""The previous hash of the first record."""
MAX_TEXT_LENGTH: Final = 20_000
"""The largest number of characters in a text of a record; a longer one is refused, never truncated."""
VERSION: Final = 2
"""The version of the hash of new records."""
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
"""The fields that a hash covers, in the order of hashing; a hash of version 2 also covers the version."""


class UnrecordableEventError(JournalError):
    """An event cannot be recorded whole, so that the data it is about must not be displayed."""


@dataclass(frozen=True)
class Actor:
    """The user who causes an event, and the IP address they use."""

    account_id: int | None
    name: str
    address: str


COMMAND_LINE: Final = Actor(None, texts.ACCESS_TERMINAL, '')
"""The actor of commands on the server itself; a record also names the user of the operating system."""
LOGIN_USER_FILE: Final = Path('/proc/self/loginuid')
"""The user who signed in to the machine; Linux preserves it through `su` and `sudo`."""
NO_LOGIN_USER: Final = 2**32 - 1
"""What the file contains for a service."""


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
    conditions: tuple[RecordedCondition, ...] = ()
    """See services.audit.condition_rows."""
    shown: Sequence[UUID] = ()
    """The messages or documents that the event is about; `about` is then services.audit.shown_rows.subject_of them."""


def append_entries(session: Session, entries: Sequence[AuditEntry]) -> list[int]:
    """Append records in the session's transaction and return their numbers; other writers wait until it ends.

    Raises:
        UnrecordableEventError: a text is too long; nothing is recorded.
    """
    connection = session.connection()
    number, last_hash = connection.execute(HEAD_LOCK).one()
    rows: list[dict[str, Any]] = []
    condition_rows: list[dict[str, Any]] = []
    for entry in entries:
        number += 1
        conditions = [
            {'number': number, 'position': position, **condition._asdict()}
            for position, condition in enumerate(entry.conditions)
        ]
        row = _build_record(entry, number, last_hash, conditions)
        last_hash = row['hash']
        rows.append(row)
        condition_rows += conditions
    connection.execute(INSERT_RECORD, rows if len(rows) > 1 else rows[0])
    if condition_rows:
        # Before the head goes up, because later the database refuses conditions of these records.
        connection.execute(INSERT_CONDITION, condition_rows)
    insert_shown_rows(
        connection, [(row['number'], row['about'], entry.shown) for row, entry in zip(rows, entries, strict=True)]
    )
    connection.execute(UPDATE_HEAD, {'newest': number, 'last': last_hash})
    return [row['number'] for row in rows]


def command_entry(
    act: AuditEvent, what: str, *, section: str = '', about: str | None = None, found: int | None = None
) -> AuditEntry:
    """Build the entry of a command, at the present time; see AuditEntry."""
    return AuditEntry(datetime.now(UTC), COMMAND_LINE, act, section, what, about, found)


def record_hash(record: Mapping[str, Any], conditions: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return the hash of a record, computed from the columns in HASHED_FIELDS and from its conditions by position."""
    values: list[Any] = [record[name] for name in HASHED_FIELDS]
    values[HASHED_FIELDS.index('at')] = record['at'].astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')
    values[HASHED_FIELDS.index('act')] = int(record['act'])
    if record['version'] != 1 or conditions:
        # A value with a digest may be removed later; a value without one stays.
        values += [
            record['version'],
            [
                [each['position'], int(each['kind']), each['digest'], None if each['digest'] else each['value']]
                for each in conditions
            ],
        ]
    serialized = json.dumps(values, ensure_ascii=False, separators=(',', ':'))
    return hashlib.sha256(serialized.encode()).hexdigest()


def search_text(what: str, about: str | None) -> str:
    """Return the folded text that the substring search of the audit log uses."""
    return fold(f'{what} {about or ""}')


def _build_record(
    entry: AuditEntry, number: int, previous: str, conditions: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    row: dict[str, Any] = {
        'number': number,
        'at': entry.at,
        'account_id': entry.actor.account_id,
        'name': _sanitize(_actor_name(entry.actor)),
        'address': _sanitize(entry.actor.address),
        'act': entry.act,
        'section': _sanitize(entry.section),
        'what': _sanitize(entry.what),
        'about': None if entry.about is None else _sanitize(entry.about),
        'found': entry.found,
        'continues': entry.continues,
        'previous': previous,
        'version': VERSION,
    }
    return {**row, 'words': search_text(row['what'], row['about']), 'hash': record_hash(row, conditions)}


def _actor_name(actor: Actor) -> str:
    if actor != COMMAND_LINE:
        return actor.name
    user = _user_name(os.getuid())
    try:
        login = int(LOGIN_USER_FILE.read_text())
    except (OSError, ValueError):
        login = NO_LOGIN_USER
    if login not in (NO_LOGIN_USER, os.getuid()):
        user = texts.ACCESS_TERMINAL_LOGIN.format(user=user, login=_user_name(login))
    return texts.ACCESS_TERMINAL_USER.format(actor=actor.name, user=user)


def _user_name(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return str(user_id)


def _sanitize(text: str) -> str:
    """Replace what not both engines can store: U+0000 and unpaired surrogates.

    Raises:
        UnrecordableEventError: the text is too long.
    """
    if len(text) > MAX_TEXT_LENGTH:
        raise UnrecordableEventError(f'a text of {len(text)} characters')
    return storable(text)
