"""Databases as earlier versions of the program have created them, and single migrations."""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, create_engine, insert, select, table, text

import models.migrations
from services import names
from services.database.engine import Database
from services.demo import demo_data
from services.dictionaries.name_folding import fold_sort_name
from tests.helpers.generated_journal import COUNT, insert_known_columns
from tests.helpers.reference_messages import MOSCOW, NOON

ORGANIZATION = table('organization', column('id'), column('name'), column('name_key'))
"""The columns that the table has had since the first version."""


def create_old_database(url: str, revision: str, fill: Callable[[Connection], None] = lambda connection: None) -> None:
    """Create the schema of an earlier revision in an empty database, and fill it in the same transaction."""
    engine = create_engine(url)
    if engine.dialect.name == 'sqlite' and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    with engine.begin() as connection:
        command.upgrade(_config(connection), revision)
        fill(connection)
    engine.dispose()


def run_migration(url: str, revision: str) -> None:
    """Run one migration, which changes data but not the schema, on a database with the newest schema."""
    engine = create_engine(url)
    with engine.begin() as connection:
        config = _config(connection)
        newest = ScriptDirectory.from_config(config).get_current_head()
        previous = ScriptDirectory.from_config(config).get_revision(revision).down_revision
        set_revision = text('UPDATE alembic_version SET version_num = :revision')
        connection.execute(set_revision, {'revision': previous})
        command.upgrade(config, revision)
        connection.execute(set_revision, {'revision': newest})
    engine.dispose()


def copy_generated_messages(source_url: str, target_url: str) -> None:
    """Generate messages in a database with the newest schema, and insert them into one of an earlier version."""
    with closing(Database(source_url)) as source, closing(Database(target_url)) as target:
        rows = list(demo_data.generate_messages(source, MOSCOW, today=NOON.date(), count=COUNT, seed=1, now=NOON))
        organizations = source.read_sync(lambda session: session.execute(select(ORGANIZATION)).all())
        added = insert(ORGANIZATION).values([each._asdict() for each in organizations])
        target.write_sync(lambda session: session.execute(added))
        target.write_sync(partial(insert_known_columns, rows=rows))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option('script_location', str(Path(models.migrations.__file__).parent))
    config.attributes.update(
        connection=connection,
        fold_name=names.fold_name,
        initials=names.initials,
        fold_sort_name=fold_sort_name,
    )
    return config
