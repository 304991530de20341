"""Databases as earlier versions of the program have created them."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine

import models.migrations


def create_old_database(url: str, revision: str, fill: Callable[[Connection], None] = lambda connection: None) -> None:
    """Create the schema of an earlier revision in an empty database, and fill it in the same transaction."""
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option('script_location', str(Path(models.migrations.__file__).parent))
        config.attributes['connection'] = connection
        command.upgrade(config, revision)
        fill(connection)
    engine.dispose()
