"""Names and phones on SQLite: the words of the names and the digits of the phones in one full-text index.

A fragment of a name is first turned into the words that contain it, then those words are looked for; so fragments
anywhere in a word cost what whole words cost. See migration 0003 for the tokens.
"""

from sqlalchemy import ColumnElement, FromClause, and_, column, func, literal, or_, table, text
from sqlmodel import Session, SQLModel

from services.messages.search import TextSearch
from services.names import Reading

message = SQLModel.metadata.tables['message']
index = table('message_search', column('rowid'), column('message_search'), column('rank'))

TRIGRAM = 3
"""The shortest fragment that the index of words' parts can find."""
TOKEN_DIGITS = 4
"""How many digits of a phone make one token."""
MOST_WORDS = 300
"""A fragment in more words than this is so common that reading the newest rows finds a page of it sooner."""


def source(session: Session, search: TextSearch) -> tuple[FromClause, ColumnElement[int], list[ColumnElement[bool]]]:
    """Give what to select from, the key of its rows, and what must hold of them."""
    tokens, conditions = [], []
    for found, plain in (_names(session, search), _phone(search)):
        tokens += found
        conditions += plain
    if not tokens:
        return message, message.c.place, conditions
    match = ' AND '.join(f'({token})' for token in tokens)
    joined = index.join(message, message.c.place == index.c.rowid)
    return joined, index.c.rowid, [index.c.message_search.op('MATCH')(match), *conditions]


def _names(session: Session, search: TextSearch) -> tuple[list[str], list[ColumnElement[bool]]]:
    """Give the tokens to look for, or where those are too many the condition to hold each row against."""
    if not search.names:
        return [], []
    expressions = []
    for reading in search.names:
        expression = _expression(session, reading)
        if expression is None:
            return [], [or_(*(_fits(other) for other in search.names))]
        expressions.append(expression)
    return [' OR '.join(f'({expression})' for expression in expressions)], []


def _expression(session: Session, reading: Reading) -> str | None:
    parts = []
    for fragment in reading.fragments:
        words = _words(session, fragment)
        if len(words) > MOST_WORDS:
            return None
        # A fragment that no word contains must still find nothing: it stands for itself.
        parts.append(' OR '.join(map(_quoted, words or [fragment])))
    if reading.given:
        parts.append(_quoted(f'.1{reading.given}'))
    if reading.patronymic:
        parts.append(_quoted(f'.2{reading.patronymic}'))
    return ' AND '.join(f'({part})' for part in parts)


def _words(session: Session, fragment: str) -> list[str]:
    if len(fragment) >= TRIGRAM:
        asked = text('SELECT word FROM word_part WHERE word_part MATCH :fragment LIMIT :most')
        fragment = _quoted(fragment)
    else:
        asked = text('SELECT word FROM word WHERE instr(word, :fragment) LIMIT :most')
    return list(session.execute(asked, {'fragment': fragment, 'most': MOST_WORDS + 1}).scalars())


def _phone(search: TextSearch) -> tuple[list[str], list[ColumnElement[bool]]]:
    if not search.phone:
        return [], []
    digits = search.phone.digits
    if search.phone.whole:
        return [], [message.c.phone == f'+{digits}']
    if len(digits) < TOKEN_DIGITS:
        return [], [func.instr(message.c.phone, digits) > 0]
    starts = [*range(0, len(digits) - TOKEN_DIGITS, TOKEN_DIGITS), len(digits) - TOKEN_DIGITS]
    tokens = [_quoted(f'-{digits[start : start + TOKEN_DIGITS]}') for start in starts]
    exact = [] if len(digits) == TOKEN_DIGITS else [func.instr(message.c.phone, digits) > 0]
    return tokens, exact


def _fits(reading: Reading) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [func.instr(message.c.name_key, fragment) > 0 for fragment in reading.fragments]
    if reading.given:
        parts.append(func.substr(message.c.initials, 1, 1) == literal(reading.given))
    if reading.patronymic:
        parts.append(func.substr(message.c.initials, 2, 1) == literal(reading.patronymic))
    return and_(*parts)


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'
