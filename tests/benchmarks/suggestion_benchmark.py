"""The time of the searches that are offered, relative to the driver fetching 20 rows by primary key."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import text

from services.database.engine import Database
from services.lists.query_protocol import Period
from services.lists.suggestions import SuggestionGroup
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.messages.suggestions import similar_names, similar_phones
from services.messages.suggestions.message_suggestions import MessageSuggestions
from tests.benchmarks.measurement import Measurement, bare_milliseconds, median_milliseconds
from tests.benchmarks.search_benchmark import COMMON_NAME
from tests.helpers.reference_messages import MOSCOW

SECONDS = 120
"""Seconds for each query, so that a slow one is measured and not given up."""
ONE_PHONE = text("SELECT phone FROM message WHERE phone LIKE '+7%' ORDER BY place DESC LIMIT 1 OFFSET 1000")
ALL_OFFERS_MILLISECONDS = 4000


async def measure(database: Database, scale: int) -> list[Measurement]:
    """Measure the phones and names one mistake away, and everything that is offered instead of rows."""
    messages = MessageService(database, MOSCOW)
    bare = await database.read(bare_milliseconds)
    phone: str = await database.read(lambda session: session.execute(ONE_PHONE).scalar_one())
    wrong = phone[:-1] + str((int(phone[-1]) + 1) % 10)
    numbers = similar_phones.similar_numbers(wrong)
    misspelt = f'{COMMON_NAME[:2]}о{COMMON_NAME[3:]}'
    period = messages.default_query().period
    measurements = []
    for name, work in (
        (
            'similar phones',
            partial(
                messages.read_bound, MessageQuery(), SECONDS,
                lambda bound_query: similar_phones.count_by_phone(bound_query, numbers),
            ),
        ),
        (
            'similar names',
            partial(
                messages.read_bound, MessageQuery(name=misspelt, period=period), SECONDS,
                similar_names.find_similar_names,
            ),
        ),
    ):  # fmt: skip
        value = await median_milliseconds(work)
        measurements.append(Measurement(name, database.dialect, scale, value, 'ms', 60, value / bare))
    for name, query in (
        ('a phone', MessageQuery(phone=wrong, period=period)),
        ('a name', MessageQuery(name=misspelt, period=period)),
        ('two conditions', MessageQuery(name=COMMON_NAME, phone=wrong, period=Period(period.since), older_than=60)),
    ):
        value = await median_milliseconds(partial(_offered, messages, query))
        ratio = value / ALL_OFFERS_MILLISECONDS
        measurements.append(
            Measurement(f'all offers instead of {name}', database.dialect, scale, value, 'ms', 1, ratio)
        )
    return measurements


async def _offered(messages: MessageService, query: MessageQuery) -> Sequence[SuggestionGroup[MessageQuery]]:
    return [group async for group in MessageSuggestions(messages).alternatives(query)]
