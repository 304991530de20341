"""A search without a result says first that its period hides the messages, if it does (docs/manual.md S7)."""

from datetime import timedelta

import pytest

from services import texts
from services.database.engine import Database
from services.ingest.message_ingest import ingest_imported_messages
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

OLD = NOON - timedelta(days=90)
MONTH = Period(NOON.date() - timedelta(days=30), NOON.date())


@pytest.fixture
def messages(database: Database) -> MessageService:
    """A journal with one message, sent 90 days ago."""
    message = incoming_message(
        recipient_name='Королёв Иван Петрович', phone='+79161234567', queued_at=OLD, sent_at=OLD + timedelta(minutes=1)
    )
    database.write_sync(lambda session: ingest_imported_messages(session, [message], zone=MOSCOW, now=NOON))
    return MessageService(database, MOSCOW, lambda: NOON)


@pytest.mark.parametrize(
    ('query', 'hint'),
    [
        (MessageQuery(name='королев', period=MONTH), texts.HIDDEN_BY_PERIOD.format(count=1)),
        (MessageQuery(phone='4567', period=MONTH), texts.HIDDEN_BY_PERIOD.format(count=1)),
        (MessageQuery(name='сидоров', period=MONTH), None),
        (MessageQuery(name='сидоров'), None),
        (MessageQuery(name='королев'), None),
    ],
)
async def test_the_period_is_named_if_it_hides_messages(
    messages: MessageService, query: MessageQuery, hint: str | None
) -> None:
    assert (await messages.page(query, number=1, size=20)).hint == hint
