"""The errors of today, and what is usual for this day of the week."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

from models import MessageStatus
from services.database.engine import Database
from services.ingest.message_ingest import ingest_imported_messages
from services.ingest.status_history import WITHDRAWN
from services.messages.message_service import MessageService
from services.overview.daily_errors import DailyErrors, read_daily_errors
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

TODAY = NOON.date()


def add(database: Database, days_ago: int, *, failed: int = 0, sent: int = 0, withdrawn: int = 0) -> None:
    """Add messages of one day."""
    moment = NOON - timedelta(days=days_ago)
    add_failed = partial(incoming_message, status=MessageStatus.FAILED, queued_at=moment)
    messages = [add_failed() for _ in range(failed)] + [add_failed(error_code=WITHDRAWN) for _ in range(withdrawn)]
    messages += [incoming_message(queued_at=moment, sent_at=moment) for _ in range(sent)]
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))


def read(database: Database) -> DailyErrors:
    return database.read_sync(lambda session: read_daily_errors(session, TODAY, MOSCOW))


def test_a_new_journal_has_nothing_to_compare_with(database: Database) -> None:
    assert read(database) == DailyErrors(TODAY, 0, None, 0)
    add(database, 0, failed=2)
    add(database, 1, failed=5)
    assert read(database) == DailyErrors(TODAY, 2, None, 0)


def test_the_usual_number_is_the_mean_of_the_same_weekday_of_four_weeks(database: Database) -> None:
    for days_ago, failed in ((7, 4), (14, 3), (21, 0), (28, 1), (35, 100), (6, 100), (8, 100)):
        add(database, days_ago, failed=failed, sent=1)
    assert read(database) == DailyErrors(TODAY, 0, Decimal(2), 4)


def test_a_day_without_any_message_is_not_compared(database: Database) -> None:
    add(database, 7, failed=3)
    add(database, 21, sent=2)
    assert read(database) == DailyErrors(TODAY, 0, Decimal('1.5'), 2)


def test_withdrawn_messages_are_no_errors(database: Database) -> None:
    for days_ago, failed in ((0, 2), (7, 4), (14, 2)):
        add(database, days_ago, failed=failed, sent=1, withdrawn=3)
    add(database, 1, withdrawn=9)
    assert read(database) == DailyErrors(TODAY, 2, Decimal(3), 2, withdrawn=3)


async def test_the_link_leads_to_the_messages_that_were_counted(database: Database) -> None:
    add(database, 0, failed=3, sent=2, withdrawn=2)
    add(database, 1, failed=1)
    service = MessageService(database, MOSCOW, now=lambda: NOON)
    errors = read(database)
    assert (errors.count, errors.withdrawn) == (3, 2)
    assert (await service.totals(errors.query)).count == 3
