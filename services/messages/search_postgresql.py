"""Names and phones on PostgreSQL: LIKE over trigram indexes (pg_trgm)."""

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import SQLModel

from services.messages.search import TextSearch
from services.names import Reading

TRIGRAM = 3

message = SQLModel.metadata.tables['message']


def conditions(search: TextSearch) -> list[ColumnElement[bool]]:
    """Say in SQL what a text search asks."""
    found: list[ColumnElement[bool]] = []
    if search.names:
        found.append(or_(*(_fits(reading) for reading in search.names)))
    if search.phone:
        if search.phone.whole:
            found.append(message.c.phone == f'+{search.phone.digits}')
        else:
            found.append(message.c.phone.contains(search.phone.digits))
    return found


def has_trigram(search: TextSearch) -> bool:
    """Say whether the index can find anything by what was typed: it knows three letters or digits, and no fewer."""
    long_digits = search.phone is not None and len(search.phone.digits) >= TRIGRAM
    long_names = [any(len(fragment) >= TRIGRAM for fragment in reading.fragments) for reading in search.names]
    return long_digits or (bool(long_names) and all(long_names))


def _fits(reading: Reading) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [
        message.c.name_key.contains(fragment, autoescape=True) for fragment in reading.fragments
    ]
    if reading.given:
        parts.append(func.substr(message.c.initials, 1, 1) == reading.given)
    if reading.patronymic:
        parts.append(func.substr(message.c.initials, 2, 1) == reading.patronymic)
    return and_(*parts)
