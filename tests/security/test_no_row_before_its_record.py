"""No row of a patient reaches a browser, by any door, before the audit log has its record."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select, text
from sqlmodel import Session

from models import AuditEvent, MessageStatus
from services import texts
from services.database.engine import Database
from services.database.tables import ACCESS_HEAD_TABLE, ACCESS_RECORD_TABLE
from services.ingest import message_ingest
from services.ingest.message_parsing import IncomingMessage
from services.lists.share_links import ShareLinks
from services.messages.message_query import MessageQuery
from tests.benchmarks.page_client import PageClient, sign_in
from tests.helpers.factories import incoming_message
from tests.helpers.journal_operator import CLERK_NAME, PASSWORD
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.program import Program
from tests.helpers.sample_data import ZONE, fill_journal, moment

WAIT_SECONDS = 30
"""Seconds within which a busy machine must have answered."""
HELD_SECONDS = 1.0
"""Seconds for which the writer is held; a row that does not wait for its record arrives within milliseconds."""
PAGE_ROWS = 20
SEARCHED, TURNED, FAILED, LINKED = 'Qwsearched', 'Qwturned', 'Qwfailed', 'Qwlinked'
"""Names that nothing else in a page contains."""
FULL_DISK = {
    'sqlite': ('ALTER TABLE access_head RENAME TO head_away', 'ALTER TABLE head_away RENAME TO access_head'),
    'postgresql': (
        """
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = 'disk_full'; END $$;
        CREATE TRIGGER full_disk BEFORE UPDATE ON access_head FOR EACH STATEMENT EXECUTE FUNCTION full_disk()
        """,
        'DROP FUNCTION full_disk CASCADE',
    ),
}
"""The statements that make every record fail, and those that end it."""
LIVE_COST = Decimal('0.37')


class Journal:
    """A running journal on one engine, and its messages."""

    def __init__(self, program: Program, url: str) -> None:
        self.program = program
        self.url = url
        self.messages = sample()

    @contextmanager
    def audit_unwritable(self) -> Iterator[None]:
        """Make every write to the audit log fail for the duration of a block."""
        with closing(Database(self.url)) as database:
            forbid, allow = FULL_DISK[database.dialect]
            database.write_sync(lambda session: session.execute(text(forbid)))
            try:
                yield
            finally:
                database.write_sync(lambda session: session.execute(text(allow)))

    @asynccontextmanager
    async def audit_held(self) -> AsyncIterator[None]:
        """Make every write to the audit log wait for the duration of a block."""
        with closing(Database(self.url)) as database:
            held, release = asyncio.Event(), asyncio.Event()
            loop = asyncio.get_running_loop()

            def hold(session: Session) -> None:
                # On SQLite the transaction alone holds every other writer.
                session.execute(select(ACCESS_HEAD_TABLE).with_for_update())
                loop.call_soon_threadsafe(held.set)
                asyncio.run_coroutine_threadsafe(release.wait(), loop).result(WAIT_SECONDS)

            holding = asyncio.create_task(database.write(hold))
            async with asyncio.timeout(WAIT_SECONDS):
                await held.wait()
            try:
                yield
            finally:
                release.set()
                await holding

    def ingest(self, *messages: IncomingMessage) -> None:
        """Receive messages, as another process would."""
        with closing(Database(self.url)) as database:
            database.write_sync(
                lambda session: message_ingest.ingest_imported_messages(
                    session, messages, zone=ZONE, now=datetime.now(UTC)
                )
            )

    def acts(self) -> list[AuditEvent]:
        """Return the events on record, the oldest first."""
        with closing(Database(self.url)) as database:
            statement = select(ACCESS_RECORD_TABLE.c.act).order_by(ACCESS_RECORD_TABLE.c.number)
            return list(database.read_sync(lambda session: session.scalars(statement).all()))


def sample() -> list[IncomingMessage]:
    """Return a page of messages, then further ones that only the second page shows, and one to call about."""
    shown = [
        incoming_message(
            recipient_name=f'{SEARCHED} {number}',
            phone=f'+7916000{number:04}',
            text=f'{SEARCHED} text',
            queued_at=moment(1, 12),
            sent_at=moment(1, 12) - timedelta(minutes=number),
        )
        for number in range(PAGE_ROWS)
    ]
    turned = [
        incoming_message(recipient_name=f'{TURNED} {number}', phone=f'+7917000{number:04}', sent_at=moment(2))
        for number in range(PAGE_ROWS)
    ]
    failed = incoming_message(
        recipient_name=FAILED,
        phone='+79180000000',
        status=MessageStatus.FAILED,
        queued_at=moment(3),
        attempted_at=moment(3),
        appointment_at=None,
        cost=Decimal(0),
    )
    linked = incoming_message(recipient_name=LINKED, phone='+79190000000', sent_at=moment(4))
    return [*shown, *turned, failed, linked]


@pytest.fixture(scope='module', params=['sqlite', 'postgresql'])
def journal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    """A running journal, on each engine."""
    if request.param == 'sqlite':
        template: Path = request.getfixturevalue('sqlite_template')
        path = tmp_path_factory.mktemp('journal') / 'journal.db'
        path.write_bytes(template.read_bytes())
        url = f'sqlite:///{path}'
    else:
        server: PostgresServer = request.getfixturevalue('postgres')
        url = server.create('recorded_journal', request.getfixturevalue('postgresql_template'))
    fill_journal(url, ())
    with Program(tmp_path_factory.mktemp('program'), url) as program:
        journal = Journal(program, url)
        journal.ingest(*journal.messages)
        yield journal


@pytest.fixture
async def http(journal: Journal) -> AsyncIterator[aiohttp.ClientSession]:
    """A signed-in WebAdmin."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        await sign_in(session, journal.program.url, CLERK_NAME, PASSWORD)
        yield session


class WatchedPage(PageClient):
    """A page that keeps what it has received."""

    def __init__(self, http: aiohttp.ClientSession, journal: Journal) -> None:
        super().__init__(http, journal.program.url)
        self.payloads: list[str] = []

    async def load(self, path: str) -> None:
        """See PageClient."""
        self.path = path
        await super().load(path)

    def received(self, part: str) -> bool:
        """Return whether a text has arrived."""
        return any(part in payload for payload in self.payloads)

    async def wait_for(self, part: str) -> None:
        """Wait until a text has arrived."""
        await wait_until(lambda: self.received(part), f'{part} on {self.path}')


async def wait_until(condition: Callable[[], bool], name: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f'{name} does not come'
        await asyncio.sleep(0.02)


@pytest.fixture
async def pages(journal: Journal, http: aiohttp.ClientSession) -> AsyncIterator[Callable[[], WatchedPage]]:
    """Return a function that prepares a page; the pages are closed at the end."""
    opened: list[WatchedPage] = []

    def prepare() -> WatchedPage:
        opened.append(WatchedPage(http, journal))
        return opened[-1]

    yield prepare
    for page in opened:
        await page.close()


async def listed(page: WatchedPage) -> None:
    """Open the list and search, while the audit log can be written."""
    await page.open()
    await page.click(texts.FIND)
    await page.wait_for(f'{SEARCHED} 0')
    page.payloads.clear()


async def person_link(journal: Journal) -> str:
    """Return the path of a link that names a person."""
    with closing(Database(journal.url)) as database:
        link = await ShareLinks(database).to_params(MessageQuery(name=LINKED, phone='+79190000000'), 1)
    return f'/messages?who={link.params["who"]}'


async def test_without_a_record_no_door_shows_a_row(journal: Journal, pages: Callable[[], WatchedPage]) -> None:
    search, turn, sort, details, live = lists = [pages() for _ in range(5)]
    await search.open()
    for page in lists[1:]:
        await listed(page)
    link, calls, story, documents, live_story = (pages() for _ in range(5))
    await link.load(await person_link(journal))
    await calls.load('/callbacks')
    for page in (story, live_story):
        await page.load(f'/messages/{journal.messages[0].id}/person')
    await live_story.connect()
    await live_story.wait_for(f'{SEARCHED} text')
    live_story.payloads.clear()
    await documents.open('/iemk')
    changed = replace(journal.messages[0], status=MessageStatus.FAILED, sent_at=None, attempted_at=moment(0, 0, 1))
    count = len(journal.acts())
    with journal.audit_unwritable():
        await search.click(texts.FIND)
        await turn.click_named(texts.NEXT_PAGE)
        await sort.sort('recipient_name', 'desc')
        await details.expand(str(journal.messages[1].id))
        await link.connect()
        await calls.connect()
        await story.connect()
        await documents.click(texts.FIND)
        journal.ingest(changed, incoming_message(recipient_name='x', sent_at=moment(0, 0, 1), cost=LIVE_COST))
        for page in (search, turn, sort, details, link, calls, story, documents):
            await page.wait_for(texts.DATABASE_DOWN)
        for page in lists:
            await page.wait_for('124,37')  # the footer knows that a message came in
        for page, part in (
            (search, SEARCHED),
            (turn, TURNED),
            (sort, TURNED),
            (details, f'{SEARCHED} text'),
            (live, str(changed.id)),
            (link, LINKED),
            (link, '9190000000'),
            (calls, FAILED),
            (story, SEARCHED),
            (live_story, SEARCHED),
            (documents, '"setRows", [{'),
        ):
            assert not page.received(part), part
    await live.wait_for(str(changed.id))
    await live_story.wait_for(texts.STATUSES[MessageStatus.FAILED])
    assert set(journal.acts()[count:]) == {AuditEvent.ROWS_UPDATED}


async def test_a_row_waits_for_its_record(journal: Journal, pages: Callable[[], WatchedPage]) -> None:
    search, turn = pages(), pages()
    await search.open()
    await listed(turn)
    link, calls, story = pages(), pages(), pages()
    await link.load(await person_link(journal))
    await calls.load('/callbacks')
    await story.load(f'/messages/{journal.messages[0].id}/person')
    count = len(journal.acts())
    async with journal.audit_held():
        await search.click(texts.FIND)
        await turn.click_named(texts.NEXT_PAGE)
        await link.connect()
        await calls.connect()
        await story.connect()
        await asyncio.sleep(HELD_SECONDS)
        parts = ((search, SEARCHED), (turn, TURNED), (link, LINKED), (calls, FAILED), (story, SEARCHED))
        for page, part in parts:
            assert not page.received(part), part
    for page, part in parts:
        await page.wait_for(part)
    recorded = set(journal.acts()[count:])
    assert recorded >= {AuditEvent.SEARCHED, AuditEvent.ROWS_SHOWN, AuditEvent.CALLS_SHOWN, AuditEvent.PERSON_SHOWN}
