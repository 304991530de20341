"""The peers' own database: one copy of the journal's messages in plain columns, shared by all of them.

The columns are what a developer would have drawn up without the journal's searches in mind, with the folded name added:
SQLite folds Cyrillic for nobody. Indexed are the keys, the time, the phone, the name and the status; on SQLite also
every three letters in a row of a name, for the Datasette that finds parts of words.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.engine import URL, make_url

ORGANIZATIONS = 'SELECT id, name FROM {journal}organization'
NEWEST = 'SELECT count(*), coalesce(max(place), 0) FROM {journal}message'
COPIED = 'SELECT messages, newest FROM peer_copied'
# The copy's key is the order of arrival, which is the low thirty bits of a place; the seconds are above them.
SQLITE_MESSAGES = """
    SELECT place & 1073741823, lower(hex(id)), recipient_name, name_key, phone, datetime(appointment_at, 'unixepoch'),
        organization_id, kind, status, datetime(place >> 30, 'unixepoch'), datetime(sent_at, 'unixepoch'),
        cost / 100.0, text, error_code, error_name
    FROM journal.message ORDER BY place
"""
POSTGRESQL_MESSAGES = """
    SELECT place & 1073741823, id, recipient_name::text, name_key::text, phone::text, appointment_at,
        organization_id, kind, status, to_timestamp(place >> 30), sent_at,
        cost::numeric / 100, text::text, error_code::text, error_name::text
    FROM message ORDER BY place
"""
TABLES = """
    CREATE TABLE peer_copied (messages BIGINT NOT NULL, newest BIGINT NOT NULL);
    CREATE TABLE peer_organization (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE peer_message (
        id {key} PRIMARY KEY, uuid {uuid} NOT NULL, recipient_name TEXT NOT NULL, name_key TEXT NOT NULL,
        phone TEXT NOT NULL, appointment_at {moment},
        organization_id INTEGER NOT NULL REFERENCES peer_organization (id),
        kind SMALLINT NOT NULL, status SMALLINT NOT NULL, moment {moment} NOT NULL, sent_at {moment},
        cost NUMERIC NOT NULL, text TEXT NOT NULL, error_code TEXT, error_name TEXT
    );
"""
TYPES = {
    'sqlite': {'key': 'INTEGER', 'uuid': 'CHAR(32)', 'moment': 'DATETIME'},
    'postgresql': {'key': 'BIGINT', 'uuid': 'UUID', 'moment': 'TIMESTAMPTZ'},
}
INDEXES = """
    CREATE UNIQUE INDEX peer_uuid ON peer_message (uuid);
    CREATE INDEX peer_moment ON peer_message (moment);
    CREATE INDEX peer_organization_id ON peer_message (organization_id);
    CREATE INDEX peer_phone ON peer_message (phone);
    CREATE INDEX peer_recipient_name ON peer_message (recipient_name);
    CREATE INDEX peer_status ON peer_message (status);
"""
FRAGMENTS = 'peer_fragments'
# Its content is quoted as Datasette does not look for, so that the table's own index stays that of words.
FRAGMENTS_INDEX = f"""
    CREATE VIRTUAL TABLE {FRAGMENTS} USING fts5(name_key, content='peer_message', tokenize='trigram');
    INSERT INTO {FRAGMENTS} (rowid, name_key) SELECT id, name_key FROM peer_message;
    INSERT INTO {FRAGMENTS} ({FRAGMENTS}) VALUES ('optimize');
"""


class NotPeers(Exception):
    """The database named for the peers holds something else, which must not be overwritten."""


def newest(journal: str) -> tuple[int, int]:
    """Give how many messages a journal has and the place of its newest: by these a copy is known to be of it."""
    engine = create_engine(journal)
    with engine.connect() as connection:
        messages, place = connection.execute(text(NEWEST.format(journal=''))).one()
    engine.dispose()
    return messages, place


def copied(journal: str, peers: str) -> bool:
    """Say whether the peers' database has a journal's messages already, both given by URL.

    Raises:
        NotPeers: see there.
    """
    engine = create_engine(peers)
    with engine.connect() as connection:
        there = inspect(connection).get_table_names()
        if there and 'peer_copied' not in there:
            raise NotPeers(peers)
        found = connection.execute(text(COPIED)).tuples().first() if there else None
    engine.dispose()
    return found == newest(journal)


def copy(journal: str, peers: str) -> None:
    """Copy a journal's messages to the peers' database, both given by URL, in place of those it has."""
    source, target = make_url(journal), make_url(peers)
    if source.get_backend_name() == 'sqlite':
        _copy_sqlite(source, target)
    else:
        _copy_postgresql(source, target)


def seal(journal: str, peers: str) -> None:
    """Note down that the copy and what each peer needs besides are complete: the next run makes neither."""
    messages, place = newest(journal)
    engine = create_engine(peers)
    with engine.begin() as connection:
        connection.execute(text(f'INSERT INTO peer_copied VALUES ({messages}, {place})'))
    engine.dispose()


def _copy_sqlite(journal: URL, peers: URL) -> None:
    assert peers.database is not None
    path = Path(peers.database).resolve()
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ('journal_mode = OFF', 'synchronous = OFF', 'cache_size = -500000'):
            connection.execute(f'PRAGMA {pragma}')
        connection.execute('ATTACH DATABASE ? AS journal', [journal.database])
        connection.executescript(TABLES.format(**TYPES['sqlite']))
        connection.execute(f'INSERT INTO peer_organization {ORGANIZATIONS.format(journal="journal.")}')
        connection.execute(f'INSERT INTO peer_message {SQLITE_MESSAGES}')
        connection.executescript(INDEXES)
        connection.execute('ANALYZE main')
        connection.executescript(FRAGMENTS_INDEX)


def _copy_postgresql(journal: URL, peers: URL) -> None:
    source, target = create_engine(journal), create_engine(peers, isolation_level='AUTOCOMMIT')
    with source.connect() as reading, target.connect() as writing:
        writing.execute(text('DROP TABLE IF EXISTS peer_message, peer_organization, peer_copied'))
        for statement in TABLES.format(**TYPES['postgresql']).split(';')[:-1]:
            writing.execute(text(statement))
        _pipe(reading, writing, ORGANIZATIONS.format(journal=''), 'peer_organization')
        _pipe(reading, writing, POSTGRESQL_MESSAGES, 'peer_message')
        writing.execute(text("SET maintenance_work_mem = '512MB'"))
        for statement in INDEXES.split(';')[:-1]:
            writing.execute(text(statement))
        writing.execute(text('VACUUM ANALYZE peer_message, peer_organization'))
        # A query whose asker has hung up must not go on beside the next one.
        name = writing.dialect.identifier_preparer.quote(str(peers.database))
        writing.execute(text(f"ALTER DATABASE {name} SET client_connection_check_interval = '500ms'"))
    source.dispose()
    target.dispose()


def _pipe(reading: Connection, writing: Connection, statement: str, table: str) -> None:
    """Pour what a statement finds in one database into a table of another: PostgreSQL cannot ask across them."""
    source, target = _driver(reading), _driver(writing)
    with (
        source.cursor().copy(f'COPY ({statement}) TO STDOUT (FORMAT BINARY)') as out,
        target.cursor().copy(f'COPY {table} FROM STDIN (FORMAT BINARY)') as into,
    ):
        for block in out:
            into.write(block)


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
