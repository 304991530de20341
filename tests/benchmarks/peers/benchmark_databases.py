"""The databases of the journal and of its peers: given by the user, or created for one run and removed."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from services.database.engine import Database
from services.database.timezone_lock import ensure_time_zone
from services.demo import demo_data
from services.upgrade.migrations import migrate
from tests.benchmarks.__main__ import POSTGRES_SETTINGS
from tests.benchmarks.peers import message_copy, peer_server
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.reference_messages import MOSCOW

PEERS_DATABASE_NAME = 'peers'
"""The name of the peers' database; Datasette uses the name of the file in its URLs."""


def filled_journals() -> Iterator[str]:
    """Yield the URL of each journal to measure, after it has been filled."""
    if url := os.environ.get('DATABASE'):
        yield url
        return
    for engine in os.environ.get('ENGINES', 'sqlite,postgresql').split(','):
        if engine == 'sqlite':
            with TemporaryDirectory() as folder:
                yield _fill_journal(f'sqlite:///{folder}/journal.sqlite3')
        else:
            with PostgresServer(**POSTGRES_SETTINGS) as server:
                yield _fill_journal(server.create('journal'))


@contextmanager
def peers_database(journal: str) -> Iterator[str]:
    """Return the URL of the peers' database with all messages of a journal; it may come from an earlier run."""
    configured = os.environ.get('PEERS')
    if make_url(journal).get_backend_name() == 'sqlite':
        with TemporaryDirectory() as folder:
            path = Path(folder) / f'{PEERS_DATABASE_NAME}.db'
            if configured:
                Path(configured).touch()
                path.symlink_to(Path(configured).resolve())
            yield _copy_if_needed(journal, f'sqlite:///{path}')
        return
    url = (
        make_url(configured)
        if configured
        else make_url(journal).set(database=f'{make_url(journal).database}_{PEERS_DATABASE_NAME}')
    )
    _create_if_missing(url)
    try:
        yield _copy_if_needed(journal, url.render_as_string(hide_password=False))
    finally:
        if not configured:
            _execute_as_admin(url, f'DROP DATABASE {url.database} WITH (FORCE)')


def log_progress(line: str) -> None:
    """Print a line of progress to standard error."""
    sys.stderr.write(f'{datetime.now():%H:%M:%S} {line}\n')


def _fill_journal(url: str) -> str:
    scale = int(os.environ.get('SCALE', '20000'))
    log_progress(f'filling a journal with {scale} messages')
    migrate(url)
    with closing(Database(url)) as database:
        ensure_time_zone(database, MOSCOW)
        demo_data.fill_journal(database, MOSCOW, today=datetime.now(MOSCOW).date(), count=scale)
    return url


def _copy_if_needed(journal: str, peers: str) -> str:
    if not message_copy.is_copied(journal, peers):
        log_progress('copying the messages for the peers')
        message_copy.copy_messages(journal, peers)
        log_progress("building Datasette's full-text index")
        peer_server.build_full_text_index(peers)
        message_copy.mark_complete(journal, peers)
    peer_server.prepare_django(peers)
    return peers


def _create_if_missing(url: URL) -> None:
    engine = create_engine(url.set(database='postgres'))
    with engine.connect() as connection:
        result = connection.execute(text('SELECT 1 FROM pg_database WHERE datname = :name'), {'name': url.database})
        missing = result.first() is None
    engine.dispose()
    if missing:
        _execute_as_admin(url, f'CREATE DATABASE {url.database} TEMPLATE template0')


def _execute_as_admin(url: URL, statement: str) -> None:
    engine = create_engine(url.set(database='postgres'), isolation_level='AUTOCOMMIT')
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
