"""Remove words that occur in no name any more from the dictionary of the text search.

The dictionary is written by triggers (services.database.indexes), which only add words.
"""

from functools import partial
from typing import Final

from sqlalchemy import bindparam, text
from sqlmodel import Session

from services.database.engine import Database
from services.ingest.ingest_batch import acquire_writer_lock
from services.retention.removal import BATCH_SIZE, SECURE_DELETE

UNUSED_WORDS: Final = text("""
    SELECT word FROM word WHERE word > :after AND substr(word, 1, 1) <> '.'
        AND NOT EXISTS (SELECT 1 FROM word_total WHERE word_total.word = word.word)
    ORDER BY word LIMIT :most
""")
"""Reads words that no message has; initials, which begin with a full stop, are no part of `word_total`."""
STILL_UNUSED: Final = text("""
    SELECT word FROM word WHERE word IN :words
        AND NOT EXISTS (SELECT 1 FROM word_total WHERE word_total.word = word.word)
""").bindparams(bindparam('words', expanding=True))
DELETE_WORD: Final = text('DELETE FROM word WHERE word = :word')
DELETE_PART: Final = text('DELETE FROM word_part WHERE part = :part AND word = :word')


def remove_unused_words(database: Database) -> None:
    """Remove the words in small transactions; blocks.

    Raises:
        DatabaseError: see services.errors.
    """
    after = ''
    while words := database.read_sync(partial(_read_unused, after=after)):
        database.write_sync(partial(_delete, words=words))
        after = words[-1]


def _read_unused(session: Session, after: str) -> list[str]:
    return list(session.execute(UNUSED_WORDS, {'after': after, 'most': BATCH_SIZE}).scalars())


def _delete(session: Session, words: list[str]) -> None:
    connection = session.connection()
    if connection.dialect.name == 'sqlite':
        connection.exec_driver_sql(SECURE_DELETE)
    # A message with such a word may have arrived since; from here on, none can.
    acquire_writer_lock(session)
    unused = session.execute(STILL_UNUSED, {'words': words}).scalars().all()
    if unused:
        parts = [{'word': word, 'part': part} for word in unused for part in _parts(word)]
        connection.execute(DELETE_PART, parts)
        connection.execute(DELETE_WORD, [{'word': word} for word in unused])


def _parts(word: str) -> list[str]:
    """Return the suffixes of a word, as the dictionary has them: without the hyphen of a double name."""
    letters = word.replace('-', '')
    return [letters[start:] for start in range(len(letters))]
