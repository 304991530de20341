"""The query of the summary: its URL, its file name, and the order of the organisations."""

from datetime import date
from decimal import Decimal

import pytest

from models import MessageStatus
from services.database.engine import Database
from services.lists.organizations import OrganizationName, Organizations
from services.lists.query_protocol import Order, Period
from services.lists.share_links import ShareLinks
from services.summary.breakdowns import sort_organizations
from services.summary.summary_data import OrganizationTotals
from services.summary.summary_query import BY_COST, ORGANIZATION_COLUMNS, SummaryLinks, SummaryQuery
from tests.helpers.factories import incoming_message
from tests.helpers.summary_messages import add_messages

OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
FAILED, SENT = MessageStatus.FAILED, MessageStatus.SENT


@pytest.fixture
def links(database: Database) -> SummaryLinks:
    add_messages(database, [incoming_message()])
    return SummaryLinks(ShareLinks(database))


async def test_a_url_restores_conditions_and_order(links: SummaryLinks, database: Database) -> None:
    (organization,) = await Organizations(database).all()
    for query in (
        SummaryQuery(period=OCTOBER),
        SummaryQuery(statuses=frozenset({FAILED}), organization_order=Order('failed', descending=True)),
        SummaryQuery(organizations=frozenset({organization}), organization_order=Order('name')),
    ):
        params = (await links.to_params(query, 1)).params
        assert params.keys() <= set(links.param_names)
        restored = await links.from_params(params)
        assert restored
        assert restored.query == query
        assert restored.is_complete
    assert (await links.to_params(SummaryQuery(period=OCTOBER), 1)).params == {'from': '2026-10-01', 'to': '2026-10-31'}


async def test_conditions_that_the_totals_do_not_have_are_not_read_from_a_url(links: SummaryLinks) -> None:
    link = await links.from_params({'from': '2026-10-01', 'error': '20', 'waiting': '60', 'who': 'x' * 22})
    assert link
    assert link.query == SummaryQuery(period=Period(date(2026, 10, 1), None))
    unknown = await links.from_params({'sort': 'phone'})
    assert unknown
    assert (unknown.query, unknown.is_complete) == (SummaryQuery(), False)


def test_the_file_name_has_the_dates() -> None:
    assert SummaryQuery(period=OCTOBER).file_name() == 'Сводка с 01.10.2026 по 31.10.2026'
    assert SummaryQuery().file_name().startswith('Сводка ')


def totals(name: str, sent: int, failed: int, cost: int) -> OrganizationTotals:
    return OrganizationTotals({SENT: sent, FAILED: failed}, Decimal(cost), 0, OrganizationName(len(name), name))


def test_organisations_are_sorted_by_every_column() -> None:
    yolka, elm, empty = totals('Ёлка', 2, 2, 5), totals('Ель', 5, 0, 7), totals('Яма', 0, 0, 0)
    orders = {
        'name': [yolka, elm, empty],
        'messages': [empty, yolka, elm],
        'sent': [empty, yolka, elm],
        'failed': [elm, empty, yolka],
        'failure_rate': [elm, yolka, empty],  # unknown ones last
        'cost': [empty, yolka, elm],
        'waiting': [yolka, elm, empty],  # by name, because the query has no waiting messages
    }
    assert orders.keys() == set(ORGANIZATION_COLUMNS)
    for column, expected in orders.items():
        assert sort_organizations([empty, elm, yolka], Order(column)) == expected, column
    assert sort_organizations([empty, elm, yolka], Order('failure_rate', descending=True)) == [yolka, elm, empty]
    assert sort_organizations([yolka, empty, elm], BY_COST) == [elm, yolka, empty]
