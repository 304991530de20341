"""How long searches take through the service, against the bare limit: the driver fetching 20 rows by primary key.

What is counted row by row, and what is sorted, has a bound in milliseconds instead: its ratio is against that bound.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import text
from sqlmodel import Session

from models import MessageKind, MessageStatus
from services.audit.audit_log import Access
from services.audit.audited_source import Witness
from services.audit.hash_chain import Actor
from services.database.engine import Database
from services.demo import demo_data
from services.lists.organizations import Organizations
from services.lists.query_protocol import Order, Period
from services.live_updates import sent
from services.messages.message_query import MessageQuery
from services.messages.message_service import Messages
from tests.benchmarks.measurement import Figure, median
from tests.helpers.reference_messages import MOSCOW

BARE_RUNS = 200
FAILED = frozenset({MessageStatus.FAILED})
UNSENT = MessageQuery(statuses=frozenset({MessageStatus.FAILED, MessageStatus.WAITING}))
COMMON = 'иванов'
SOMEBODY = text('SELECT name_key, phone FROM message ORDER BY place DESC LIMIT 1 OFFSET 1000')
COUNTING = {'sqlite': (3, 0.006), 'postgresql': (12, 0.008)}
"""Milliseconds that a count may take, and for each match besides."""
RECORD = 5
"""Milliseconds that a record may cost a search."""
ROUNDS = 5
"""How often in turn a search is measured alone and beside others: what the machine does meanwhile is then in both."""
HURTING = (
    MessageQuery(name='а', order=Order('recipient_name')),
    MessageQuery(name='иванов' * 333),
    MessageQuery(name=' '.join(first + second for first in 'авинор' for second in 'авдеиклмнопрст') * 10),
    MessageQuery(phone='1', order=Order('cost')),
    MessageQuery(order=Order('organization')),
    MessageQuery(),
)
"""Asked by somebody who means to hurt: no period, a page that is not there, and all of it added up."""
COLUMNS = ('recipient_name', 'organization', 'cost', 'status', 'appointment_at')


@dataclass(frozen=True)
class Case:
    """A search, and the bound of its first page in bare limits."""

    name: str
    query: MessageQuery
    limit: float

    @property
    def counted(self) -> bool:
        """Whether its totals are counted row by row."""
        return bool(self.query.name or self.query.phone)


@dataclass(frozen=True)
class Span:
    """A period, and the bounds that depend on its length: in bare limits, and in milliseconds for a sorted page."""

    name: str
    period: Period
    jump: float
    totals: float
    sorted: float


class Bench:
    """Measures one journal, and keeps the figures."""

    def __init__(self, database: Database, scale: int, bare: float) -> None:
        """Measure against `bare` milliseconds."""
        self.messages = Messages(database, MOSCOW, time_limit=120)
        self.figures = [Figure('bare: 20 rows by primary key', database.dialect, scale, bare, 'ms', None, 1)]
        self._database = database
        self._scale = scale
        self._bare = bare

    def add(self, name: str, value: float, limit: float | None, against: float | None = None) -> None:
        """Keep a figure; `limit` bounds its ratio to the bare limit, or to `against` milliseconds."""
        ratio = value / (against or self._bare)
        self.figures.append(Figure(name, self._database.dialect, self._scale, value, 'ms', limit, ratio))

    async def page(self, name: str, query: MessageQuery, limit: float, number: int = 1, **known: int) -> None:
        """Measure a page."""
        self.add(name, await median(partial(self.messages.page, query, number=number, size=20, **known)), limit)

    async def case(self, case: Case, span: Span) -> None:
        """Measure the first page of a search, and its totals."""
        query = replace(case.query, period=span.period)
        await self.page(f'page 1, {span.name}: {case.name}', query, case.limit)
        value = await median(partial(self.messages.totals, query))
        name = f'totals, {span.name}: {case.name}'
        if case.counted:
            most, each = COUNTING[self._database.dialect]
            self.add(name, value, 1, most + each * (await self.messages.totals(query)).count)
        else:
            self.add(name, value, span.totals)

    async def pages(self, span: Span) -> None:
        """Measure turning the pages."""
        query = MessageQuery(period=span.period)
        count = (await self.messages.totals(query)).count
        last = max(-(-count // 20), 1)
        for name, number, limit in (
            ('next', 2, 15),
            ('any: in the middle', last // 2, span.jump),
            ('any: the third quarter', 3 * last // 4, span.jump),
            ('previous of the last', max(last - 1, 1), span.jump),
            ('last', last, 15),
        ):
            await self.page(f'page, {span.name}: {name}', query, limit, number, count=count)

    async def pages_of_name(self, span: Span) -> None:
        """Measure turning the pages of a common name."""
        query = MessageQuery(name=COMMON, period=span.period)
        count = (await self.messages.totals(query)).count
        last = max(-(-count // 20), 1)
        for name, number in (('in the middle', max(last // 2, 1)), ('last', last)):
            await self.page(f'page, {span.name}: of a common name, {name}', query, 60, number, count=count)

    async def sorted(self, span: Span) -> None:
        """Measure the first page and the last one sorted by other columns than time."""
        count = (await self.messages.totals(MessageQuery(period=span.period))).count
        for column in COLUMNS:
            query = MessageQuery(period=span.period, order=Order(column))
            for name, number in (('page 1', 1), ('last page', -(-count // 20))):
                value = await median(partial(self.messages.page, query, number=number, size=20, count=count))
                self.add(f'{name}, {span.name}: sorted by {column}', value, 1, span.sorted)

    async def records(self, span: Span) -> None:
        """Measure what a search takes longer for being on record before its rows are given."""
        query, database = MessageQuery(period=span.period), self._database
        witness = Witness(Access(database), Actor(1, 'clerk', '10.0.0.7'), 'Журнал')

        async def recorded() -> None:
            await witness.search(self.messages).page(query, number=1, size=20)

        bare = partial(self.messages.page, query, number=1, size=20)
        # One after the other, twice: whatever else the machine does meanwhile is then in both.
        times = [await median(work, runs=99) for work in (bare, recorded, bare, recorded)]
        cost = (times[1] + times[3] - times[0] - times[2]) / 2
        self.add('search: cost of its record', cost, 1, RECORD)

    async def beside(self, doing: str, hurt: Callable[[], Awaitable[object]]) -> None:
        """Measure what a search takes while somebody else asks for what hurts."""
        quiet = replace(MessageQuery(name=COMMON), period=self.messages.query().period)
        search = partial(self.messages.page, quiet, number=1, size=20)
        alone: list[float] = []
        beside: list[float] = []

        async def go_on() -> None:
            while True:
                await hurt()

        for _ in range(ROUNDS):
            alone.append(await median(search, runs=99))
            hurting = asyncio.create_task(go_on())
            await asyncio.sleep(0.1)
            beside.append(await median(search, runs=99))
            hurting.cancel()
            await asyncio.sleep(0.1)
        name = f'page 1, month: name, common, while another {doing}'
        self.add(name, statistics.median(beside), 1.5, statistics.median(alone))

    async def beside_hurting(self, span: Span) -> None:
        """Measure what a search takes while somebody else asks for what hurts most."""
        await self.beside('counts a letter', lambda: self.messages.totals(MessageQuery(name='а', period=span.period)))
        await self.beside('asks filters built to hurt', self.hurt)

    async def hurt(self) -> None:
        """Ask what no operator would."""
        for query in HURTING:
            await self.messages.page(query, number=1_000_000, size=20)
            await self.messages.totals(query)


async def measure(database: Database, scale: int) -> list[Figure]:
    """Measure every search over a month and over all the days there are."""
    bench = Bench(database, scale, await database.read(_bare))
    month = bench.messages.query().period
    assert month.until is not None
    spans = (
        Span('month', month, jump=30, totals=15, sorted=500),
        Span('3 years', Period(month.until - timedelta(days=demo_data.MANY_DAYS), month.until), 60, 60, 5000),
    )
    cases = await _cases(database)
    for span in spans:
        for case in cases:
            await bench.case(case, span)
        await bench.pages(span)
        await bench.sorted(span)
    await bench.pages_of_name(spans[0])
    await bench.beside_hurting(spans[1])
    await bench.records(spans[0])
    bench.add("the foot's sum of everything", await median(partial(database.read, sent)), 10)
    return bench.figures


async def first_page(database: Database) -> float:
    """Give the milliseconds that the first page of a month takes, by which a small journal is held against a great."""
    messages = Messages(database, MOSCOW)
    return await median(partial(messages.page, messages.query(), number=1, size=20), runs=99)


async def _cases(database: Database) -> Sequence[Case]:
    organization = (await Organizations(database).all())[0]
    rare, phone = (await database.read(lambda session: session.execute(SOMEBODY).one())).tuple()
    here = MessageQuery(organization=organization, statuses=FAILED)
    return [
        Case('no condition', MessageQuery(), 15),
        Case('failed', MessageQuery(statuses=FAILED), 15),
        Case('waiting or failed, one kind', replace(UNSENT, kind=MessageKind.ATTACHMENT), 15),
        Case('organisation', MessageQuery(organization=organization), 15),
        Case('organisation, kind, failed', replace(here, kind=MessageKind.DAY_HOSPITAL), 15),
        Case('name, common', MessageQuery(name=COMMON), 60),
        Case('name, three letters', MessageQuery(name='ова'), 60),
        Case('name, rare: whole', MessageQuery(name=rare), 60),
        Case('name, two words', MessageQuery(name='петр иванов'), 60),
        Case('name and initials', MessageQuery(name='Иванов П.П.'), 60),
        Case('name, nobody', MessageQuery(name='щщщщ'), 60),
        Case('phone, whole', MessageQuery(phone=phone), 60),
        Case('phone, last four', MessageQuery(phone=phone[-4:]), 60),
        Case('phone, any six digits', MessageQuery(phone=phone[3:9]), 60),
        Case('name, organisation, failed', replace(here, name=COMMON), 150),
        Case('phone, organisation, failed', replace(here, phone=phone[-4:]), 150),
        Case('name, two letters', MessageQuery(name='ив'), 350),
        Case('name, two rare letters', MessageQuery(name='щщ'), 350),
        Case('name, one letter', MessageQuery(name='и'), 350),
        Case('name, one rare letter', MessageQuery(name='ъ'), 350),
    ]


def _bare(session: Session) -> float:
    driver = session.connection().connection.driver_connection
    assert driver is not None
    middle = session.execute(text('SELECT place FROM message ORDER BY place LIMIT 1 OFFSET 1000')).scalar_one()
    statement = f'SELECT * FROM message WHERE place >= {middle} ORDER BY place LIMIT 20'
    times = []
    for _ in range(BARE_RUNS):
        started = time.perf_counter()
        driver.execute(statement).fetchall()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)
