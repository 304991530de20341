"""Two nodes over one PostgreSQL behind nginx, as in `deploy/`: a page continues when its node is killed."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from secrets import token_hex

import httpx
import pytest
from selenium.webdriver import Chrome
from sqlmodel import select

from models import Draft
from services import texts
from services.database.engine import Database
from tests.helpers.journal_operator import Operator
from tests.helpers.nginx import Nginx
from tests.helpers.program import Program
from tests.helpers.sample_data import IVANOV, IVANOVA, KOROLEVA, KOROLYOV, fill_journal, sample_messages

FAILOVER_SECONDS = 10
"""Seconds within which the page of a killed node must work at the other node."""
IS_OLD_PAGE = 'return window.beforeFailover'


@pytest.fixture
def nodes(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Program]]:
    """Two nodes that share only the database and the session secret."""
    fill_journal(postgresql_url, sample_messages())
    shared = {
        'JOURNAL_STORAGE_SECRET': token_hex(32),
        'JOURNAL_TLS': 'true',
        'JOURNAL_TRUSTED_PROXY': '127.0.0.1',
    }
    with ExitStack() as running:
        folders = tmp_path_factory.mktemp('first'), tmp_path_factory.mktemp('second')
        first, second = (
            running.enter_context(Program(folder, postgresql_url, JOURNAL_STATE_FOLDER=str(folder), **shared))
            for folder in folders
        )
        yield first, second


@pytest.fixture
def nginx(nodes: tuple[Program, Program], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx in front of both nodes."""
    with Nginx(tmp_path_factory.mktemp('nginx'), (nodes[0].port, nodes[1].port)) as running:
        yield running


@pytest.fixture
def operator(driver: Chrome, nginx: Nginx) -> Iterator[Operator]:
    """A user whose browser accepts the self-signed certificate of the test."""
    driver.execute_cdp_cmd('Security.setIgnoreCertificateErrors', {'ignore': True})
    yield Operator(driver, nginx.url)
    driver.execute_cdp_cmd('Security.setIgnoreCertificateErrors', {'ignore': False})


@pytest.mark.console_errors('_nicegui_ws', 'net::ERR_', 'status of 502')
def test_a_page_continues_at_the_other_node_when_its_own_is_killed(
    operator: Operator, nodes: tuple[Program, Program], nginx: Nginx, postgresql_url: str
) -> None:
    to_tls = httpx.get(f'http://127.0.0.1:{nginx.plain_port}/messages?page=2')
    assert to_tls.headers['location'] == 'https://127.0.0.1/messages?page=2'
    operator.open('/login?redirect_to=/messages')
    operator.sign_in()
    operator.wait_for_path('/messages')
    operator.search_messages(RECIPIENT='королев')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.click(texts.COST)
    operator.wait_for_column(texts.RECIPIENT, [KOROLEVA, KOROLYOV])
    operator.fill(texts.PHONE, '91612')
    operator.wait(lambda: 'sort=cost' in operator.path, lambda: f'The URL does not contain the order: {operator.path}')
    operator.wait_for_value(texts.PHONE, '+7 (916) 12_-__-__')
    operator.wait(lambda: '91612' in stored_drafts(postgresql_url), 'The draft is not stored')
    serving, idle = nodes if count_open_pages(nodes[0]) else nodes[::-1]
    assert (count_open_pages(serving), count_open_pages(idle)) == (1, 0)
    search = operator.path

    for killed, remaining in ((serving, idle), (idle, serving)):
        operator.driver.execute_script('window.beforeFailover = true')
        started = time.monotonic()
        os.kill(killed.process_id, signal.SIGKILL)
        operator.wait(
            lambda: not operator.driver.execute_script(IS_OLD_PAGE), 'The page does not reload', FAILOVER_SECONDS
        )
        operator.wait_for_column(texts.RECIPIENT, [KOROLEVA, KOROLYOV])
        operator.wait_for_value(texts.RECIPIENT, 'королев')
        operator.wait_for_value(texts.PHONE, '+7 (916) 12_-__-__')
        assert time.monotonic() - started < FAILOVER_SECONDS
        assert operator.path == search
        assert count_open_pages(remaining) == 1
        killed.stop()
        killed.start()

    nodes[0].stop()
    nodes[1].stop()
    operator.driver.refresh()
    operator.wait_for_text('Журнал сейчас не отвечает')
    nodes[0].start()
    operator.wait_for_column(texts.RECIPIENT, [KOROLEVA, KOROLYOV])
    operator.click(texts.FIND)
    operator.wait_for_recipients(KOROLYOV)
    operator.clear()
    operator.search_messages(RECIPIENT='иванов')
    operator.wait_for_recipients(IVANOV, IVANOVA)


def stored_drafts(url: str) -> str:
    """Return all stored drafts as text."""
    with closing(Database(url)) as database:
        return str(database.read_sync(lambda session: session.exec(select(Draft.queries)).all()))


def count_open_pages(node: Program) -> int:
    """Return the number of open pages of a node, from its metrics."""
    metrics = httpx.get(f'{node.url}/metrics').raise_for_status().text
    (line,) = (line for line in metrics.splitlines() if line.startswith('journal_sockets '))
    return int(float(line.split()[-1]))
