"""How long searches take through the service, against the bare limit: the driver fetching 20 rows by primary key."""

import statistics
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import text
from sqlmodel import Session

from models import MessageKind, MessageStatus
from services import demo
from services.balance import Ledger
from services.database import Database
from services.live import Live
from services.messages import Messages
from services.messages.query import MessageQuery
from services.organizations import Organizations
from services.query import Order, Period
from tests.benchmarks.figures import Figure, median
from tests.services.reference import MOSCOW

BARE_RUNS = 200
FAILED = frozenset({MessageStatus.FAILED})


@dataclass(frozen=True)
class Case:
    """A search and the bound of its first page, in bare limits."""

    name: str
    query: MessageQuery
    limit: float


async def measure(database: Database, scale: int) -> list[Figure]:
    """Measure every search over a month and over all the days there are."""
    messages = Messages(database, MOSCOW, time_limit=60)
    bare = await database.read(_bare)
    figures = [Figure('bare: 20 rows by primary key', database.dialect, scale, bare, 'ms', None, 1)]

    def figure(name: str, value: float, limit: float | None) -> None:
        figures.append(Figure(name, database.dialect, scale, value, 'ms', limit, value / bare))

    today = datetime.now(UTC).astimezone(MOSCOW).date()
    whole = Period(today - timedelta(days=demo.MANY_DAYS), today)
    for period, span in ((messages.query().period, 'month'), (whole, 'all')):
        async for name, value, limit in _searches(messages, await _cases(database), period, span):
            figure(name, value, limit)
        async for name, value, limit in _pages(messages, period, span):
            figure(name, value, limit)
    live = Live(database, Ledger(database))
    figure("the foot's sum and balance", await median(live.look), 10)
    return figures


async def _cases(database: Database) -> list[Case]:
    organization = (await Organizations(database).all())[0]
    return [
        Case('no condition', MessageQuery(), 15),
        Case('failed', MessageQuery(statuses=FAILED), 15),
        Case('organisation', MessageQuery(organization=organization), 15),
        Case(
            'organisation, kind, failed',
            MessageQuery(organization=organization, kind=MessageKind.DAY_HOSPITAL, statuses=FAILED),
            15,
        ),
        Case('name, common', MessageQuery(name='иванов'), 60),
        Case('name, two words', MessageQuery(name='петр иванов'), 60),
        Case('name, nobody', MessageQuery(name='щщщщ'), 60),
        Case('name, two letters', MessageQuery(name='ив'), 350),
        Case('name, one letter', MessageQuery(name='и'), 350),
        Case('phone, whole', MessageQuery(phone='89165550122'), 60),
        Case('phone, any four digits', MessageQuery(phone='4567'), 60),
        Case(
            'name, organisation, failed', MessageQuery(name='иванов', organization=organization, statuses=FAILED), 150
        ),
    ]


async def _searches(
    messages: Messages, cases: list[Case], period: Period, span: str
) -> AsyncIterator[tuple[str, float, float | None]]:
    for case in cases:
        query = replace(case.query, period=period)
        yield (
            f'page 1, {span}: {case.name}',
            await median(partial(messages.page, query, number=1, size=20)),
            case.limit,
        )
        yield f'totals, {span}: {case.name}', await median(partial(messages.totals, query)), None


async def _pages(messages: Messages, period: Period, span: str) -> AsyncIterator[tuple[str, float, float | None]]:
    query = MessageQuery(period=period)
    count = (await messages.totals(query)).count
    last = max(-(-count // 20), 1)
    for name, number, limit in (('next', 2, 15), ('middle', last // 2, 60), ('last', last, 15)):
        yield (
            f'page, {span}: {name}',
            await median(partial(messages.page, query, number=number, size=20, count=count)),
            limit,
        )
    for column in ('recipient_name', 'organization', 'cost', 'status', 'appointment_at'):
        yield (
            f'page 1, {span}: sorted by {column}',
            await median(partial(messages.page, query.with_order(Order(column)), number=1, size=20)),
            None,
        )


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
