"""The time of searches through the service, relative to the driver fetching 20 rows by primary key.

Totals that are counted row by row, and sorted pages, have a limit in milliseconds: their ratio is to that limit.
"""

import asyncio
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import text

from models import MessageKind, MessageStatus
from services.access_scope.organization_scope import OrganizationScope
from services.audit.audit_log import AuditLog
from services.audit.audited_source import SectionActivityRecorder
from services.audit.hash_chain import Actor
from services.database.engine import Database
from services.demo import demo_data
from services.keys.data_key import DataKey
from services.lists.message_kinds import MANUAL_KINDS
from services.lists.organizations import Organizations
from services.lists.query_protocol import Order, Period
from services.messages.delivery import DeliveryCondition
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.overview.footer import read_sent_cost
from tests.benchmarks.measurement import Measurement, bare_milliseconds, limited, median_milliseconds
from tests.helpers.reference_messages import MOSCOW

FAILED = frozenset({MessageStatus.FAILED})
UNSENT = MessageQuery(statuses=frozenset({MessageStatus.FAILED, MessageStatus.WAITING}))
COMMON_NAME = 'иванов'
ONE_RECIPIENT = text('SELECT name_key, phone FROM message ORDER BY place DESC LIMIT 1 OFFSET 1000')
COUNT_LIMITS = {'sqlite': (3, 0.006), 'postgresql': (12, 0.008)}
"""Milliseconds that a count may take, and milliseconds added for each match."""
AUDIT_LIMIT = 5
"""Milliseconds that the audit record may add to a search."""
COMPARISON_ROUNDS = 5
"""The number of alternating measurements, alone and under load, so that other load on the machine affects both."""
EXPENSIVE_QUERIES = (
    MessageQuery(name='а', order=Order('recipient_name')),
    MessageQuery(name='иванов' * 333),
    MessageQuery(name=' '.join(first + second for first in 'авинор' for second in 'авдеиклмнопрст') * 10),
    MessageQuery(phone='1', order=Order('cost')),
    MessageQuery(order=Order('organization')),
    MessageQuery(),
)
"""The most expensive queries that a user can type; they are run without a period, past the last page, with totals."""
SORTED_COLUMNS = ('recipient_name', 'organization', 'cost', 'status', 'appointment_at')


@dataclass(frozen=True)
class BenchmarkCase:
    """A search, and the limit of its first page as a multiple of the baseline."""

    name: str
    query: MessageQuery
    limit: float

    @property
    def is_counted_by_row(self) -> bool:
        """Whether the totals are counted row by row."""
        query = self.query
        has_text = bool(query.name or query.phone)
        return has_text or bool(query.delivery or query.errors) or query.appointment != Period()


@dataclass(frozen=True)
class BenchmarkPeriod:
    """A period with its limits: multiples of the baseline, and milliseconds for a sorted page."""

    name: str
    period: Period
    jump_limit: float
    totals_limit: float
    sorted_limit: float


class SearchBenchmark:
    """Measures searches of one journal and collects the results."""

    def __init__(self, database: Database, scale: int, bare: float, scope: OrganizationScope | None = None) -> None:
        """Measure relative to `bare`, the baseline in milliseconds, within a scope or else without."""
        messages = MessageService(database, MOSCOW, time_limit=120)
        self.messages = messages.within(scope) if scope else messages
        self.figures = [Measurement('bare: 20 rows by primary key', database.dialect, scale, bare, 'ms', None, 1)]
        self._database = database
        self._scale = scale
        self._bare_milliseconds = bare

    def add(self, name: str, value: float, limit: float | None, against: float | None = None) -> None:
        """Add a measurement; `limit` is the maximum of its ratio to the baseline, or to `against` milliseconds."""
        ratio = value / (against or self._bare_milliseconds)
        self.figures.append(Measurement(name, self._database.dialect, self._scale, value, 'ms', limit, ratio))

    async def page(self, name: str, query: MessageQuery, limit: float, number: int = 1, **known: int) -> None:
        """Measure a page."""
        self.add(
            name, await median_milliseconds(partial(self.messages.page, query, number=number, size=20, **known)), limit
        )

    async def case(self, case: BenchmarkCase, span: BenchmarkPeriod) -> None:
        """Measure the first page of a search, and its totals."""
        query = replace(case.query, period=span.period)
        await self.page(f'page 1, {span.name}: {case.name}', query, case.limit)
        value = await median_milliseconds(partial(self.messages.totals, query))
        name = f'totals, {span.name}: {case.name}'
        if case.is_counted_by_row:
            most, each = COUNT_LIMITS[self._database.dialect]
            self.add(name, value, 1, most + each * (await self.messages.totals(query)).count)
        else:
            self.add(name, value, span.totals_limit)

    async def pages(self, span: BenchmarkPeriod) -> None:
        """Measure pages beyond the first."""
        query = MessageQuery(period=span.period)
        count = (await self.messages.totals(query)).count
        last = max(-(-count // 20), 1)
        for name, number, limit in (
            ('next', 2, 15),
            ('any: in the middle', last // 2, span.jump_limit),
            ('any: the third quarter', 3 * last // 4, span.jump_limit),
            ('previous of the last', max(last - 1, 1), span.jump_limit),
            ('last', last, 15),
        ):
            await self.page(f'page, {span.name}: {name}', query, limit, number, count=count)

    async def pages_of_name(self, span: BenchmarkPeriod) -> None:
        """Measure pages beyond the first for a common name."""
        query = MessageQuery(name=COMMON_NAME, period=span.period)
        count = (await self.messages.totals(query)).count
        last = max(-(-count // 20), 1)
        for name, number in (('in the middle', max(last // 2, 1)), ('last', last)):
            await self.page(f'page, {span.name}: of a common name, {name}', query, 60, number, count=count)

    async def sorted(self, span: BenchmarkPeriod) -> None:
        """Measure the first page and the last one, sorted by a column."""
        count = (await self.messages.totals(MessageQuery(period=span.period))).count
        for column in SORTED_COLUMNS:
            query = MessageQuery(period=span.period, order=Order(column))
            for name, number in (('page 1', 1), ('last page', -(-count // 20))):
                value = await median_milliseconds(
                    partial(self.messages.page, query, number=number, size=20, count=count)
                )
                self.add(f'{name}, {span.name}: sorted by {column}', value, 1, span.sorted_limit)

    async def audit_cost(self, span: BenchmarkPeriod) -> None:
        """Measure the time that the audit record, which is written before rows are returned, adds to a search."""
        query, database = MessageQuery(period=span.period), self._database
        recorder = SectionActivityRecorder(
            AuditLog(database, data_key=DataKey('k' * 32)), Actor(1, 'clerk', '10.0.0.7'), 'Журнал'
        )

        async def recorded() -> None:
            await recorder.audited(self.messages).page(query, number=1, size=20)

        unrecorded = partial(self.messages.page, query, number=1, size=20)
        # Alternating, twice, so that other load on the machine affects both.
        times = [await median_milliseconds(work, runs=99) for work in (unrecorded, recorded, unrecorded, recorded)]
        cost = (times[1] + times[3] - times[0] - times[2]) / 2
        self.add('search: cost of its record', cost, 1, AUDIT_LIMIT)

    async def measure_under_load(self, load_name: str, load: Callable[[], Awaitable[object]]) -> None:
        """Measure a search while another user runs expensive queries."""
        query = replace(MessageQuery(name=COMMON_NAME), period=self.messages.default_query().period)
        search = partial(self.messages.page, query, number=1, size=20)
        alone: list[float] = []
        under_load: list[float] = []

        async def repeat_load() -> None:
            while True:
                await load()

        for _ in range(limited(COMPARISON_ROUNDS)):
            alone.append(await median_milliseconds(search, runs=99))
            load_task = asyncio.create_task(repeat_load())
            await asyncio.sleep(0.1)
            under_load.append(await median_milliseconds(search, runs=99))
            load_task.cancel()
            await asyncio.sleep(0.1)
        name = f'page 1, month: name, common, while another {load_name}'
        self.add(name, statistics.median(under_load), 1.5, statistics.median(alone))

    async def measure_under_expensive_queries(self, span: BenchmarkPeriod) -> None:
        """Measure a search while another user runs the most expensive queries."""
        await self.measure_under_load(
            'counts a letter', lambda: self.messages.totals(MessageQuery(name='а', period=span.period))
        )
        await self.measure_under_load('asks filters built to hurt', self.run_expensive_queries)

    async def run_expensive_queries(self) -> None:
        """Run EXPENSIVE_QUERIES with totals."""
        for query in EXPENSIVE_QUERIES:
            await self.messages.page(query, number=1_000_000, size=20)
            await self.messages.totals(query)


async def measure(database: Database, scale: int) -> list[Measurement]:
    """Measure every search over a month and over all days of the demo journal."""
    bench = SearchBenchmark(database, scale, await database.read(bare_milliseconds))
    month = bench.messages.default_query().period
    assert month.until is not None
    spans = (
        BenchmarkPeriod('month', month, jump_limit=30, totals_limit=15, sorted_limit=500),
        BenchmarkPeriod(
            '3 years', Period(month.until - timedelta(days=demo_data.MANY_DAYS), month.until), 60, 60, 5000
        ),
    )
    cases = await _cases(database)
    for span in spans:
        for case in cases:
            await bench.case(case, span)
        await bench.pages(span)
        await bench.sorted(span)
    await bench.pages_of_name(spans[0])
    await bench.measure_under_expensive_queries(spans[1])
    await bench.audit_cost(spans[0])
    bench.add("the foot's sum of everything", await median_milliseconds(partial(database.read, read_sent_cost)), 10)
    return bench.figures


async def first_page(database: Database) -> float:
    """Measure the first page of a month, in milliseconds, to compare a small journal with a large one."""
    messages = MessageService(database, MOSCOW)
    return await median_milliseconds(partial(messages.page, messages.default_query(), number=1, size=20), runs=99)


async def _cases(database: Database) -> Sequence[BenchmarkCase]:
    organizations = await Organizations(database).all()
    organization, several = organizations[0], frozenset(organizations[:20])
    messages = MessageService(database, MOSCOW)
    today = messages.today()
    soon, past = Period(today + timedelta(days=2), today + timedelta(days=2)), Period(None, today - timedelta(days=400))
    # Those of all years are not counted in time on PostgreSQL: it reads each failed message.
    errors = [each.key for each in await messages.error_counts(messages.default_query())]
    common, rarest = frozenset(errors[:3]), frozenset(errors[-1:])
    rare, phone = (await database.read(lambda session: session.execute(ONE_RECIPIENT).one())).tuple()
    here = MessageQuery(organizations=frozenset({organization}), statuses=FAILED)
    return [
        BenchmarkCase('no condition', MessageQuery(), 15),
        BenchmarkCase('failed', MessageQuery(statuses=FAILED), 15),
        BenchmarkCase(
            'waiting or failed, one kind', replace(UNSENT, kinds=frozenset({MANUAL_KINDS[MessageKind.ATTACHMENT]})), 15
        ),
        BenchmarkCase('organisation', MessageQuery(organizations=frozenset({organization})), 15),
        BenchmarkCase(
            'organisation, kind, failed', replace(here, kinds=frozenset({MANUAL_KINDS[MessageKind.DAY_HOSPITAL]})), 15
        ),
        BenchmarkCase('twenty organisations', MessageQuery(organizations=several), 60),
        BenchmarkCase('twenty organisations, failed', MessageQuery(organizations=several, statuses=FAILED), 60),
        BenchmarkCase(
            'two kinds',
            MessageQuery(
                kinds=frozenset({MANUAL_KINDS[MessageKind.ATTACHMENT], MANUAL_KINDS[MessageKind.VACCINATION]})
            ),
            60,
        ),
        BenchmarkCase('error, rarest', MessageQuery(errors=rarest), 60),
        BenchmarkCase('three common errors', MessageQuery(errors=common), 60),
        BenchmarkCase('error, organisation', MessageQuery(errors=rarest, organizations=frozenset({organization})), 60),
        BenchmarkCase('appointment, one day', MessageQuery(appointment=soon), 60),
        BenchmarkCase('appointment, a month', MessageQuery(appointment=Period(today, today + timedelta(days=30))), 60),
        BenchmarkCase('appointment, long past', MessageQuery(appointment=past), 60),
        BenchmarkCase('appointment, error', MessageQuery(appointment=soon, errors=common), 60),
        BenchmarkCase('appointment, twenty organisations', MessageQuery(appointment=soon, organizations=several), 60),
        BenchmarkCase('delivered', MessageQuery(delivery=DeliveryCondition.DELIVERED), 30),
        BenchmarkCase('no answer', MessageQuery(delivery=DeliveryCondition.UNANSWERED), 30),
        BenchmarkCase('overdue', MessageQuery(delivery=DeliveryCondition.OVERDUE), 30),
        BenchmarkCase('name, common', MessageQuery(name=COMMON_NAME), 60),
        BenchmarkCase('name, three letters', MessageQuery(name='ова'), 60),
        BenchmarkCase('name, rare: whole', MessageQuery(name=rare), 60),
        BenchmarkCase('name, two words', MessageQuery(name='петр иванов'), 60),
        BenchmarkCase('name and initials', MessageQuery(name='Иванов П.П.'), 60),
        BenchmarkCase('surname alone, common', MessageQuery(name=COMMON_NAME, surname_only=True), 60),
        BenchmarkCase('surname alone, a given name', MessageQuery(name='иван', surname_only=True), 60),
        BenchmarkCase('surname alone, two words', MessageQuery(name='петр иванов', surname_only=True), 60),
        BenchmarkCase('surname alone, organisation', replace(here, name=COMMON_NAME, surname_only=True), 60),
        BenchmarkCase('name, a whole word', MessageQuery(name=f'"{COMMON_NAME}"'), 60),
        BenchmarkCase('name, nobody', MessageQuery(name='щщщщ'), 60),
        BenchmarkCase('phone, whole', MessageQuery(phone=phone), 60),
        BenchmarkCase('phone, last four', MessageQuery(phone=phone[-4:]), 60),
        BenchmarkCase('phone, any six digits', MessageQuery(phone=phone[3:9]), 60),
        BenchmarkCase('name, organisation, failed', replace(here, name=COMMON_NAME), 150),
        BenchmarkCase('phone, organisation, failed', replace(here, phone=phone[-4:]), 150),
        BenchmarkCase('name, two letters', MessageQuery(name='ив'), 350),
        BenchmarkCase('name, two rare letters', MessageQuery(name='щщ'), 350),
        BenchmarkCase('name, one letter', MessageQuery(name='и'), 350),
        BenchmarkCase('name, one rare letter', MessageQuery(name='ъ'), 350),
    ]
