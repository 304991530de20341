"""What the engine says of its own structures, and whether the search knows the messages that are there."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlmodel import Session

from services import texts
from services.ingest.ingest_batch import MESSAGE
from services.messages.search import statements
from services.messages.search.sqlite_dialect import asked_for
from services.verification.check_result import Found, Note

SAMPLES = 200
"""Messages, spread over the whole journal, that are looked for by their words."""
BOUNDS = text('SELECT min(place), max(place) FROM message')
IN_INDEX = text('SELECT 1 FROM message_search WHERE message_search MATCH :match AND rowid = :place')
KNOWN = text('SELECT 1 FROM word WHERE word = :word')
AMCHECK = text("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'")
INDEXES = text("""
    SELECT c.oid, c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
    JOIN pg_class t ON t.oid = i.indrelid
    WHERE a.amname = 'btree' AND t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r'
    ORDER BY c.relname
""")
CHECK_INDEX = text('SELECT bt_index_check(CAST(:index AS oid)::regclass)')


def damage(session: Session, _: ZoneInfo) -> Iterator[Found]:
    """Say what the engine finds damaged, and each message of a sample that the search does not know."""
    connection = session.connection()
    sqlite = connection.dialect.name == 'sqlite'
    ours = statements.dialect(connection.dialect.name)
    for place, name in _sample(connection, ours.NAME):
        for word in name.split():
            if connection.execute(KNOWN, {'word': word}).first() is None:
                yield texts.VERIFY_WORD.format(place=place)
            elif sqlite:
                found = connection.execute(IN_INDEX, {**asked_for([[[word]]]), 'place': place})
                if found.first() is None:
                    yield texts.VERIFY_NOT_FOUND.format(place=place)
    yield from _sqlite(connection) if sqlite else _postgresql(connection)


def _sample(connection: Connection, name: ColumnElement[str]) -> Iterator[tuple[int, str]]:
    first, last = connection.execute(BOUNDS).one()
    if first is None:
        return
    seen = set()
    for number in range(SAMPLES):
        start = first + (last - first) * number // SAMPLES
        next_one = select(MESSAGE.c.place, name.label('name')).where(MESSAGE.c.place >= start)
        row = connection.execute(next_one.order_by(MESSAGE.c.place).limit(1)).first()
        if row and row.place not in seen:
            seen.add(row.place)
            yield row.place, row.name


def _sqlite(connection: Connection) -> Iterator[Found]:
    for (line,) in connection.execute(text('PRAGMA integrity_check(20)')):
        if line != 'ok':
            yield line


def _postgresql(connection: Connection) -> Iterator[Found]:
    if connection.execute(AMCHECK).first() is None:
        yield Note(texts.VERIFY_NO_AMCHECK)
        return
    for oid, name in connection.execute(INDEXES).all():
        try:
            connection.execute(CHECK_INDEX, {'index': oid})
        except ProgrammingError:
            yield Note(texts.VERIFY_NO_AMCHECK)
            return
        except DBAPIError as error:
            yield f'{name}: {str(error.orig).partition(chr(10))[0]}'
            return
