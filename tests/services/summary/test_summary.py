"""The summary: its totals equal a recount of all messages; growing errors and waiting messages are listed correctly."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest

from models import MessageKind, MessageStatus
from services.database.engine import Database
from services.ingest.status_history import WITHDRAWN
from services.lists.message_kinds import MANUAL_KINDS, MessageKinds
from services.lists.organizations import Organizations
from services.lists.query_protocol import InvalidQueryError, Period
from services.messages import query_params
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.summary.summaries import Summaries
from services.summary.summary_data import PeriodCounts, Summary
from services.summary.summary_query import SummaryQuery
from tests.helpers import reference_messages
from tests.helpers.factories import incoming_message
from tests.helpers.generated_journal import insert_messages_of_merged_entries, insert_updated_messages
from tests.helpers.reference_messages import MOSCOW, NOON, ArrivedMessage
from tests.helpers.summary_messages import add_messages, failed

TODAY = NOON.date()
FAILED, WAITING, SENT = MessageStatus.FAILED, MessageStatus.WAITING, MessageStatus.SENT


async def summarize(database: Database, query: SummaryQuery) -> Summary:
    return await Summaries(database, MOSCOW, now=lambda: NOON).summarize(query)


def total_cost(messages: Sequence[ArrivedMessage]) -> Decimal:
    return sum((one.message.cost for one in messages), Decimal('0.00'))


def assert_equals_recount(summary: Summary, messages: Sequence[ArrivedMessage]) -> None:
    """Compare every number with the messages."""
    by_status = Counter(one.message.status for one in messages)
    totals = summary.totals
    assert totals.message_count == len(messages)
    assert totals.messages == {status: by_status[status] for status in totals.messages}
    assert totals.cost == total_cost(messages)
    for counts in summary.by_period:
        since, until = counts.period.since, counts.period.until
        assert since
        assert until
        then = Counter(one.message.status for one in messages if since <= one.moment.astimezone(MOSCOW).date() <= until)
        assert counts.messages == {status: then[status] for status in totals.messages}
    assert sum(sum(counts.messages.values()) for counts in summary.by_period) == len(messages)
    for share in summary.kinds:
        its = [one for one in messages if one.message.kind in {each.name for each in share.query.kinds}]
        assert (share.messages, share.cost) == (len(its), total_cost(its))
    for named in summary.organizations:
        its = [one for one in messages if one.message.organization == named.organization.name]
        statuses = Counter(one.message.status for one in its)
        assert named.messages == {status: statuses[status] for status in totals.messages}
        assert (named.message_count, named.cost) == (len(its), total_cost(its))
    assert sum(each.message_count for each in summary.organizations) == len(messages)
    assert sum(each.cost for each in summary.organizations) == totals.cost


@pytest.fixture(params=[insert_updated_messages, insert_messages_of_merged_entries])
def filled(request: pytest.FixtureRequest, database: Database) -> Database:
    """A journal whose organisations and kinds are those of a new journal, or merged and renamed."""
    request.param(database)
    return database


async def test_every_total_equals_a_recount(filled: Database) -> None:
    database = filled
    arrived = database.read_sync(reference_messages.stored_messages)
    organization, *others = (await Organizations(database).all())[1:]
    reminder, vaccination = (await MessageKinds(database).all())[::2]
    for query in (
        SummaryQuery(),
        SummaryQuery(period=Period(TODAY - timedelta(days=30), TODAY)),
        SummaryQuery(period=Period(TODAY - timedelta(days=200), TODAY - timedelta(days=3))),
        SummaryQuery(period=Period(until=TODAY - timedelta(days=20)), kinds=frozenset({reminder})),
        SummaryQuery(period=Period(TODAY - timedelta(days=40), None), statuses=frozenset({FAILED, WAITING})),
        SummaryQuery(organizations=frozenset({organization, others[0]}), kinds=frozenset({reminder, vaccination})),
        SummaryQuery(
            organizations=frozenset({organization}), kinds=frozenset({vaccination}), statuses=frozenset({SENT})
        ),
    ):
        summary = await summarize(database, query)
        assert_equals_recount(summary, reference_messages.expected_messages(arrived, query))
        assert bool(summary.kinds) is (len(query.kinds) != 1)
    whole = await summarize(database, SummaryQuery())
    assert {each.organization.name for each in whole.organizations} == {one.message.organization for one in arrived}
    assert [each.cost for each in whole.organizations] == sorted(
        (each.cost for each in whole.organizations), reverse=True
    )


async def test_days_become_months_where_there_are_too_many(database: Database) -> None:
    add_messages(database, [incoming_message()])
    short = await summarize(database, SummaryQuery(period=Period(TODAY - timedelta(days=123), TODAY)))
    assert (short.is_monthly, len(short.by_period)) == (False, 124)
    long = await summarize(database, SummaryQuery(period=Period(date(2026, 3, 15), TODAY)))
    assert long.is_monthly
    assert [counts.period for counts in long.by_period][:2] == [
        Period(date(2026, 3, 15), date(2026, 3, 31)),
        Period(date(2026, 4, 1), date(2026, 4, 30)),
    ]
    assert long.by_period[-1].period == Period(date(2026, 11, 1), TODAY)
    assert (await summarize(database, SummaryQuery())).by_period == [
        PeriodCounts(Period(date(2026, 11, 1), date(2026, 11, 30)), {WAITING: 0, SENT: 1, FAILED: 0})
    ]


async def test_an_empty_journal_has_no_failure_rate(database: Database) -> None:
    summary = await summarize(database, SummaryQuery())
    totals = summary.totals
    assert (totals.message_count, totals.cost, totals.failure_rate, list(summary.by_period)) == (
        0,
        Decimal(0),
        None,
        [],
    )
    assert (summary.longest_waiting, summary.organizations) == ([], [])


async def test_the_failure_rate_needs_sent_and_failed_messages(database: Database) -> None:
    add_messages(
        database,
        [incoming_message(), failed('1', 0), incoming_message(), incoming_message(status=WAITING), incoming_message()],
    )
    assert (await summarize(database, SummaryQuery())).totals.failure_rate == Decimal('0.25')
    assert (await summarize(database, SummaryQuery(statuses=frozenset({FAILED})))).totals.failure_rate is None


async def test_a_withdrawn_message_is_listed_with_the_failed_ones_and_is_no_failure(database: Database) -> None:
    there = 'Другая больница'
    add_messages(
        database,
        [
            *(incoming_message(queued_at=None, sent_at=NOON) for _ in range(3)),
            failed('1', 0),
            *(failed(WITHDRAWN, days_ago, organization=there) for days_ago in (0, 1, 8)),
            failed(WITHDRAWN, 0, kind='Прикрепление', organization=there),
            replace(failed('', 0, organization=there), error_code=None, error_name='Отказ'),
        ],
    )
    summary = await summarize(database, SummaryQuery(period=Period(TODAY - timedelta(days=1), TODAY)))
    assert (summary.totals.messages[FAILED], summary.totals.withdrawn) == (5, 3)
    assert summary.totals.failure_rate == Decimal('0.4')
    rates = {each.organization.name: (each.withdrawn, each.failure_rate) for each in summary.organizations}
    assert rates.pop(there) == (3, Decimal(1))
    assert list(rates.values()) == [(0, Decimal('0.25'))]
    failed_query = MessageQuery(period=summary.query.period, statuses=frozenset({FAILED}))
    assert (await MessageService(database, MOSCOW).totals(failed_query)).count == summary.totals.messages[FAILED]
    assert summary.errors
    assert {each.key for each in summary.errors.growing} == {'1', 'Отказ'}
    (attachment,) = [each for each in await MessageKinds(database).all() if each.name == 'Прикрепление']
    narrowed = SummaryQuery(kinds=frozenset({attachment}))
    assert (await summarize(database, narrowed)).totals.withdrawn == 1
    assert (await summarize(database, SummaryQuery())).totals.withdrawn == 4
    assert (await summarize(database, SummaryQuery(statuses=frozenset({SENT})))).totals.withdrawn == 0


async def test_growing_errors_are_sorted_by_increase(database: Database) -> None:
    add_messages(
        database,
        [
            *(failed('new', days_ago) for days_ago in (0, 1, 6)),
            *(failed('double', days_ago) for days_ago in (0, 0, 2, 3, 7, 13)),
            *(failed('same', days_ago) for days_ago in (5, 9)),
            *(failed('fewer', days_ago) for days_ago in (4, 8, 10)),
            *(failed('old', days_ago) for days_ago in (14, 20)),
        ],
    )
    errors = (await summarize(database, SummaryQuery(period=Period(TODAY - timedelta(days=30), TODAY)))).errors
    assert errors
    assert errors.current_period == Period(TODAY - timedelta(days=6), TODAY)
    assert errors.previous_period == Period(TODAY - timedelta(days=13), TODAY - timedelta(days=7))
    assert errors.is_before_known
    assert [(each.code, each.name, each.count_before, each.count_now) for each in errors.growing] == [
        ('new', 'Ошибка new', 0, 3),
        ('double', 'Ошибка double', 2, 4),
    ]
    for each in errors.growing:
        query = MessageQuery(period=errors.current_period, errors=frozenset({each.key}))
        assert (await MessageService(database, MOSCOW).totals(query)).count == each.count_now


async def test_a_growing_error_names_whom_it_hits_now(database: Database) -> None:
    there, elsewhere = 'Другая больница', 'Третья больница'
    add_messages(
        database,
        [
            *(failed('a', days_ago, organization=there) for days_ago in (1, 2)),
            failed('a', 3, organization=elsewhere),
            *(failed('a', days_ago, organization='Прежняя больница') for days_ago in (8, 9)),
        ],
    )
    errors = (await summarize(database, SummaryQuery())).errors
    assert errors
    (growing,) = errors.growing
    assert growing.most_affected
    assert (growing.most_affected.name, growing.most_affected_count, growing.organization_count) == (there, 2, 2)


async def test_an_error_that_came_with_several_names_is_one_error(database: Database) -> None:
    renamed = [replace(failed('a', days_ago), error_name='Другое название') for days_ago in (1, 8)]
    unnamed = replace(failed('', 0), error_code=None, error_name='Отказ')
    add_messages(database, [failed('a', 0), failed('a', 2), failed('a', 3), *renamed, unnamed])
    errors = (await summarize(database, SummaryQuery())).errors
    assert errors
    assert [(each.key, each.name, each.count_before, each.count_now) for each in errors.growing] == [
        ('a', 'Ошибка a', 1, 4),
        ('Отказ', 'Отказ', 0, 1),
    ]


async def test_growth_follows_the_filters_and_a_short_period(database: Database) -> None:
    there = 'Другая больница'
    add_messages(database, [failed('a', 0), failed('a', 1, organization=there), failed('a', 2, organization=there)])
    one = next(each for each in await Organizations(database).all() if each.name == there)
    yesterday = Period(TODAY - timedelta(days=1), TODAY - timedelta(days=1))
    here = SummaryQuery(organizations=frozenset({one}), period=yesterday)
    errors = (await summarize(database, here)).errors
    assert errors
    assert (errors.current_period, errors.previous_period) == (yesterday, Period(*[TODAY - timedelta(days=2)] * 2))
    assert errors.growing == []
    growing = (await summarize(database, replace(here, period=Period(TODAY, TODAY), organizations=frozenset()))).errors
    assert growing
    assert growing.growing == []
    assert growing.is_before_known
    week = (await summarize(database, SummaryQuery())).errors
    assert week
    assert not week.is_before_known, 'the journal had not begun the week before'
    assert (await summarize(database, SummaryQuery(statuses=frozenset({SENT})))).errors is None


async def test_the_longest_waiting_message_comes_first_and_has_the_query_of_its_day(database: Database) -> None:
    add_messages(
        database,
        [incoming_message(status=WAITING, queued_at=NOON - timedelta(days=ago)) for ago in (2, 40, *range(3, 13))]
        + [incoming_message(queued_at=NOON - timedelta(days=50))],
    )
    waiting = (await summarize(database, SummaryQuery())).longest_waiting
    assert waiting
    assert [each.waiting_since for each in waiting] == [NOON - timedelta(days=ago) for ago in (40, *range(12, 3, -1))]
    assert waiting[0].waiting_time == timedelta(days=40)
    day = NOON.date() - timedelta(days=40)
    assert waiting[0].query.period == Period(day, day)
    assert waiting[0].query.statuses == {WAITING}
    later = SummaryQuery(period=Period(TODAY - timedelta(days=3), TODAY))
    assert [each.waiting_since for each in (await summarize(database, later)).longest_waiting or ()] == [
        NOON - timedelta(days=ago) for ago in (3, 2)
    ]
    assert (await summarize(database, SummaryQuery(statuses=frozenset({SENT})))).longest_waiting is None


async def test_a_contradictory_query_is_rejected(database: Database) -> None:
    with pytest.raises(InvalidQueryError):
        await summarize(database, SummaryQuery(period=Period(TODAY, TODAY - timedelta(days=1))))


async def test_a_url_contains_the_conditions_and_no_personal_data(database: Database) -> None:
    add_messages(database, [incoming_message()])
    (organization,) = await Organizations(database).all()
    query = MessageQuery(
        name='Королёв',
        phone='9161234567',
        kinds=frozenset({MANUAL_KINDS[MessageKind.DAY_HOSPITAL]}),
        period=Period(date(2026, 10, 22), date(2026, 11, 22)),
        organizations=frozenset({organization}),
        statuses=frozenset({FAILED, WAITING}),
    )
    url = urlsplit(query_params.to_url(query))
    assert url.path == '/messages'
    assert parse_qsl(url.query) == [
        ('from', '2026-10-22'),
        ('to', '2026-11-22'),
        ('kind', 'day_hospital'),
        ('org', str(organization.id)),
        ('status', 'waiting.failed'),
    ]
    assert query_params.to_url(MessageQuery()) == '/messages'
