"""A stored phone number is found in every notation of it, in the field and by a link, and no other number is."""

from datetime import UTC, datetime
from functools import partial

import pytest

from services.accounts.accounts import Accounts
from services.database.engine import Database
from services.ingest.message_ingest import ingest_imported_messages
from services.lists.organizations import Organizations
from services.lists.share_links import ShareLinks
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.messages.search.planner_settings import PlannerSettings
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

UZBEK, RUSSIAN, BELARUSIAN, KAZAKH, MOSCOW_LINE = (
    '+998901234567',
    '+79989012345',
    '+375298916540',
    '+77011234567',
    '+74951231234',
)
MUSCOVITE = '+79161234567'
PHONES = (UZBEK, RUSSIAN, BELARUSIAN, KAZAKH, MOSCOW_LINE, MUSCOVITE)
FOUND = {
    '+998 90 123-45-67': [UZBEK],
    '998 90 1234567': [UZBEK],
    '00998901234567': [UZBEK],
    '+998': [UZBEK],
    '+99890123': [UZBEK],
    '99890': [RUSSIAN, UZBEK],
    '+7 998 901-23-45': [RUSSIAN],
    '8 998 901 23 45': [RUSSIAN],
    '9989012345': [RUSSIAN],
    '375298916540': [BELARUSIAN],
    '80298916540': [BELARUSIAN],
    '+375': [BELARUSIAN],
    '8029891': [BELARUSIAN],
    '8916': [MUSCOVITE, BELARUSIAN],
    '891612': [MUSCOVITE],
    '8495': [MOSCOW_LINE],
    '6540': [BELARUSIAN],
    '+7701': [KAZAKH],
    '87011234567': [KAZAKH],
    '4567': [MUSCOVITE, KAZAKH, UZBEK],
    '89161234567, 89031234567': [MUSCOVITE],
    '89161234567.0': [MUSCOVITE],
}


@pytest.fixture
def filled(database: Database) -> Database:
    """A message to each of the numbers."""
    messages = [incoming_message(phone=phone) for phone in PHONES]
    database.write_sync(partial(ingest_imported_messages, messages=messages, zone=MOSCOW, now=NOON))
    return database


async def found_phones(database: Database, query: MessageQuery, planner: PlannerSettings) -> set[str]:
    """Return the phones that a query finds, and check that its count agrees."""
    service = MessageService(database, MOSCOW, lambda: NOON, planner=planner)
    rows = (await service.page(query, number=1, size=20)).rows
    assert (await service.totals(query)).count == len(rows)
    return {row.phone for row in rows}


@pytest.mark.parametrize('row_cost', [0, 1_000_000], ids=['scan', 'text index'])
async def test_a_number_is_found_in_every_notation(filled: Database, row_cost: int) -> None:
    planner = PlannerSettings(scanned_row_cost_ns=row_cost, newest_scan_rows=0)
    for typed, phones in FOUND.items():
        assert await found_phones(filled, MessageQuery(phone=typed), planner) == set(phones), typed


async def test_a_link_finds_what_was_typed(filled: Database) -> None:
    account_id = Accounts(filled).add('clerk', 'WebAdmin', 'correct horse battery').id
    links = ShareLinks(filled, Organizations(filled), lambda: datetime.now(UTC))
    for typed, phones in FOUND.items():
        link = await links.to_params(MessageQuery(phone=typed), account_id)
        assert '9' not in ''.join(value for name, value in link.params.items() if name != 'who')
        opened = await links.from_params(link.params)
        assert opened is not None
        assert await found_phones(filled, opened.query, PlannerSettings()) == set(phones), typed
