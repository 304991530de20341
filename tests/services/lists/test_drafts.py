"""Drafts survive the process that served the page, and belong to one user, tab and list page."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import func, select

from models import Draft, MessageKind, MessageStatus
from services.accounts.accounts import Accounts
from services.database.engine import Database, Work
from services.documents.document_query import DocumentKindName, DocumentQuery
from services.errors import DatabaseUnavailableError
from services.lists import drafts as module
from services.lists.drafts import DRAFT_TTL, DraftKey, DraftStore
from services.lists.message_kinds import MANUAL_KINDS
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import Order, Period
from services.messages.delivery import DeliveryCondition
from services.messages.message_query import MessageQuery

SEARCHED_QUERY = MessageQuery(
    name='королёв',
    phone='9161234567',
    kinds=frozenset({MANUAL_KINDS[MessageKind.VACCINATION]}),
    period=Period(date(2026, 10, 22), None),
    organizations=frozenset({OrganizationName(12, 'ГБУЗ МО «Химкинская областная больница»')}),
    statuses=frozenset({MessageStatus.FAILED, MessageStatus.WAITING}),
    older_than=60,
    delivery=DeliveryCondition.OVERDUE,
    order=Order('cost', descending=True),
)
TYPED_QUERY = MessageQuery(name='иванов <b>')


@pytest.fixture
def draft_key(database: Database) -> DraftKey:
    """The key of a list page in a browser tab of an existing user."""
    return DraftKey(Accounts(database).add('clerk', 'WebAdmin', 'correct horse battery').id, 'a-tab', 'Журнал')


async def test_another_process_loads_all_conditions_of_a_draft(database: Database, draft_key: DraftKey) -> None:
    first, second = DraftStore(database), DraftStore(database)
    first.save(draft_key, None, TYPED_QUERY)
    first.save(draft_key, SEARCHED_QUERY, TYPED_QUERY)
    await first.stop()
    assert await second.load(draft_key, MessageQuery) == (SEARCHED_QUERY, TYPED_QUERY)
    second.save(draft_key, None, SEARCHED_QUERY)
    await second.stop()
    assert await first.load(draft_key, MessageQuery) == (None, SEARCHED_QUERY)


async def test_a_draft_is_available_at_once_and_written_soon(database: Database, draft_key: DraftKey) -> None:
    drafts = DraftStore(database)
    drafts.save(draft_key, SEARCHED_QUERY, TYPED_QUERY)
    assert await drafts.load(draft_key, MessageQuery) == (SEARCHED_QUERY, TYPED_QUERY)
    await drafts.start()
    drafts.save(draft_key, None, TYPED_QUERY)
    async with asyncio.timeout(10):
        while await DraftStore(database).load(draft_key, MessageQuery) != (None, TYPED_QUERY):
            await asyncio.sleep(0.01)
    await drafts.stop()


async def test_drafts_of_other_users_tabs_and_list_pages_are_separate(database: Database, draft_key: DraftKey) -> None:
    other = Accounts(database).add('other', 'WebAdmin', 'correct horse battery').id
    drafts = DraftStore(database)
    document = DocumentQuery(
        snils='11223344595', kind=DocumentKindName(3, 'Выписка'), period=Period(None, date(2026, 11, 1))
    )
    drafts.save(draft_key, SEARCHED_QUERY, TYPED_QUERY)
    drafts.save(draft_key._replace(journal='Журнал ИЭМК'), None, document)
    await drafts.stop()
    assert await drafts.load(draft_key._replace(journal='Журнал ИЭМК'), DocumentQuery) == (None, document)
    for other_key in (draft_key._replace(account_id=other), draft_key._replace(tab='another')):
        assert await drafts.load(other_key, MessageQuery) == (None, None)


async def test_a_draft_expires_with_the_longest_session(database: Database, draft_key: DraftKey) -> None:
    moment = datetime(2026, 11, 25, 8, tzinfo=UTC)
    drafts = DraftStore(database, lambda: moment)
    drafts.save(draft_key, SEARCHED_QUERY, TYPED_QUERY)
    await drafts.write()
    moment += DRAFT_TTL
    assert await drafts.load(draft_key, MessageQuery) == (SEARCHED_QUERY, TYPED_QUERY)
    moment += timedelta(seconds=1)
    assert await drafts.load(draft_key, MessageQuery) == (None, None)
    await drafts.write()
    assert await database.read(lambda session: session.exec(select(func.count()).select_from(Draft)).one()) == 0


@pytest.mark.parametrize(
    'stored',
    [
        [None, {'name': 5}],
        [None],
        {},
        7,
        [None, {'order': {'column': 'gone'}}],
        [None, {'name': 'иванов', 'organization': {'id': 1, 'name': 'Больница'}}],
    ],
)
async def test_a_draft_in_an_invalid_format_is_ignored(database: Database, draft_key: DraftKey, stored: Any) -> None:
    drafts = DraftStore(database)
    drafts.save(draft_key, SEARCHED_QUERY, TYPED_QUERY)
    await drafts.write()
    await database.write(lambda session: session.execute(update(Draft).values(queries=stored)))
    assert await drafts.load(draft_key, MessageQuery) == (None, None)


async def test_a_draft_of_an_older_version_without_other_conditions_is_loaded(
    database: Database, draft_key: DraftKey
) -> None:
    drafts = DraftStore(database)
    drafts.save(draft_key, SEARCHED_QUERY, TYPED_QUERY)
    await drafts.write()
    stored = [None, {'name': 'иванов <b>', 'organization': None, 'kind': None}]
    await database.write(lambda session: session.execute(update(Draft).values(queries=stored)))
    assert await drafts.load(draft_key, MessageQuery) == (None, TYPED_QUERY)


async def test_unsaved_drafts_are_written_when_the_database_is_available_again(
    database: Database, draft_key: DraftKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, 'WRITE_INTERVAL_SECONDS', 0.01)
    drafts = DraftStore(database)
    tries = 0

    async def fail(work: Work[None]) -> None:
        nonlocal tries
        tries += 1
        raise DatabaseUnavailableError

    with monkeypatch.context() as broken:
        broken.setattr(database, 'write', fail)
        drafts.save(draft_key, SEARCHED_QUERY, TYPED_QUERY)
        with pytest.raises(DatabaseUnavailableError):
            await drafts.load(draft_key, MessageQuery)
        await drafts.start()
        async with asyncio.timeout(10):
            while tries < 3:
                await asyncio.sleep(0.01)
    async with asyncio.timeout(10):
        while await DraftStore(database).load(draft_key, MessageQuery) != (SEARCHED_QUERY, TYPED_QUERY):
            await asyncio.sleep(0.01)
    await drafts.stop()
