"""Check the structures of the database engine, and that the search index contains the stored messages."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlmodel import Session

from services import texts
from services.database.tables import MESSAGE_TABLE
from services.messages.search.dialects.dialect import dialect_module
from services.messages.search.dialects.sqlite_dialect import index_params
from services.verification.check_result import CheckOutput, SkippedCheck

SAMPLE_SIZE = 200
"""The number of messages, spread over the whole journal, whose words are looked up in the search index."""
SORT_KEY_BOUNDS = text('SELECT min(place), max(place) FROM message')
WORD_IS_INDEXED = text('SELECT 1 FROM message_search WHERE message_search MATCH :match AND rowid = :place')
WORD_IS_KNOWN = text('SELECT 1 FROM word WHERE word = :word')
AMCHECK_IS_INSTALLED = text("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'")
BTREE_INDEXES = text("""
    SELECT c.oid, c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
    JOIN pg_class t ON t.oid = i.indrelid
    WHERE a.amname = 'btree' AND t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r'
    ORDER BY c.relname
""")
CHECK_INDEX = text('SELECT bt_index_check(CAST(:index AS oid)::regclass)')


def find_damage(session: Session, _: ZoneInfo) -> Iterator[CheckOutput]:
    """Yield each message of a sample that the search index does not contain, and the damage the engine reports."""
    connection = session.connection()
    sqlite = connection.dialect.name == 'sqlite'
    dialect = dialect_module(connection.dialect.name)
    for sort_key, name in _sample_names(connection, dialect.SEARCH_WORDS):
        for word in name.split():
            if connection.execute(WORD_IS_KNOWN, {'word': word}).first() is None:
                yield texts.VERIFY_WORD_UNKNOWN.format(sort_key=sort_key)
            elif sqlite:
                result = connection.execute(WORD_IS_INDEXED, {**index_params([[[word]]]), 'place': sort_key})
                if result.first() is None:
                    yield texts.VERIFY_WORD_NOT_INDEXED.format(sort_key=sort_key)
    yield from _sqlite_damage(connection) if sqlite else _postgresql_damage(connection)


def _sample_names(connection: Connection, name: ColumnElement[str]) -> Iterator[tuple[int, str]]:
    first, last = connection.execute(SORT_KEY_BOUNDS).one()
    if first is None:
        return
    seen = set()
    for number in range(SAMPLE_SIZE):
        start = first + (last - first) * number // SAMPLE_SIZE
        next_message = select(MESSAGE_TABLE.c.place, name.label('name')).where(MESSAGE_TABLE.c.place >= start)
        row = connection.execute(next_message.order_by(MESSAGE_TABLE.c.place).limit(1)).first()
        if row and row.place not in seen:
            seen.add(row.place)
            yield row.place, row.name


def _sqlite_damage(connection: Connection) -> Iterator[CheckOutput]:
    for (line,) in connection.execute(text('PRAGMA integrity_check(20)')):
        if line != 'ok':
            yield line


def _postgresql_damage(connection: Connection) -> Iterator[CheckOutput]:
    if connection.execute(AMCHECK_IS_INSTALLED).first() is None:
        yield SkippedCheck(texts.VERIFY_NO_AMCHECK)
        return
    for oid, name in connection.execute(BTREE_INDEXES).all():
        try:
            connection.execute(CHECK_INDEX, {'index': oid})
        except ProgrammingError:
            yield SkippedCheck(texts.VERIFY_NO_AMCHECK)
            return
        except DBAPIError as error:
            yield f'{name}: {str(error.orig).partition(chr(10))[0]}'
            return
