"""Migrations: run once, reject a newer database, and create what the models declare."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import LiteralString
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, column, create_engine, delete, insert, select, table, text
from sqlmodel import Session, SQLModel

from journal_ui.cli.console import exit_on_errors
from models import CallOutcome
from models.column_types import UtcTime
from services.accounts.api_tokens import ApiTokenError, ApiTokens
from services.database.engine import Database
from services.database.tables import (
    ACCOUNT_TABLE,
    CALL_TABLE,
    LINK_TABLE,
    MESSAGE_TABLE,
    ORGANIZATION_TABLE,
    REOPENED_CALL_TABLE,
)
from services.dictionaries.name_folding import fold_entry_name
from services.errors import DatabaseUnavailableError
from services.upgrade.migrations import NewerDatabaseError, migrate
from tests.helpers.old_databases import copy_generated_messages, create_old_database
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.reference_messages import NOON

SPELLINGS = ('ГБУЗ "Ёлка"', 'MO «Eлка» № 3.', 'Вакцинация СOVID-19', 'Клиника А+', '—', 'больни\u0301ца\u00ad', 'Medsi')
SEARCH_TABLES = ('message_search', 'word')
"""Tables that only the indexes of SQLite have; the names of their shadow tables begin with these names."""


def test_concurrent_migrations_run_once(empty_url: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(migrate, [empty_url, empty_url]))
    migrate(empty_url)
    database = Database(empty_url)
    state = database.read_sync(lambda session: session.execute(text('SELECT next_arrival FROM journal_state')).all())
    database.close()
    assert [tuple(row) for row in state] == [(1,)]


@pytest.mark.parametrize('encoding', ['LATIN1', 'SQL_ASCII'])
def test_a_database_in_another_encoding_is_refused_in_one_line(
    encoding: LiteralString, postgres: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(postgres.url().replace('+psycopg', ''), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE no_utf8 TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")
    try:
        with pytest.raises(SystemExit), exit_on_errors():
            migrate(postgres.url('no_utf8'))
    finally:
        postgres.drop('no_utf8')
    printed = capsys.readouterr().err
    assert printed.count('\n') == 1
    assert f'в кодировке {encoding}, а нужна UTF8' in printed


def test_postgresql_needs_one_extension(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    extensions = database.read_sync(
        lambda session: session.execute(text('SELECT extname FROM pg_extension')).scalars().all()
    )
    database.close()
    assert set(extensions) == {'plpgsql', 'btree_gin'}


def test_a_newer_database_is_rejected(database: Database) -> None:
    database.write_sync(lambda session: session.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(NewerDatabaseError, match='9999'):
        migrate(database.url.render_as_string(hide_password=False))


def test_organizations_that_differ_only_in_typography_are_merged(empty_url: str) -> None:
    create_old_database(empty_url, '0014')
    names = ['ГБУЗ "Областная больница"', 'ГБУЗ «Областная больница»', 'Другая', 'гбуз “областная  больница”.']
    with closing(Database(empty_url)) as database:

        def fill(session: Session) -> None:
            for id, name in enumerate(names, start=1):
                add = text('INSERT INTO organization (id, name, name_key) VALUES (:id, :name, :name)')
                session.execute(add, {'id': id, 'name': name})
            # The second name has most messages.
            for id, count in ((1, 5), (2, 7), (4, 7)):
                add = text('INSERT INTO total VALUES (:id, 1, 20261100, 1, 2, :count, 0)')
                session.execute(add, {'id': id, 'count': count})

        database.write_sync(fill)
    migrate(empty_url)
    statement = text('SELECT name, name_key, folded_name, merged_into FROM organization ORDER BY id')
    with closing(Database(empty_url)) as database:
        rows = database.read_sync(lambda session: session.execute(statement).all())
    folded = 'гбуз областная больница'
    assert [tuple(row) for row in rows] == [
        (names[0], folded, None, 2),
        (names[1], folded, folded, None),
        (names[2], 'другая', 'другая', None),
        (names[3], folded, None, 2),
    ]


def test_calls_of_before_do_not_return_and_were_not_undone(empty_url: str) -> None:
    call = {'message_id': uuid4(), 'done_by': 'anna', 'done_at': NOON, 'outcome': CallOutcome.NOT_REACHED, 'note': ''}
    reopened = {**call, 'number': 1, 'reopened_by': 'boris', 'reopened_at': NOON}

    def fill(connection: Connection) -> None:
        for stored, values in ((CALL_TABLE, call), (REOPENED_CALL_TABLE, reopened)):
            old = table(stored.name, *(column(name, stored.c[name].type) for name in values))
            connection.execute(insert(old), values)

    create_old_database(empty_url, '0029', fill)
    migrate(empty_url)
    with closing(Database(empty_url)) as database:
        rows = database.read_sync(
            lambda session: [
                dict(session.execute(select(stored)).mappings().one()) for stored in (CALL_TABLE, REOPENED_CALL_TABLE)
            ]
        )
    assert rows == [{**call, 'again_at': None}, {**reopened, 'is_undone': False}]


def test_links_of_before_stay_and_further_ones_need_no_user(empty_url: str) -> None:
    link = {'key': 'k', 'query': {'name': 'Королёв'}, 'made_by': 1, 'made_at': NOON, 'used_at': NOON}
    account = {'id': 1, 'name': 'anna', 'role': 'WebAdmin', 'password_hash': '', 'must_change': False}
    account |= {'created_at': NOON, 'password_set_at': NOON}

    def fill(connection: Connection) -> None:
        for stored, values in ((ACCOUNT_TABLE, account), (LINK_TABLE, link)):
            old = table(stored.name, *(column(name, stored.c[name].type) for name in values))
            connection.execute(insert(old), values)

    create_old_database(empty_url, '0037', fill)
    migrate(empty_url)
    launch = {**link, 'key': 'l', 'made_by': None}
    with closing(Database(empty_url)) as database:
        database.write_sync(lambda session: session.execute(insert(LINK_TABLE).values(launch)))
        statement = select(LINK_TABLE).order_by(LINK_TABLE.c.key)
        rows = database.read_sync(lambda session: session.execute(statement).mappings().all())
        assert [dict(row) for row in rows] == [link, launch]
        database.write_sync(lambda session: session.execute(delete(ACCOUNT_TABLE)))
        left = database.read_sync(lambda session: session.execute(select(LINK_TABLE.c.key)).scalars().all())
    assert left == ['l'], 'the links of a user who is removed are removed'


def test_organisations_of_before_are_sorted_as_lists_show_them(empty_url: str) -> None:
    names = ['ГБУЗ МО «Ялтинская больница»', 'Больница № 1', 'ГАУЗ МО «Дубненская больница»']

    def fill(connection: Connection) -> None:
        old = table('organization', column('name'), column('name_key'), column('folded_name'))
        rows = [
            {'name': name, 'name_key': fold_entry_name(name), 'folded_name': fold_entry_name(name)} for name in names
        ]
        connection.execute(insert(old), rows)

    create_old_database(empty_url, '0037', fill)
    migrate(empty_url)
    statement = select(ORGANIZATION_TABLE.c.name).order_by(ORGANIZATION_TABLE.c.sort_name)
    with closing(Database(empty_url)) as database:
        sorted_names = database.read_sync(lambda session: session.execute(statement).scalars().all())
    assert sorted_names == [names[1], names[2], names[0]]


def test_a_token_of_an_organisation_stays_bound_to_it(empty_url: str) -> None:
    def fill(connection: Connection) -> None:
        organization = table('organization', *map(column, ('id', 'name', 'name_key', 'folded_name')))
        names = {'name': 'Больница', 'name_key': 'больница', 'folded_name': 'больница'}
        connection.execute(insert(organization), {'id': 1, **names})
        names_of_columns = ('name', 'hash', 'organization_id')
        token = table('api_token', *map(column, names_of_columns), column('created_at', UtcTime()))
        for id, organization_id in ((1, 1), (2, None)):
            values = {'name': f't{id}', 'hash': f'h{id}', 'organization_id': organization_id}
            connection.execute(insert(token), {**values, 'created_at': NOON})

    create_old_database(empty_url, '0037', fill)
    migrate(empty_url)
    with closing(Database(empty_url)) as database:
        assert [(each.name, each.organizations) for each in ApiTokens(database).list_all()] == [
            ('t1', ('Больница',)),
            ('t2', None),
        ]
        ApiTokens(database).add('new', 'Больница')
        with pytest.raises(ApiTokenError):
            ApiTokens(database).add('t1')


def test_messages_of_before_have_no_known_sender_and_channel(empty_url: str, sqlite_url: str) -> None:
    create_old_database(empty_url, '0040')
    copy_generated_messages(sqlite_url, empty_url)
    migrate(empty_url)
    columns = (MESSAGE_TABLE.c.sender, MESSAGE_TABLE.c.channel)
    with closing(Database(empty_url)) as upgraded:
        rows = upgraded.read_sync(lambda session: session.execute(select(*columns)).all())
    assert {tuple(row) for row in rows} == {(None, None)}


@pytest.mark.parametrize('name', SPELLINGS)
def test_the_migration_folds_as_the_program_does(name: str) -> None:
    folded_by_migration = import_module('models.migrations.versions.0021_dictionaries')._fold(name)
    assert folded_by_migration == fold_entry_name(name)


# SQLAlchemy cannot reflect an index over an expression. The models declare no indexes anyway.
@pytest.mark.filterwarnings('ignore:Skipped unsupported reflection of expression-based index')
def test_the_migrations_create_what_the_models_declare(database_url: str) -> None:
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
    # The models declare no indexes, because each engine has its own.
    assert [difference for difference in differences if difference[0] != 'remove_index'] == []


def test_a_file_that_is_not_a_database_is_reported(tmp_path: Path) -> None:
    (tmp_path / 'journal.db').write_text('Журнал' * 1000)
    with pytest.raises(DatabaseUnavailableError, match='not a database'):
        migrate(f'sqlite:///{tmp_path}/journal.db')


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('')
    with pytest.raises(DatabaseUnavailableError, match='file'):
        migrate(f'sqlite:///{tmp_path}/file/journal.db')
