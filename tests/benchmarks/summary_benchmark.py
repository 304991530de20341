"""Time of the queries of pages that load without a search: each must take less than a second."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from services.call_list.call_list_service import CallListService
from services.database.engine import Database
from services.demo import demo_data
from services.lists.query_protocol import Period
from services.messages.message_service import MessageService
from services.receipts.provider_codes import ProviderCodes
from services.settings import PROJECT_ROOT
from services.summary.summaries import Summaries
from services.summary.summary_query import SummaryQuery
from tests.benchmarks.measurement import Measurement, median_milliseconds
from tests.helpers.reference_messages import MOSCOW

LIMIT_MILLISECONDS = 1000


async def measure(database: Database, scale: int) -> list[Measurement]:
    """Measure the summary of a month and of all days, and the initial call list."""
    summaries = Summaries(database, MOSCOW)
    calls = CallListService(database, MOSCOW, ProviderCodes.load(PROJECT_ROOT / 'data' / 'provider_codes.csv'))
    month = SummaryQuery(period=MessageService(database, MOSCOW).default_query().period)
    assert month.period.until is not None
    years = replace(month, period=Period(month.period.until - timedelta(days=demo_data.MANY_DAYS), month.period.until))
    measurements = []
    for name, work in (
        ('summary: month', partial(summaries.summarize, month)),
        ('summary: 3 years', partial(summaries.summarize, years)),
        ('call-back list: a week', partial(calls.pending_calls, calls.default_query(), 20)),
        ('call-back list: a name', partial(calls.pending_calls, replace(calls.default_query(), name='иванов'), 20)),
    ):
        value = await median_milliseconds(work)
        measurements.append(Measurement(name, database.dialect, scale, value, 'ms', 1, value / LIMIT_MILLISECONDS))
    return measurements
