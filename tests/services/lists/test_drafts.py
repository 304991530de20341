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
from services.documents.document_query import DocumentQuery, KindName
from services.lists import drafts as module
from services.lists.drafts import KEPT, Drafts, Place
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import Order, Period, Unavailable
from services.messages.message_query import MessageQuery

ASKED = MessageQuery(
    name='королёв',
    phone='9161234567',
    kind=MessageKind.VACCINATION,
    period=Period(date(2026, 10, 22), None),
    organization=OrganizationName(12, 'ГБУЗ МО «Химкинская областная больница»'),
    statuses=frozenset({MessageStatus.FAILED, MessageStatus.WAITING}),
    older_than=60,
    order=Order('cost', descending=True),
)
TYPED = MessageQuery(name='иванов <b>')


@pytest.fixture
def place(database: Database) -> Place:
    """A journal in the tab of somebody who has an account."""
    return Place(Accounts(database).add('clerk', 'WebAdmin', 'correct horse battery').id, 'a-tab', 'Журнал')


async def test_another_process_gives_what_was_kept_to_the_last_condition(database: Database, place: Place) -> None:
    here, there = Drafts(database), Drafts(database)
    here.put(place, None, TYPED)
    here.put(place, ASKED, TYPED)
    await here.stop()
    assert await there.get(place, MessageQuery) == (ASKED, TYPED)
    there.put(place, None, ASKED)
    await there.stop()
    assert await here.get(place, MessageQuery) == (None, ASKED)


async def test_it_is_there_at_once_and_written_soon_without_being_asked(database: Database, place: Place) -> None:
    drafts = Drafts(database)
    drafts.put(place, ASKED, TYPED)
    assert await drafts.get(place, MessageQuery) == (ASKED, TYPED)
    await drafts.start()
    drafts.put(place, None, TYPED)
    async with asyncio.timeout(10):
        while await Drafts(database).get(place, MessageQuery) != (None, TYPED):
            await asyncio.sleep(0.01)
    await drafts.stop()


async def test_other_people_other_tabs_and_other_journals_have_others(database: Database, place: Place) -> None:
    other = Accounts(database).add('other', 'WebAdmin', 'correct horse battery').id
    drafts = Drafts(database)
    document = DocumentQuery(snils='11223344595', kind=KindName(3, 'Выписка'), period=Period(None, date(2026, 11, 1)))
    drafts.put(place, ASKED, TYPED)
    drafts.put(place._replace(journal='Журнал ИЭМК'), None, document)
    await drafts.stop()
    assert await drafts.get(place._replace(journal='Журнал ИЭМК'), DocumentQuery) == (None, document)
    for elsewhere in (place._replace(account_id=other), place._replace(tab='another')):
        assert await drafts.get(elsewhere, MessageQuery) == (None, None)


async def test_it_is_forgotten_when_no_session_can_be_left(database: Database, place: Place) -> None:
    moment = datetime(2026, 11, 25, 8, tzinfo=UTC)
    drafts = Drafts(database, lambda: moment)
    drafts.put(place, ASKED, TYPED)
    await drafts.write()
    moment += KEPT
    assert await drafts.get(place, MessageQuery) == (ASKED, TYPED)
    moment += timedelta(seconds=1)
    assert await drafts.get(place, MessageQuery) == (None, None)
    await drafts.write()
    assert await database.read(lambda session: session.exec(select(func.count()).select_from(Draft)).one()) == 0


@pytest.mark.parametrize('kept', [[None, {'name': 5}], [None], {}, [None, {'order': {'column': 'gone'}}]])
async def test_what_an_older_program_has_kept_is_nothing(database: Database, place: Place, kept: Any) -> None:
    drafts = Drafts(database)
    drafts.put(place, ASKED, TYPED)
    await drafts.write()
    await database.write(lambda session: session.execute(update(Draft).values(queries=kept)) and None)
    assert await drafts.get(place, MessageQuery) == (None, None)


async def test_what_could_not_be_written_is_written_as_soon_as_the_database_answers(
    database: Database, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, 'SOON', 0.01)
    drafts = Drafts(database)
    tries = 0

    async def silent(work: Work[None]) -> None:
        nonlocal tries
        tries += 1
        raise Unavailable

    with monkeypatch.context() as broken:
        broken.setattr(database, 'write', silent)
        drafts.put(place, ASKED, TYPED)
        with pytest.raises(Unavailable):
            await drafts.get(place, MessageQuery)
        await drafts.start()
        async with asyncio.timeout(10):
            while tries < 3:
                await asyncio.sleep(0.01)
    async with asyncio.timeout(10):
        while await Drafts(database).get(place, MessageQuery) != (ASKED, TYPED):
            await asyncio.sleep(0.01)
    await drafts.stop()
