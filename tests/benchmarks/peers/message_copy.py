"""The peers' database: a copy of the messages of the journal in plain columns, shared by all peers.

The columns are those of an ordinary schema, without regard to the searches of the journal. The folded name is added,
because SQLite does not fold Cyrillic. There are indexes on the keys, the time, the phone, the name and the status; on
SQLite also a trigram index of names, for the variant of Datasette that searches parts of words.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.engine import URL, make_url

ORGANIZATIONS = 'SELECT id, name FROM {journal}organization'
NEWEST = 'SELECT count(*), coalesce(max(place), 0) FROM {journal}message'
COPY_STATE = 'SELECT messages, newest FROM peer_copied'
# The key of the copy is the number of arrival, which is the low 30 bits of `place`; the seconds are above them.
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
TRIGRAM_TABLE = 'peer_fragments'
# Datasette does not recognize this quoting of `content`, so that it still uses the index of words for the table.
TRIGRAM_INDEX = f"""
    CREATE VIRTUAL TABLE {TRIGRAM_TABLE} USING fts5(name_key, content='peer_message', tokenize='trigram');
    INSERT INTO {TRIGRAM_TABLE} (rowid, name_key) SELECT id, name_key FROM peer_message;
    INSERT INTO {TRIGRAM_TABLE} ({TRIGRAM_TABLE}) VALUES ('optimize');
"""


class ForeignDatabaseError(Exception):
    """The database given for the peers has other tables, which must not be overwritten."""


def journal_state(journal: str) -> tuple[int, int]:
    """Return the number of messages and the greatest sort key of a journal, which identify its copy."""
    engine = create_engine(journal)
    with engine.connect() as connection:
        messages, sort_key = connection.execute(text(NEWEST.format(journal=''))).one()
    engine.dispose()
    return messages, sort_key


def is_copied(journal: str, peers: str) -> bool:
    """Return whether the peers' database already has the messages of a journal, both given by URL.

    Raises:
        ForeignDatabaseError: the database has other tables.
    """
    engine = create_engine(peers)
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        if tables and 'peer_copied' not in tables:
            raise ForeignDatabaseError(peers)
        copy_state = connection.execute(text(COPY_STATE)).tuples().first() if tables else None
    engine.dispose()
    return copy_state == journal_state(journal)


def copy_messages(journal: str, peers: str) -> None:
    """Replace the messages in the peers' database by those of a journal, both given by URL."""
    source, target = make_url(journal), make_url(peers)
    if source.get_backend_name() == 'sqlite':
        _copy_sqlite(source, target)
    else:
        _copy_postgresql(source, target)


def mark_complete(journal: str, peers: str) -> None:
    """Record that the copy and the tables of each peer are complete, so that the next run does not create them."""
    messages, sort_key = journal_state(journal)
    engine = create_engine(peers)
    with engine.begin() as connection:
        connection.execute(text(f'INSERT INTO peer_copied VALUES ({messages}, {sort_key})'))
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
        connection.executescript(TRIGRAM_INDEX)


def _copy_postgresql(journal: URL, peers: URL) -> None:
    source, target = create_engine(journal), create_engine(peers, isolation_level='AUTOCOMMIT')
    with source.connect() as reading, target.connect() as writing:
        writing.execute(text('DROP TABLE IF EXISTS peer_message, peer_organization, peer_copied'))
        for statement in TABLES.format(**TYPES['postgresql']).split(';')[:-1]:
            writing.execute(text(statement))
        _copy_rows(reading, writing, ORGANIZATIONS.format(journal=''), 'peer_organization')
        _copy_rows(reading, writing, POSTGRESQL_MESSAGES, 'peer_message')
        writing.execute(text("SET maintenance_work_mem = '512MB'"))
        for statement in INDEXES.split(';')[:-1]:
            writing.execute(text(statement))
        writing.execute(text('VACUUM ANALYZE peer_message, peer_organization'))
        # A query whose client has disconnected must not run during the next measurement.
        name = writing.dialect.identifier_preparer.quote(str(peers.database))
        writing.execute(text(f"ALTER DATABASE {name} SET client_connection_check_interval = '500ms'"))
    source.dispose()
    target.dispose()


def _copy_rows(reading: Connection, writing: Connection, statement: str, table: str) -> None:
    """Copy the rows of a statement to a table of another database; PostgreSQL cannot query across databases."""
    source, target = _driver(reading), _driver(writing)
    with (
        source.cursor().copy(f'COPY ({statement}) TO STDOUT (FORMAT BINARY)') as out,
        target.cursor().copy(f'COPY {table} FROM STDIN (FORMAT BINARY)') as into,
    ):
        for block in out:
            into.write(block)


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
