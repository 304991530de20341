"""Sign-ins, refusals and sign-outs are recorded; without a record nobody signs in."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from models import AuditEvent
from services.audit.audit_query import AuditQuery
from services.audit.audit_records import AuditRecords
from services.database.engine import Database
from tests.helpers import sample_data
from tests.helpers.journal_operator import PASSWORD
from tests.helpers.program import Program
from tests.helpers.reference_messages import MOSCOW

HTML_HEADERS = {'accept': 'text/html'}
TYPED_NAME = 'мой тайный пароль'


@pytest.fixture(scope='module')
def path(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A database with the sample's accounts."""
    path = tmp_path_factory.mktemp('door') / 'journal.db'
    path.write_bytes(sqlite_template.read_bytes())
    sample_data.fill_journal(f'sqlite:///{path}', [])
    return path


@pytest.fixture(scope='module')
def program(path: Path) -> Iterator[Program]:
    """A running journal that the tests share; each test reads only the records made since it began."""
    with Program(path.parent, f'sqlite:///{path}') as running:
        yield running


@pytest.fixture
def visitor(program: Program) -> Iterator[httpx.Client]:
    """An HTTP client of a running journal."""
    with httpx.Client(base_url=program.url, headers=HTML_HEADERS) as client:
        client.get('/login')
        yield client


@contextmanager
def audit_unwritable(path: Path) -> Iterator[None]:
    """Make the audit log unwritable for the duration of a block."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute('ALTER TABLE access_head RENAME TO access_head_away')
        yield
        connection.execute('ALTER TABLE access_head_away RENAME TO access_head')


async def audit_records(path: Path) -> list[tuple[AuditEvent, str, str, str]]:
    """Return the recorded events of the pages, oldest first."""
    with closing(Database(f'sqlite:///{path}')) as database:
        rows = (await AuditRecords(database, MOSCOW).page(AuditQuery(), number=1, size=20)).rows
    return [
        (row.act, row.name, row.address, row.section) for row in reversed(rows) if row.act != AuditEvent.USER_CHANGED
    ]


def submit_sign_in(visitor: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
    return visitor.post('/login', data={'name': name, 'password': password})


async def test_each_sign_in_and_sign_out_is_recorded(visitor: httpx.Client, path: Path) -> None:
    earlier = await audit_records(path)
    submit_sign_in(visitor, ' Guest', 'wrong')
    submit_sign_in(visitor, TYPED_NAME, TYPED_NAME)
    submit_sign_in(visitor, 'guest')
    for address in ('/', '/messages', '/access'):
        visitor.get(address)
    visitor.post('/logout')
    visitor.post('/logout')
    assert (await audit_records(path))[len(earlier) :] == [
        (AuditEvent.SIGN_IN_FAILED, 'guest', '127.0.0.1', ''),
        (AuditEvent.SIGN_IN_FAILED, 'неизвестное имя', '127.0.0.1', ''),
        (AuditEvent.SIGNED_IN, 'guest', '127.0.0.1', ''),
        (AuditEvent.PAGE_FORBIDDEN, 'guest', '127.0.0.1', '/messages'),
        (AuditEvent.PAGE_FORBIDDEN, 'guest', '127.0.0.1', '/access'),
        (AuditEvent.SIGNED_OUT, 'guest', '127.0.0.1', ''),
    ]
    assert TYPED_NAME.encode() not in b''.join(file.read_bytes() for file in path.parent.glob('journal.db*'))


async def test_without_an_audit_record_nobody_signs_in_and_everybody_can_sign_out(
    visitor: httpx.Client, path: Path
) -> None:
    with audit_unwritable(path):
        submit_sign_in(visitor, 'clerk')
    assert 'База данных не отвечает' in visitor.get('/login').text
    assert visitor.get('/messages').status_code == 303
    submit_sign_in(visitor, 'clerk')
    assert visitor.get('/messages').status_code == 200
    with audit_unwritable(path):
        assert visitor.post('/logout').headers['location'] == '/login'
    assert visitor.get('/messages').status_code == 303


@pytest.mark.parametrize(('name', 'status'), [('chief', 200), ('clerk', 403), ('guest', 403)])
def test_only_admins_may_open_the_audit_log(visitor: httpx.Client, name: str, status: int) -> None:
    submit_sign_in(visitor, name)
    answer = visitor.get('/access')
    assert answer.status_code == status
    if status == 403:
        assert 'Этот раздел открыт роли Admin, у вас роль' in answer.text
        assert 'Условия или код' not in answer.text
    assert ('Журнал доступа' in visitor.get('/').text) == (status == 200)
