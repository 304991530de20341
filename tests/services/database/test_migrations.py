"""The database's shape: made once, refused when newer, always what the models say."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

from services.database.engine import Database
from services.database.migrations import NewerDatabaseError, migrate
from services.errors import DatabaseUnavailableError
from tests.helpers.postgres_server import PostgresServer

SEARCH_TABLES = ('message_search', 'word')
"""Made by hand for SQLite alone; their shadow tables begin with the same words."""


@pytest.fixture(params=['sqlite', 'postgresql'])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that has no table yet."""
    if request.param == 'sqlite':
        yield f'sqlite:///{tmp_path}/new/journal.db'
        return
    server: PostgresServer = request.getfixturevalue('postgres')
    yield server.create('no_table_yet')
    server.drop('no_table_yet')


def test_two_that_migrate_at_once_do_it_once(empty_url: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(migrate, [empty_url, empty_url]))
    migrate(empty_url)
    database = Database(empty_url)
    state = database.read_sync(lambda session: session.execute(text('SELECT next_arrival FROM journal_state')).all())
    database.close()
    assert [tuple(row) for row in state] == [(1,)]


def test_postgresql_is_asked_for_one_extension(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    there = database.read_sync(
        lambda session: session.execute(text('SELECT extname FROM pg_extension')).scalars().all()
    )
    database.close()
    assert set(there) == {'plpgsql', 'btree_gin'}


def test_a_newer_database_is_refused(database: Database) -> None:
    database.write_sync(lambda session: session.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(NewerDatabaseError, match='9999'):
        migrate(database.url.render_as_string(hide_password=False))


# SQLAlchemy cannot read an index over an expression back; the models know of no index anyway.
@pytest.mark.filterwarnings('ignore:Skipped unsupported reflection of expression-based index')
def test_the_migrations_make_what_the_models_say(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                'include_name': lambda name, kind, _: not (kind == 'table' and name and name.startswith(SEARCH_TABLES))
            },
        )
        differences = compare_metadata(context, SQLModel.metadata)
    engine.dispose()
    # Indexes stand in the migrations alone: each engine has its own.
    assert [found for found in differences if found[0] != 'remove_index'] == []


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / 'journal.db').write_text('Журнал' * 1000)
    with pytest.raises(DatabaseUnavailableError, match='not a database'):
        migrate(f'sqlite:///{tmp_path}/journal.db')


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('')
    with pytest.raises(DatabaseUnavailableError, match='file'):
        migrate(f'sqlite:///{tmp_path}/file/journal.db')
