"""What is displayed of the dictionaries follows their changes by any process."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import closing

import pytest

from models import MessageKind
from services.composition import Services, compose
from services.database.engine import Database
from services.database.tables import MESSAGE_KIND_TABLE, ORGANIZATION_TABLE
from services.dictionaries.dictionary_editor import DictionaryEditor
from services.ingest.message_ingest import ingest_imported_messages
from services.lists.message_kinds import MANUAL_KINDS, KindName
from services.lists.organizations import OrganizationName
from services.messages.message_query import MessageQuery, MessageRow
from services.settings import Settings
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

TIMEOUT_SECONDS = 5
REMINDER = MANUAL_KINDS[MessageKind.REMINDER]


class DisplayedRows:
    """A page that displays rows."""

    current_query = None

    def __init__(self, keys: Collection[str]) -> None:
        self.displayed_keys = keys
        self.received: asyncio.Queue[Mapping[str, MessageRow]] = asyncio.Queue()

    async def record_rows(self, keys: Collection[str]) -> None:
        """See RowSubscriber."""

    def on_rows_changed(self, rows: Mapping[str, MessageRow], new_count: int) -> None:
        """See RowSubscriber."""
        assert new_count == 0
        self.received.put_nowait(rows)


@pytest.fixture
async def services(database: Database, database_url: str) -> AsyncIterator[Services]:
    """The services of a running program."""
    composed = compose(Settings(database_url=database_url), database)
    await composed.live_updates.start()
    yield composed
    await composed.live_updates.stop()


async def test_changes_by_another_process_reach_filters_and_rows(services: Services, database_url: str) -> None:
    messages = [incoming_message(organization=name) for name in ('Больница', 'Клиника')]
    with closing(Database(database_url)) as other:
        other.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))
        page = DisplayedRows([str(message.id) for message in messages])
        await services.live_updates.refresh()
        services.live_updates.subscribe_rows(page)
        changes: asyncio.Queue[None] = asyncio.Queue()
        services.dictionaries.subscribe(lambda: changes.put_nowait(None))
        organizations = DictionaryEditor(other, ORGANIZATION_TABLE, '')
        clinic, hospital = sorted(await organizations.entries(), key=lambda entry: entry.name, reverse=True)
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await DictionaryEditor(other, MESSAGE_KIND_TABLE, '').rename(None, REMINDER.id, 'Памятка')
            await changes.get()
            rows = await page.received.get()
            assert {row.kind for row in rows.values()} == {'Памятка'}
            await organizations.merge(None, clinic.id, hospital.id)
            await changes.get()
            rows = await page.received.get()
            assert {row.organization for row in rows.values()} == {hospital.name}
    query = MessageQuery(
        kinds=frozenset({REMINDER}), organizations=frozenset({OrganizationName(clinic.id, clinic.name)})
    )
    renewed = services.dictionaries.renew_query(query)
    assert renewed.organizations == {OrganizationName(hospital.id, hospital.name)}
    assert [kind.name for kind in renewed.kinds] == ['Памятка']
    assert services.dictionaries.renew_query(MessageQuery()) == MessageQuery()


async def test_the_kinds_are_the_current_ones(services: Services, database: Database) -> None:
    assert services.dictionaries.snapshot.kind_list == tuple(MANUAL_KINDS.values())
    await DictionaryEditor(database, MESSAGE_KIND_TABLE, '').add(None, 'Анкета')
    await services.dictionaries.poll()
    assert services.dictionaries.snapshot.kind_list == (*MANUAL_KINDS.values(), KindName(5, 'Анкета'))
