"""Names and phones on SQLite: the words of the names and the digits of the phones in one full-text index.

A fragment of a name is first turned into the words that contain it, then those words are looked for; so fragments
anywhere in a word cost what whole words cost. See migration 0003 for the tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    and_,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
)
from sqlmodel import Session, SQLModel

from services.messages.search import TextSearch
from services.names import Reading

message = SQLModel.metadata.tables['message']
index = table('message_search', column('rowid'), column('message_search'))
LEADING_KEY = literal_column('+message_search.rowid', Integer)
"""The plus keeps SQLite from reading every message and asking the index about each: the index leads."""

in_brief = table(
    'message_in_brief',
    *(column(name, message.c[name].type) for name in ('place', 'cost', 'organization_id', 'kind', 'status')),
)

TRIGRAM = 3
"""The shortest fragment that the index of words' parts can find."""
TOKEN_DIGITS = 4
"""How many digits of a phone make one token."""
MOST_WORDS = 150
"""A fragment in more words than this is so common that reading the newest rows finds a page of it sooner."""
MOST_WORDS_COUNTED = 1_000
"""Counting goes through all rows anyway, and is quicker by the index up to more words than a page is."""


@dataclass(frozen=True)
class Found:
    """Where the rows of a text search come from, the key of them, what has their columns, what must hold of them."""

    source: FromClause
    place: ColumnElement[int]
    rows: FromClause
    conditions: Sequence[ColumnElement[bool]]


def find(
    session: Session, search: TextSearch, period: Sequence[ColumnElement[bool]], *, few: int | None, brief: bool
) -> Found:
    """Find out how the rows of a text search are best found.

    Args:
        session: reads the words that a fragment stands for.
        search: what is looked for.
        period: holds of the index's rows in the period asked for.
        few: how many messages fit the other conditions, if so few that reading them all is a choice. The smaller set
            drives: of a common name in one organisation, that organisation's messages are read, not the name's.
        brief: whether the brief view has all that is wanted of a row.
    """
    if search.phone and search.phone.whole:
        # Few messages go to one number, and their index is in the order of the list.
        return Found(message, message.c.place, message, _read_through(search))
    tokens, conditions = [], []
    most_words = MOST_WORDS_COUNTED if brief else MOST_WORDS
    for found, plain in (_names(session, search, most_words), _phone(search)):
        tokens += found
        conditions += plain
    if tokens:
        match = index.c.message_search.op('MATCH')(' AND '.join(f'({token})' for token in tokens))
        if few is None or not _reaches(session, [match, *period], few):
            rows = in_brief if brief and not conditions else message
            joined = index.join(rows, rows.c.place == LEADING_KEY)
            return Found(joined, index.c.rowid, rows, [match, *conditions])
    return Found(message, message.c.place, message, _read_through(search))


def _reaches(session: Session, conditions: Sequence[ColumnElement[bool]], most: int) -> bool:
    """Say whether the index has at least so many rows; counts no further."""
    hits = select(index.c.rowid).where(*conditions).limit(most).subquery()
    reached: int = session.execute(select(func.count()).select_from(hits)).scalar_one()
    return reached >= most


def _names(session: Session, search: TextSearch, most_words: int) -> tuple[list[str], list[ColumnElement[bool]]]:
    """Give the tokens to look for, or where those are too many the condition to hold each row against."""
    if not search.names:
        return [], []
    expressions = []
    for reading in search.names:
        expression = _expression(session, reading, most_words)
        if expression is None:
            return [], [_fits_any(search)]
        expressions.append(expression)
    return [' OR '.join(f'({expression})' for expression in expressions)], []


def _expression(session: Session, reading: Reading, most_words: int) -> str | None:
    parts = []
    for fragment in reading.fragments:
        words = _words(session, fragment, most_words + 1)
        if len(words) > most_words:
            return None
        # A fragment that no word contains must still find nothing: it stands for itself.
        parts.append(' OR '.join(map(_quoted, words or [fragment])))
    if reading.given:
        parts.append(_quoted(f'.1{reading.given}'))
    if reading.patronymic:
        parts.append(_quoted(f'.2{reading.patronymic}'))
    return ' AND '.join(f'({part})' for part in parts)


def _words(session: Session, fragment: str, most: int) -> list[str]:
    if len(fragment) >= TRIGRAM:
        asked = text('SELECT word FROM word_part WHERE word_part MATCH :fragment LIMIT :most')
        fragment = _quoted(fragment)
    else:
        asked = text('SELECT word FROM word WHERE instr(word, :fragment) LIMIT :most')
    return list(session.execute(asked, {'fragment': fragment, 'most': most}).scalars())


def _phone(search: TextSearch) -> tuple[list[str], list[ColumnElement[bool]]]:
    if not search.phone:
        return [], []
    digits = search.phone.digits
    if len(digits) < TOKEN_DIGITS:
        return [], [func.instr(message.c.phone, digits) > 0]
    starts = [*range(0, len(digits) - TOKEN_DIGITS, TOKEN_DIGITS), len(digits) - TOKEN_DIGITS]
    tokens = [_quoted(f'-{digits[start : start + TOKEN_DIGITS]}') for start in starts]
    exact = [] if len(digits) == TOKEN_DIGITS else [func.instr(message.c.phone, digits) > 0]
    return tokens, exact


def _read_through(search: TextSearch) -> list[ColumnElement[bool]]:
    """Say what must hold of a row that was found in another way."""
    found = [_fits_any(search)] if search.names else []
    if search.phone:
        whole = f'+{search.phone.digits}'
        found.append(
            message.c.phone == whole if search.phone.whole else func.instr(message.c.phone, search.phone.digits) > 0
        )
    return found


def _fits_any(search: TextSearch) -> ColumnElement[bool]:
    return or_(*(_fits(reading) for reading in search.names))


def _fits(reading: Reading) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [func.instr(message.c.name_key, fragment) > 0 for fragment in reading.fragments]
    if reading.given:
        parts.append(func.substr(message.c.initials, 1, 1) == literal(reading.given))
    if reading.patronymic:
        parts.append(func.substr(message.c.initials, 2, 1) == literal(reading.patronymic))
    return and_(*parts)


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'
