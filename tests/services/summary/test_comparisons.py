"""Earlier periods are counted with the same conditions, and are unknown where the journal has nothing."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from models import MessageStatus
from services.database.engine import Database
from services.lists.query_protocol import Period
from services.summary.summaries import Summaries
from services.summary.summary_data import Comparison, Comparisons
from services.summary.summary_query import SummaryQuery
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON
from tests.helpers.summary_messages import add_messages, failed

TODAY = NOON.date()
MONTH = SummaryQuery(period=Period(TODAY.replace(day=1), TODAY))
SENT, WAITING, FAILED = MessageStatus.SENT, MessageStatus.WAITING, MessageStatus.FAILED


async def compare(database: Database, query: SummaryQuery) -> Comparisons | None:
    return (await Summaries(database, MOSCOW, now=lambda: NOON).summarize(query)).comparisons


def known(comparisons: Sequence[Comparison]) -> list[bool]:
    return [each.totals is not None for each in comparisons]


def sent_on(day: date) -> datetime:
    return datetime.combine(day, time(12), MOSCOW)


async def test_earlier_periods_are_counted_with_the_same_conditions(database: Database) -> None:
    last_month = (TODAY.replace(day=1) - timedelta(days=1)).replace(day=TODAY.day)
    add_messages(
        database,
        [
            incoming_message(queued_at=None, sent_at=sent_on(date(TODAY.year - 2, 1, 1))),
            incoming_message(queued_at=None, sent_at=sent_on(last_month), cost=Decimal('4.65')),
            incoming_message(queued_at=None, sent_at=sent_on(last_month - timedelta(days=1)), cost=Decimal('1.55')),
            incoming_message(queued_at=None, sent_at=sent_on(last_month + timedelta(days=1))),  # later in that month
            failed('1', (TODAY - last_month).days),
            incoming_message(),
        ],
    )
    compared = await compare(database, MONTH)
    assert compared
    assert (compared.period, compared.by_dates, compared.is_today_included) == (MONTH.period, True, True)
    previous, last_year = compared.comparisons
    assert previous.totals
    assert previous.totals.messages == {WAITING: 0, SENT: 2, FAILED: 1}
    assert previous.totals.cost == Decimal('9.30')
    assert previous.totals.failure_rate == Decimal(1) / 3
    # The journal had begun, but has not one message of those days: their number is not known.
    assert last_year.totals is None
    only_failed = await compare(database, SummaryQuery(period=MONTH.period, statuses=frozenset({FAILED})))
    assert only_failed
    assert only_failed.comparisons[0].totals
    assert only_failed.comparisons[0].totals.messages == {FAILED: 1}
    assert only_failed.comparisons[0].totals.failure_rate is None


async def test_what_the_journal_does_not_cover_is_unknown(database: Database) -> None:
    add_messages(database, [incoming_message(), incoming_message(queued_at=None, sent_at=sent_on(TODAY))])
    assert await compare(database, SummaryQuery()) is None
    compared = await compare(database, MONTH)
    assert compared
    assert known(compared.comparisons) == [False, False]
    begins = TODAY - timedelta(days=7)
    add_messages(database, [incoming_message(queued_at=None, sent_at=sent_on(begins))])
    today = await compare(database, SummaryQuery(period=Period(TODAY, TODAY)))
    assert today
    assert today.first_day == begins
    assert known(today.comparisons) == [True, False]
    two_days = await compare(database, SummaryQuery(period=Period(TODAY - timedelta(days=1), TODAY)))
    assert two_days
    assert known(two_days.comparisons) == [False, False], 'the journal begins in the middle of the days before'
