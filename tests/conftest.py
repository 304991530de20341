"""Fixtures for every test: a migrated database of its own, on SQLite and on a real PostgreSQL."""

import gc
import logging
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import count
from multiprocessing.util import Finalize
from pathlib import Path

import certifi
import pytest
from hypothesis import HealthCheck, settings

from journal_ui.monitoring import logs
from services.audit import anchors
from services.database.engine import Database
from services.upgrade.migrations import migrate
from tests.helpers.auth_services import fast_password_hashing
from tests.helpers.database_copies import CopyOf, Fill
from tests.helpers.database_pool import DatabasePool
from tests.helpers.old_databases import create_old_database
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.shared_statements import shared_statements
from tests.helpers.temporary import remove_memory, use_memory

# This comes first, because tempfile remembers the folder that it finds at its first use.
use_memory()

# A slow machine must not fail a property; the printed blob repeats a failure.
settings.register_profile('journal', deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile('journal')

ENGINES = ('sqlite', 'postgresql')
TEST_DATA_KEY = 'k' * 32
TEMPLATE_DATABASE = 'template_journal'
_database_numbers = count(1)


def pytest_configure() -> None:
    """Set the data key, so that the services of a PostgreSQL test create no key file in the checkout."""
    os.environ['JOURNAL_DATA_KEY'] = TEST_DATA_KEY


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect the tests without garbage collection, which takes a fifth of the time and finds hardly anything.

    What exists then, with a little garbage, is excluded from later collections: each would look through all of it.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(exitstatus: int) -> None:
    """Remove the temporary files of a run that passed; those of a failed run stay until the next run."""
    if exitstatus == pytest.ExitCode.OK:
        # After `multiprocessing`, at -100, has removed its own folder, which tests.helpers.forked_program needs.
        Finalize(None, remove_memory, exitpriority=-200)


@pytest.fixture(scope='session', autouse=True)
def _fast_hashing() -> Iterator[None]:
    """Hash passwords at low cost: a hash of the program takes 100 ms."""
    with fast_password_hashing():
        yield


@pytest.fixture(scope='session', autouse=True)
def _shared_statements() -> Iterator[None]:
    """Compile each statement once for all tests of a worker."""
    with shared_statements():
        yield


@pytest.fixture(scope='session', autouse=True)
def _one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let each HTTP client of the tests load one certificate authority: loading all of them takes 20 ms."""
    first, end, _ = Path(certifi.where()).read_text('utf-8').partition('-----END CERTIFICATE-----\n')
    path = tmp_path_factory.mktemp('authorities') / 'authority.pem'
    path.write_text(first + end, 'utf-8')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('SSL_CERT_FILE', str(path))
        yield


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Restore the logging configuration of the tests after a test that configures the logs of the program."""
    root, names = logging.getLogger(), (*logs.OWN_LOGGERS, anchors.LOGGER_NAME)
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    for name in names:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture(scope='session')
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server that starts before the first test that needs it and stops after the last test."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope='session')
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that each test copies, so that migrations run only once."""
    path = tmp_path_factory.mktemp('template') / 'journal.db'
    migrate(f'sqlite:///{path}')
    path.chmod(0o600)  # as the program creates it; its copies have the same mode
    return path


@pytest.fixture(scope='session')
def postgresql_template(postgres: PostgresServer) -> str:
    """The name of a migrated PostgreSQL database that each test copies, so that migrations run only once."""
    migrate(postgres.create(TEMPLATE_DATABASE))
    return TEMPLATE_DATABASE


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """The URL of a migrated SQLite database that belongs to this test alone."""
    path = tmp_path / 'journal.db'
    shutil.copy(sqlite_template, path)
    return f'sqlite:///{path}'


@pytest.fixture(scope='session')
def postgresql_pool(postgres: PostgresServer, postgresql_template: str) -> Iterator[DatabasePool]:
    """Copies of the migrated database, created before the tests that need them."""
    with closing(DatabasePool(postgres, postgresql_template)) as pool:
        yield pool


@pytest.fixture
def postgresql_url(postgres: PostgresServer, postgresql_pool: DatabasePool) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database that belongs to this test alone."""
    name = postgresql_pool.acquire()
    yield postgres.url(name)
    postgresql_pool.release(name)


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database that belongs to this test alone; the test runs on each engine."""
    url: str = request.getfixturevalue(f'{request.param}_url')
    return url


@pytest.fixture(scope='session')
def filled_templates() -> dict[tuple[str, Fill], str]:
    """The files and databases that `copy_of` has filled so far, by engine and function."""
    return {}


@pytest.fixture(params=ENGINES)
def copy_of(
    request: pytest.FixtureRequest, tmp_path: Path, filled_templates: dict[tuple[str, Fill], str]
) -> Iterator[CopyOf]:
    """Return a function that copies a database with generated content; the test runs on each engine.

    The content is generated once for all tests, because a copy takes much less time. The function that does so must
    always produce the same content. The test may change its copy.
    """
    yield from _copies(request, tmp_path, filled_templates)


@pytest.fixture(scope='module', params=ENGINES)
def shared_copy_of(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    filled_templates: dict[tuple[str, Fill], str],
) -> Iterator[CopyOf]:
    """Return the same function for a database that all tests of a module share, because they only read it."""
    yield from _copies(request, tmp_path_factory.mktemp('shared'), filled_templates)


def _copies(
    request: pytest.FixtureRequest, folder: Path, filled_templates: dict[tuple[str, Fill], str]
) -> Iterator[CopyOf]:
    """Yield the function of `copy_of`; a copy of an SQLite database is in `folder`."""
    if request.param == 'sqlite':
        empty: Path = request.getfixturevalue('sqlite_template')
        factory: pytest.TempPathFactory = request.getfixturevalue('tmp_path_factory')

        def copy_file(fill: Fill) -> str:
            if ('sqlite', fill) not in filled_templates:
                template = factory.mktemp('filled') / 'journal.db'
                shutil.copy(empty, template)
                with closing(Database(f'sqlite:///{template}')) as database:
                    fill(database)
                assert not template.with_name('journal.db-wal').exists(), 'the file alone would be incomplete'
                filled_templates['sqlite', fill] = str(template)
            shutil.copy(filled_templates['sqlite', fill], folder / 'filled.db')
            return f'sqlite:///{folder}/filled.db'

        yield copy_file
        return
    server: PostgresServer = request.getfixturevalue('postgres')
    migrated: str = request.getfixturevalue('postgresql_template')
    copy = f'journal_{next(_database_numbers)}'

    def copy_database(fill: Fill) -> str:
        if ('postgresql', fill) not in filled_templates:
            template = f'filled_{next(_database_numbers)}'
            with closing(Database(server.create(template, migrated))) as database:
                fill(database)
            filled_templates['postgresql', fill] = template
        return server.create(copy, filled_templates['postgresql', fill])

    yield copy_database
    server.drop(copy)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open connection to a migrated, empty database of the test's own; the test runs on each engine."""
    with closing(Database(database_url)) as connected:
        yield connected


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables; the file of SQLite and its folder do not exist yet."""
    if request.param == 'sqlite':
        yield f'sqlite:///{tmp_path}/new/journal.db'
        return
    server: PostgresServer = request.getfixturevalue('postgres')
    yield server.create('no_table_yet')
    server.drop('no_table_yet')


@pytest.fixture
def first_version_url(empty_url: str) -> str:
    """The URL of a database at the schema of the first version, created by its migrations; on each engine."""
    create_old_database(empty_url, '0003')
    return empty_url
