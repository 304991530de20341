"""The migration 0016 adds the delivery without changing a message, or building an index again."""

from contextlib import closing
from functools import partial

import pytest

from services.database.engine import Database
from services.database.indexes import index_builder
from services.ingest.message_ingest import ingest_imported_messages
from services.messages.delivery import DeliveryCondition
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.upgrade.migrations import migrate
from tests.helpers.factories import incoming_message
from tests.helpers.generated_journal import COUNT
from tests.helpers.old_databases import copy_generated_messages, create_old_database
from tests.helpers.reference_messages import MOSCOW, NOON
from tests.helpers.totals_recount import recounted_totals, stored_totals


@pytest.fixture
def old_url(empty_url: str, sqlite_url: str) -> str:
    """The URL of a database of the version before, with messages; the test runs on each engine."""
    create_old_database(empty_url, '0015', lambda connection: index_builder.ensure_indexes(connection, lambda *_: None))
    copy_generated_messages(sqlite_url, empty_url)
    return empty_url


async def test_a_database_of_the_version_before(old_url: str) -> None:
    progress: list[tuple[int, int]] = []
    migrate(old_url, lambda done, steps: progress.append((done, steps)))
    assert progress == [], 'the indexes of messages are not built again'
    with closing(Database(old_url)) as database:
        messages = MessageService(database, MOSCOW, lambda: NOON)
        assert (await messages.totals(MessageQuery())).count == COUNT
        assert (await messages.totals(MessageQuery(delivery=DeliveryCondition.DELIVERED))).count == 0
        assert {row.delivery for row in (await messages.page(MessageQuery(), number=1, size=20)).rows} == {None}
        new = incoming_message()
        database.write_sync(partial(ingest_imported_messages, messages=[new], zone=MOSCOW, now=NOON))
        assert stored_totals(database) == recounted_totals(database)
