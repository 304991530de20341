"""How long the pages take that sum up or list without being asked: each must be there within a second."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from services.call_list.call_list_service import CallBacks
from services.database.engine import Database
from services.demo import demo_data
from services.lists.query_protocol import Period
from services.messages.message_service import Messages
from services.receipts.provider_codes import Codes
from services.settings import PROJECT
from services.summary.summaries import Summaries
from tests.benchmarks.measurement import Figure, median
from tests.helpers.reference_messages import MOSCOW

LIMIT = 1000
"""Milliseconds."""


async def measure(database: Database, scale: int) -> list[Figure]:
    """Measure the summary of a month and of all the days there are, and the call-back list as it opens."""
    summaries = Summaries(database, MOSCOW)
    calls = CallBacks(database, MOSCOW, Codes.read(PROJECT / 'data' / 'provider_codes.csv'))
    month = Messages(database, MOSCOW).query()
    assert month.period.until is not None
    years = replace(month, period=Period(month.period.until - timedelta(days=demo_data.MANY_DAYS), month.period.until))
    figures = []
    for name, work in (
        ('summary: month', partial(summaries.of, month)),
        ('summary: 3 years', partial(summaries.of, years)),
        ('call-back list: a week', partial(calls.waiting, calls.query(), 20)),
    ):
        value = await median(work)
        figures.append(Figure(name, database.dialect, scale, value, 'ms', 1, value / LIMIT))
    return figures
