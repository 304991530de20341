"""The summary's figures equal a recount of every message; what grows and what waits is found by the plain meaning."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest

from models import MessageKind, MessageStatus
from services.database.engine import Database
from services.ingest.message_ingest import record
from services.ingest.message_parsing import Incoming
from services.lists.organizations import Organizations
from services.lists.query_protocol import Period, Refusal
from services.messages import query_params
from services.messages.message_query import MessageQuery
from services.summary.summaries import Summaries
from services.summary.summary_data import Summary, Times
from tests.helpers import reference_messages
from tests.helpers.factories import incoming
from tests.helpers.reference_messages import MOSCOW, NOON, Arrived

TODAY = NOON.date()
FAILED, WAITING, SENT = MessageStatus.FAILED, MessageStatus.WAITING, MessageStatus.SENT


def fill(database: Database, messages: Sequence[Incoming]) -> None:
    database.write_now(lambda session: record(session, messages, zone=MOSCOW, now=NOON))


async def summed(database: Database, query: MessageQuery) -> Summary:
    return await Summaries(database, MOSCOW, now=lambda: NOON).of(query)


def cost(found: Sequence[Arrived]) -> Decimal:
    return sum((one.message.cost for one in found), Decimal('0.00'))


def assert_recounted(summary: Summary, found: Sequence[Arrived]) -> None:
    """Hold every figure against the messages themselves."""
    by_status = Counter(one.message.status for one in found)
    assert summary.found == len(found)
    assert summary.messages == {status: by_status[status] for status in summary.messages}
    assert summary.cost == cost(found)
    for times in summary.times:
        since, until = times.period.since, times.period.until
        assert since
        assert until
        then = Counter(one.message.status for one in found if since <= one.moment.astimezone(MOSCOW).date() <= until)
        assert times.messages == {status: then[status] for status in summary.messages}
    assert sum(sum(times.messages.values()) for times in summary.times) == len(found)
    for share in summary.kinds:
        its = [one for one in found if one.message.kind == share.of.kind]
        assert (share.messages, share.cost) == (len(its), cost(its))
    for named in summary.organizations:
        if named.of and named.of.organization:
            its = [one for one in found if one.message.organization == named.of.organization.name]
            assert (named.messages, named.cost) == (len(its), cost(its))
    if summary.organizations:
        assert sum(share.messages for share in summary.organizations) == len(found)
        assert sum(share.cost for share in summary.organizations) == summary.cost


@pytest.mark.parametrize('seed', [1, 2])
async def test_every_figure_equals_a_recount(database: Database, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('services.summary.breakdowns.MOST_ORGANIZATIONS', 2)
    dice = random.Random(seed)
    messages = reference_messages.some_messages(300, seed)
    fill(database, messages)
    fill(database, [reference_messages.moved(message, dice) for message in messages[:100]])
    arrived = database.read_now(reference_messages.stored)
    organization = (await Organizations(database).all())[1]
    for query in (
        MessageQuery(),
        MessageQuery(period=Period(TODAY - timedelta(days=30), TODAY)),
        MessageQuery(period=Period(TODAY - timedelta(days=200), TODAY - timedelta(days=3))),
        MessageQuery(period=Period(until=TODAY - timedelta(days=20)), kind=MessageKind.REMINDER),
        MessageQuery(period=Period(TODAY - timedelta(days=40), None), statuses=frozenset({FAILED, WAITING})),
        MessageQuery(organization=organization, kind=MessageKind.VACCINATION, statuses=frozenset({SENT})),
    ):
        summary = await summed(database, query)
        assert_recounted(summary, reference_messages.expected(arrived, query))
        assert bool(summary.organizations) is (query.organization is None)
        assert bool(summary.kinds) is (query.kind is None)
    whole = await summed(database, MessageQuery())
    assert [share.of is None for share in whole.organizations] == [False, False, True]
    assert whole.organizations[0].cost >= whole.organizations[1].cost


async def test_days_become_months_where_there_are_too_many(database: Database) -> None:
    fill(database, [incoming()])
    short = await summed(database, MessageQuery(period=Period(TODAY - timedelta(days=123), TODAY)))
    assert (short.monthly, len(short.times)) == (False, 124)
    long = await summed(database, MessageQuery(period=Period(date(2026, 3, 15), TODAY)))
    assert long.monthly
    assert [times.period for times in long.times][:2] == [
        Period(date(2026, 3, 15), date(2026, 3, 31)),
        Period(date(2026, 4, 1), date(2026, 4, 30)),
    ]
    assert long.times[-1].period == Period(date(2026, 11, 1), TODAY)
    assert (await summed(database, MessageQuery())).times == [
        Times(Period(date(2026, 11, 1), date(2026, 11, 30)), {WAITING: 0, SENT: 1, FAILED: 0})
    ]


async def test_an_empty_journal_has_no_share_of_errors(database: Database) -> None:
    summary = await summed(database, MessageQuery())
    assert (summary.found, summary.cost, summary.failing, list(summary.times)) == (0, Decimal(0), None, [])
    assert (summary.waiting, summary.organizations) == ([], [])


async def test_the_share_of_errors_is_told_only_where_both_were_asked_for(database: Database) -> None:
    fill(database, [incoming(), failed('1', 0), incoming(), incoming(status=WAITING), incoming()])
    assert (await summed(database, MessageQuery())).failing == Decimal('0.25')
    assert (await summed(database, MessageQuery(statuses=frozenset({FAILED})))).failing is None


def failed(code: str, days_ago: int, **changes: str) -> Incoming:
    """A message that failed at noon, some days ago."""
    return incoming(
        status=FAILED,
        queued_at=NOON - timedelta(days=days_ago, hours=1),
        attempted_at=NOON - timedelta(days=days_ago),
        error_code=code,
        error_name=f'Ошибка {code}',
        **changes,  # type: ignore[arg-type]
    )


async def test_errors_that_grow_are_told_steepest_first(database: Database) -> None:
    fill(
        database,
        [
            *(failed('new', days_ago) for days_ago in (0, 1, 6)),
            *(failed('double', days_ago) for days_ago in (0, 0, 2, 3, 7, 13)),
            *(failed('same', days_ago) for days_ago in (5, 9)),
            *(failed('fewer', days_ago) for days_ago in (4, 8, 10)),
            *(failed('old', days_ago) for days_ago in (14, 20)),
        ],
    )
    errors = (await summed(database, MessageQuery(period=Period(TODAY - timedelta(days=30), TODAY)))).errors
    assert errors
    assert errors.now == Period(TODAY - timedelta(days=6), TODAY)
    assert errors.before == Period(TODAY - timedelta(days=13), TODAY - timedelta(days=7))
    assert [(each.code, each.name, each.before, each.now) for each in errors.growing] == [
        ('new', 'Ошибка new', 0, 3),
        ('double', 'Ошибка double', 2, 4),
    ]


async def test_growth_follows_the_filters_and_a_short_period(database: Database) -> None:
    there = 'Другая больница'
    fill(database, [failed('a', 0), failed('a', 1, organization=there), failed('a', 2, organization=there)])
    one = next(each for each in await Organizations(database).all() if each.name == there)
    yesterday = Period(TODAY - timedelta(days=1), TODAY - timedelta(days=1))
    here = MessageQuery(organization=one, period=yesterday)
    errors = (await summed(database, here)).errors
    assert errors
    assert (errors.now, errors.before) == (yesterday, Period(*[TODAY - timedelta(days=2)] * 2))
    assert errors.growing == []
    growing = (await summed(database, replace(here, period=Period(TODAY, TODAY), organization=None))).errors
    assert growing
    assert growing.growing == []
    assert (await summed(database, MessageQuery(statuses=frozenset({SENT})))).errors is None


async def test_what_waits_longest_comes_first_and_each_leads_to_its_day(database: Database) -> None:
    fill(
        database,
        [incoming(status=WAITING, queued_at=NOON - timedelta(days=ago)) for ago in (2, 40, *range(3, 13))]
        + [incoming(queued_at=NOON - timedelta(days=50))],
    )
    waiting = (await summed(database, MessageQuery())).waiting
    assert waiting
    assert [each.since for each in waiting] == [NOON - timedelta(days=ago) for ago in (40, *range(12, 3, -1))]
    assert waiting[0].lasts == timedelta(days=40)
    day = NOON.date() - timedelta(days=40)
    assert waiting[0].query.period == Period(day, day)
    assert waiting[0].query.statuses == {WAITING}
    later = MessageQuery(period=Period(TODAY - timedelta(days=3), TODAY))
    assert [each.since for each in (await summed(database, later)).waiting or ()] == [
        NOON - timedelta(days=ago) for ago in (3, 2)
    ]
    assert (await summed(database, MessageQuery(statuses=frozenset({SENT})))).waiting is None


async def test_a_query_that_contradicts_itself_is_refused(database: Database) -> None:
    with pytest.raises(Refusal):
        await summed(database, MessageQuery(period=Period(TODAY, TODAY - timedelta(days=1))))


async def test_an_address_says_the_conditions_and_never_whom(database: Database) -> None:
    fill(database, [incoming()])
    (organization,) = await Organizations(database).all()
    query = MessageQuery(
        name='Королёв',
        phone='9161234567',
        kind=MessageKind.DAY_HOSPITAL,
        period=Period(date(2026, 10, 22), date(2026, 11, 22)),
        organization=organization,
        statuses=frozenset({FAILED, WAITING}),
    )
    address = urlsplit(query_params.address(query))
    assert address.path == '/messages'
    assert parse_qsl(address.query) == [
        ('from', '2026-10-22'),
        ('to', '2026-11-22'),
        ('kind', 'day_hospital'),
        ('org', str(organization.id)),
        ('status', 'waiting.failed'),
    ]
    assert query_params.address(MessageQuery()) == '/messages'
