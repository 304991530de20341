"""The setting of the database: `sqlite:///path` or `postgresql://user:password@host/name`."""

from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from services import texts

POSTGRESQL_DRIVERS: Final = {'postgresql', 'postgres', 'postgresql+psycopg'}


def parse_database_url(text: str) -> URL:
    """Parse the URL of a database.

    Raises:
        ValueError: it is none of an engine that the journal knows; the message is for the administrator.
    """
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise ValueError(texts.SETTING_NO_DATABASE) from None
    if url.drivername in POSTGRESQL_DRIVERS:
        return url.set(drivername='postgresql+psycopg')
    if url.drivername != 'sqlite':
        raise ValueError(texts.SETTING_NO_DATABASE)
    if url.database in {None, '', ':memory:'} or url.host:
        raise ValueError(texts.SETTING_NO_FILE)
    return url.set(database=str(Path(url.database or '').absolute()))
