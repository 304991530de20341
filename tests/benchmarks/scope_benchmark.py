"""The time of searches of users who are bound to organisations, with the bounds of searches for organisations."""

from dataclasses import replace
from datetime import timedelta

from models import MessageStatus
from services.access_scope.organization_scope import OrganizationScope
from services.database.engine import Database
from services.demo import demo_data
from services.lists.organizations import Organizations
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from tests.benchmarks.measurement import Measurement, bare_milliseconds
from tests.benchmarks.search_benchmark import COMMON_NAME, BenchmarkCase, SearchBenchmark
from tests.helpers.reference_messages import MOSCOW

SCOPE_SIZES = (1, 3, 40)
"""The numbers of organisations in a scope; the region of the demonstration has forty."""
CASES = (
    BenchmarkCase('no condition', MessageQuery(), 60),
    BenchmarkCase('failed', MessageQuery(statuses=frozenset({MessageStatus.FAILED})), 60),
    BenchmarkCase('name, common', MessageQuery(name=COMMON_NAME), 150),
    BenchmarkCase('surname alone, common', MessageQuery(name=COMMON_NAME, surname_only=True), 150),
    BenchmarkCase('phone, last four', MessageQuery(phone='1234'), 150),
)


async def measure(database: Database, scale: int) -> list[Measurement]:
    """Measure first pages within scopes, over a month and over all days of the demo journal."""
    bare = await database.read(bare_milliseconds)
    organizations = await Organizations(database).all()
    month = MessageService(database, MOSCOW).default_query().period
    assert month.until is not None
    years = Period(month.until - timedelta(days=demo_data.MANY_DAYS), month.until)
    figures: list[Measurement] = []
    for size in SCOPE_SIZES:
        scope = OrganizationScope(frozenset(each.id for each in organizations[:size]))
        bench = SearchBenchmark(database, scale, bare, scope)
        for name, period in (('month', month), ('3 years', years)):
            for case in CASES:
                await bench.page(
                    f'page 1, {name}: {case.name}, bound to {size}', replace(case.query, period=period), case.limit
                )
        figures += bench.figures[1:]
    return figures
