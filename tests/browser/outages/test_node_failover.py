"""Two nodes over one PostgreSQL behind nginx, all as `deploy/` has them: one of them dies under an open page."""

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
from tests.helpers.sample_data import IVANOV, IVANOVA, KOROLEVA, KOROLYOV, fill, messages

GOES_ON_WITHIN = 10
"""Seconds from a node's death to its page at the other."""
OLD = 'return window.old'


@pytest.fixture
def nodes(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Program]]:
    """Two nodes that share the database and the secret, and nothing else."""
    fill(postgresql_url, messages())
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
    """nginx before both."""
    with Nginx(tmp_path_factory.mktemp('nginx'), (nodes[0].port, nodes[1].port)) as running:
        yield running


@pytest.fixture
def operator(driver: Chrome, nginx: Nginx) -> Iterator[Operator]:
    """Somebody whose browser takes the certificate of the test, which nobody vouches for."""
    driver.execute_cdp_cmd('Security.setIgnoreCertificateErrors', {'ignore': True})
    yield Operator(driver, nginx.url)
    driver.execute_cdp_cmd('Security.setIgnoreCertificateErrors', {'ignore': False})


@pytest.mark.console_errors('_nicegui_ws', 'net::ERR_', 'status of 502')
def test_a_page_goes_on_at_the_other_node_when_its_own_dies(
    operator: Operator, nodes: tuple[Program, Program], nginx: Nginx, postgresql_url: str
) -> None:
    to_tls = httpx.get(f'http://127.0.0.1:{nginx.plain_port}/messages?page=2')
    assert to_tls.headers['location'] == 'https://127.0.0.1/messages?page=2'
    operator.open('/login?redirect_to=/messages')
    operator.sign_in()
    operator.arrive('/messages')
    operator.find_messages(RECIPIENT='королев')
    operator.see_found(KOROLYOV, KOROLEVA)
    operator.click(texts.COST)
    operator.see_column(texts.RECIPIENT, [KOROLEVA, KOROLYOV])
    operator.fill(texts.PHONE, '91612')
    operator.wait(
        lambda: 'sort=cost' in operator.path, lambda: f'The address does not tell of the order: {operator.path}'
    )
    operator.see_value(texts.PHONE, '+7 (916) 12_-__-__')
    operator.wait(lambda: '91612' in kept(postgresql_url), 'What is typed is not kept')
    here, there = nodes if open_pages(nodes[0]) else nodes[::-1]
    assert (open_pages(here), open_pages(there)) == (1, 0)
    search = operator.path

    for dying, living in ((here, there), (there, here)):
        operator.driver.execute_script('window.old = true')
        began = time.monotonic()
        os.kill(dying.process_id, signal.SIGKILL)
        operator.wait(lambda: not operator.driver.execute_script(OLD), 'The page is not built anew', GOES_ON_WITHIN)
        operator.see_column(texts.RECIPIENT, [KOROLEVA, KOROLYOV])
        operator.see_value(texts.RECIPIENT, 'королев')
        operator.see_value(texts.PHONE, '+7 (916) 12_-__-__')
        assert time.monotonic() - began < GOES_ON_WITHIN
        assert operator.path == search
        assert open_pages(living) == 1
        dying.stop()
        dying.start()

    nodes[0].stop()
    nodes[1].stop()
    operator.driver.refresh()
    operator.see('Журнал сейчас не отвечает')
    nodes[0].start()
    operator.see_column(texts.RECIPIENT, [KOROLEVA, KOROLYOV])
    operator.click(texts.FIND)
    operator.see_found(KOROLYOV)
    operator.clear()
    operator.find_messages(RECIPIENT='иванов')
    operator.see_found(IVANOV, IVANOVA)


def kept(url: str) -> str:
    """Give all that is kept of what is typed."""
    with closing(Database(url)) as database:
        return str(database.read_now(lambda session: session.exec(select(Draft.queries)).all()))


def open_pages(node: Program) -> int:
    """Ask a node itself how many pages it has open."""
    figures = httpx.get(f'{node.url}/metrics').raise_for_status().text
    (line,) = (line for line in figures.splitlines() if line.startswith('journal_sockets '))
    return int(float(line.split()[-1]))
