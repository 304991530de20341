"""A client that is generated from the OpenAPI document alone is typed, and works as a mailing system uses it."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from journal_ui.api import api_app
from services.accounts.api_tokens import ApiTokens
from services.composition import Services, compose
from services.database.engine import Database
from services.settings import Settings

GENERATE = (
    '-m',
    'openapi_python_client',
    'generate',
    '--path',
    'openapi.json',
    '--meta',
    'none',
    '--config',
    'generator.json',
)
CHECK_TYPES = (
    '-m',
    'mypy',
    '--strict',
    '--config-file',
    os.devnull,
    '--cache-dir',
    'cache',
    'journal_client',
    'day.py',
)
DAY = """
from datetime import datetime
from uuid import UUID

from journal_client import AuthenticatedClient
from journal_client.api.links import create_link
from journal_client.api.messages import (
    get_message, list_changes, report_statuses, search_messages, submit_messages, withdraw_message,
)
from journal_client.models import (
    ChangesOut, LinkIn, LinkOut, MessageIn, MessageListOut, MessageOut, MessageSearchIn, MessageStatusIn,
    MessageStatusInStatus, Result,
)

FIRST, SECOND = UUID(int=1), UUID(int=2)


def message(id: UUID) -> MessageIn:
    return MessageIn(
        id=id, recipient_name='Королёв Иван Петрович', phone='+79990000001', organization='Больница',
        kind='Напоминание', text='Ждём вас', cost='3.10',
    )


async def spend(client: AuthenticatedClient, sent_at: datetime) -> None:
    start = await list_changes.asyncio(client=client)
    assert isinstance(start, ChangesOut)
    created = await submit_messages.asyncio(client=client, body=[message(FIRST), message(SECOND)])
    assert isinstance(created, list) and [each.outcome for each in created] == ['created', 'created']
    status = MessageStatusIn(id=FIRST, status=MessageStatusInStatus.SENT, at=sent_at)
    reported = await report_statuses.asyncio(client=client, body=status)
    assert isinstance(reported, Result) and reported.outcome == 'updated'
    withdrawn = await withdraw_message.asyncio(SECOND, client=client)
    assert isinstance(withdrawn, Result) and withdrawn.outcome == 'updated'
    read = await get_message.asyncio(FIRST, client=client)
    assert isinstance(read, MessageOut) and read.sent_at == sent_at
    found = await search_messages.asyncio(client=client, body=MessageSearchIn(name='королёв'))
    assert isinstance(found, MessageListOut) and {each.id for each in found.messages} == {FIRST, SECOND}
    link = await create_link.asyncio(client=client, body=LinkIn(phone='+79990000001'))
    assert isinstance(link, LinkOut) and '/messages?who=' in link.url and link.expires_at > sent_at
    changes = await list_changes.asyncio(client=client, after=start.next_cursor)
    assert isinstance(changes, ChangesOut) and {each.id for each in changes.messages} == {FIRST, SECOND}
"""


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A folder with the generated package `journal_client` and the module `day` that uses it."""
    created = tmp_path_factory.mktemp('generated')
    shutil.copy(sqlite_template, created / 'journal.db')
    url = f'sqlite:///{created}/journal.db'
    with closing(Database(url)) as database:
        document = api_app.build_api(compose(Settings(database_url=url), database)).openapi()
    (created / 'openapi.json').write_text(json.dumps(document), encoding='utf-8')
    (created / 'day.py').write_text(DAY, encoding='utf-8')
    # Without the hooks, the client does not depend on a `ruff` in the search path.
    (created / 'generator.json').write_text('{"post_hooks": []}', encoding='utf-8')
    run(created, *GENERATE, '--output-path', 'journal_client')
    return created


def run(folder: Path, *arguments: str) -> None:
    """Run a module of Python in a folder; it must succeed."""
    done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_generated_client_is_typed(folder: Path) -> None:
    run(folder, *CHECK_TYPES)


async def test_a_generated_client_works(
    folder: Path, database: Database, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(folder))
    from day import spend  # type: ignore[import-not-found]
    from journal_client import AuthenticatedClient  # type: ignore[import-not-found]

    client = AuthenticatedClient(base_url='http://journal', token=ApiTokens(database).add('mailer'))
    transport = httpx.ASGITransport(api_app.build_api(services))
    headers = {'Authorization': f'Bearer {client.token}'}
    async with httpx.AsyncClient(transport=transport, base_url='http://journal', headers=headers) as connection:
        client.set_async_httpx_client(connection)
        await spend(client, services.now().replace(microsecond=0))
