"""The triggers that make the audit log append-only, and the check that they are installed unchanged.

The migrations create them (0008, 0025 to 0027). Whoever administers the database can drop or replace a trigger, change
the log and leave it consistent; therefore `access verify` reports a trigger that is not the one of the migrations.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

INSTALLED: Final = {
    'sqlite': text(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'access\\_%' ESCAPE '\\'"
    ),
    'postgresql': text("""
        SELECT tgname, concat_ws(' ', tgrelid::regclass, tgtype, tgenabled, tgqual IS NULL, tgattr, proname, prosrc)
        FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE NOT tgisinternal AND tgrelid IN (
            SELECT oid FROM pg_class
            WHERE relname LIKE 'access\\_%' AND relkind = 'r' AND relnamespace = current_schema()::regnamespace
        )
    """),
}
CHECKSUMS: Final[Mapping[str, Mapping[str, str]]] = {
    'sqlite': {
        'access_record_UPDATE': '72f0272482eac3f0',
        'access_record_DELETE': '93e446ea4ddcf5a3',
        'access_record_replace': 'dee839a30a977963',
        'access_condition_insert': 'a9c41a9bd39b097a',
        'access_condition_update': '1f6f2a541fc14dcc',
        'access_condition_delete': '94c60ddefb34f8fd',
        'access_head_insert': '9de574147fac50bf',
        'access_head_update': '44a1a4c82fc4e90f',
        'access_head_delete': 'c40025e14b002d1f',
        'access_anchor_insert': '63583c078951bdee',
        'access_anchor_update': '2d17c4a0693beb0e',
        'access_anchor_delete': '5b0adea98913d304',
        'access_shown_UPDATE': 'b0b84c5b1a794112',
        'access_shown_DELETE': '5195165785da3e12',
        'access_shown_replace': '603890041e489c21',
        'access_shown_key_UPDATE': '5443ec8e6c703017',
        'access_shown_key_DELETE': 'bd90981787296d78',
        'access_shown_key_replace': '05da5152f6d12f27',
    },
    'postgresql': {
        'access_record_update': 'b23f591e85d5586c',
        'access_record_append_only': '12a8a644f2d518cd',
        'access_condition_change': '971f119fe5d537be',
        'access_condition_append_only': '4f6ff3c07e15e95c',
        'access_head_update': '7d1233f76e5f42e4',
        'access_head_append_only': '14703d2f1c88de94',
        'access_anchor_append_only': 'b58ef684b7efc561',
        'access_shown_append_only': 'f6f0c35c1ea299dd',
        'access_shown_key_append_only': 'd318e4e0a2f25103',
    },
}
"""For each engine the names of the triggers, and the checksums of their definitions."""


def find_wrong_triggers(session: Session) -> list[str]:
    """Return the names of the triggers that are missing, switched off or changed, sorted by name."""
    dialect = session.connection().dialect.name
    installed = read_checksums(session)
    return sorted(name for name, checksum in CHECKSUMS[dialect].items() if installed.get(name) != checksum)


def read_checksums(session: Session) -> dict[str, str]:
    """Return the names of the installed triggers with the checksums of their definitions."""
    rows = session.execute(INSTALLED[session.connection().dialect.name])
    return {name: hashlib.sha256(' '.join(definition.split()).encode()).hexdigest()[:16] for name, definition in rows}
