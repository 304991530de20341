"""Where the journal and the peers' copy of it are: given by the user, or made for one run and removed."""

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
from services.database.migrations import migrate
from services.database.timezone_lock import keep_zone
from services.demo import demo_data
from tests.benchmarks.__main__ import SERVER
from tests.benchmarks.peers import message_copy, peer_server
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.reference_messages import MOSCOW

PEERS = 'peers'
"""What the peers' database is called: Datasette shows it by the name of its file."""


def journals() -> Iterator[str]:
    """Give the URL of each journal to measure, filled, one after the other."""
    if given := os.environ.get('DATABASE'):
        yield given
        return
    for engine in os.environ.get('ENGINES', 'sqlite,postgresql').split(','):
        if engine == 'sqlite':
            with TemporaryDirectory() as folder:
                yield _filled(f'sqlite:///{folder}/journal.sqlite3')
        else:
            with PostgresServer(**SERVER) as server:
                yield _filled(server.create('journal'))


@contextmanager
def peers_of(journal: str) -> Iterator[str]:
    """Give the URL of the peers' database with everything in a journal; made, or kept from another run."""
    given = os.environ.get('PEERS')
    if make_url(journal).get_backend_name() == 'sqlite':
        with TemporaryDirectory() as folder:
            path = Path(folder) / f'{PEERS}.db'
            if given:
                Path(given).touch()
                path.symlink_to(Path(given).resolve())
            yield _copied(journal, f'sqlite:///{path}')
        return
    url = make_url(given) if given else make_url(journal).set(database=f'{make_url(journal).database}_{PEERS}')
    _create(url)
    try:
        yield _copied(journal, url.render_as_string(hide_password=False))
    finally:
        if not given:
            _administer(url, f'DROP DATABASE {url.database} WITH (FORCE)')


def tell(line: str) -> None:
    """Tell whoever waits what is being done."""
    sys.stderr.write(f'{datetime.now():%H:%M:%S} {line}\n')


def _filled(url: str) -> str:
    scale = int(os.environ.get('SCALE', '20000'))
    tell(f'filling a journal with {scale} messages')
    migrate(url)
    with closing(Database(url)) as database:
        keep_zone(database, MOSCOW)
        demo_data.fill(database, MOSCOW, today=datetime.now(MOSCOW).date(), count=scale)
    return url


def _copied(journal: str, peers: str) -> str:
    if not message_copy.copied(journal, peers):
        tell('copying the messages for the peers')
        message_copy.copy(journal, peers)
        tell("making Datasette's full-text index")
        peer_server.index_names(peers)
        message_copy.seal(journal, peers)
    peer_server.register(peers)
    return peers


def _create(url: URL) -> None:
    engine = create_engine(url.set(database='postgres'))
    with engine.connect() as connection:
        there = connection.execute(text('SELECT 1 FROM pg_database WHERE datname = :name'), {'name': url.database})
        missing = there.first() is None
    engine.dispose()
    if missing:
        _administer(url, f'CREATE DATABASE {url.database} TEMPLATE template0')


def _administer(url: URL, statement: str) -> None:
    engine = create_engine(url.set(database='postgres'), isolation_level='AUTOCOMMIT')
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
