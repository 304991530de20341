"""What is typed in a tab outlives the process that drew its page, and is nobody else's."""

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
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import Order, Period
from services.messages.message_query import MessageQuery

SEARCHED_QUERY = MessageQuery(
    name='королёв',
    phone='9161234567',
    kind=MessageKind.VACCINATION,
    period=Period(date(2026, 10, 22), None),
    organization=OrganizationName(12, 'ГБУЗ МО «Химкинская областная больница»'),
    statuses=frozenset({MessageStatus.FAILED, MessageStatus.WAITING}),
    older_than=60,
    order=Order('cost', descending=True),
)
TYPED_QUERY = MessageQuery(name='иванов <b>')


@pytest.fixture
def draft_key(database: Database) -> DraftKey:
    """A journal in the tab of somebody who has an account."""
    return DraftKey(Accounts(database).add('clerk', 'WebAdmin', 'correct horse battery').id, 'a-tab', 'Журнал')


async def test_another_process_gives_what_was_kept_to_the_last_condition(
    database: Database, draft_key: DraftKey
) -> None:
    here, there = DraftStore(database), DraftStore(database)
    here.save(draft_key, None, TYPED_QUERY)
    here.save(draft_key, SEARCHED_QUERY, TYPED_QUERY)
    await here.stop()
    assert await there.load(draft_key, MessageQuery) == (SEARCHED_QUERY, TYPED_QUERY)
    there.save(draft_key, None, SEARCHED_QUERY)
    await there.stop()
    assert await here.load(draft_key, MessageQuery) == (None, SEARCHED_QUERY)


async def test_it_is_there_at_once_and_written_soon_without_being_asked(
    database: Database, draft_key: DraftKey
) -> None:
    drafts = DraftStore(database)
    drafts.save(draft_key, SEARCHED_QUERY, TYPED_QUERY)
    assert await drafts.load(draft_key, MessageQuery) == (SEARCHED_QUERY, TYPED_QUERY)
    await drafts.start()
    drafts.save(draft_key, None, TYPED_QUERY)
    async with asyncio.timeout(10):
        while await DraftStore(database).load(draft_key, MessageQuery) != (None, TYPED_QUERY):
            await asyncio.sleep(0.01)
    await drafts.stop()


async def test_other_people_other_tabs_and_other_journals_have_others(database: Database, draft_key: DraftKey) -> None:
    other = Accounts(database).add('other', 'WebAdmin', 'correct horse battery').id
    drafts = DraftStore(database)
    document = DocumentQuery(
        snils='11223344595', kind=DocumentKindName(3, 'Выписка'), period=Period(None, date(2026, 11, 1))
    )
    drafts.save(draft_key, SEARCHED_QUERY, TYPED_QUERY)
    drafts.save(draft_key._replace(journal='Журнал ИЭМК'), None, document)
    await drafts.stop()
    assert await drafts.load(draft_key._replace(journal='Журнал ИЭМК'), DocumentQuery) == (None, document)
    for elsewhere in (draft_key._replace(account_id=other), draft_key._replace(tab='another')):
        assert await drafts.load(elsewhere, MessageQuery) == (None, None)


async def test_it_is_forgotten_when_no_session_can_be_left(database: Database, draft_key: DraftKey) -> None:
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


@pytest.mark.parametrize('kept', [[None, {'name': 5}], [None], {}, [None, {'order': {'column': 'gone'}}]])
async def test_what_an_older_program_has_kept_is_nothing(database: Database, draft_key: DraftKey, kept: Any) -> None:
    drafts = DraftStore(database)
    drafts.save(draft_key, SEARCHED_QUERY, TYPED_QUERY)
    await drafts.write()
    await database.write(lambda session: session.execute(update(Draft).values(queries=kept)) and None)
    assert await drafts.load(draft_key, MessageQuery) == (None, None)


async def test_what_could_not_be_written_is_written_as_soon_as_the_database_answers(
    database: Database, draft_key: DraftKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, 'WRITE_INTERVAL_SECONDS', 0.01)
    drafts = DraftStore(database)
    tries = 0

    async def silent(work: Work[None]) -> None:
        nonlocal tries
        tries += 1
        raise DatabaseUnavailableError

    with monkeypatch.context() as broken:
        broken.setattr(database, 'write', silent)
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
