"""Databases of earlier versions of the program."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

import models.migrations


def migrate_to(url: str, revision: str) -> None:
    """Migrate an empty database to an earlier revision of the schema."""
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option('script_location', str(Path(models.migrations.__file__).parent))
        config.attributes['connection'] = connection
        command.upgrade(config, revision)
    engine.dispose()
