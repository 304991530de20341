"""Pages of a list sorted by a column that has aggregates: organization, kind or status.

Such a list is the lists of its values one after another, each in the journal's own order. The aggregates tell which of
them contain a page, so that nothing is sorted, however many rows there are.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import func

from models import MessageStatus
from services import texts
from services.database.tables import MESSAGE_KIND_TABLE, ORGANIZATION_TABLE
from services.lists.message_kinds import KindName, MessageKinds
from services.lists.organizations import OrganizationName, Organizations
from services.lists.query_protocol import Page
from services.messages.message_query import MessageQuery, MessageRow
from services.messages.search.estimates import Estimates
from services.messages.search.plan import GroupsPlan
from services.messages.search.query_shape import BoundQuery

SELECT_ORGANIZATIONS = (
    Organizations.statement()
    .order_by(None)
    .order_by(func.coalesce(ORGANIZATION_TABLE.c.sort_name, ORGANIZATION_TABLE.c.name_key))
)
SELECT_KINDS = MessageKinds.statement().order_by(None).order_by(MESSAGE_KIND_TABLE.c.name_key)
"""The current entries, each with a sort key of its own."""


def plan_groups(estimates: Estimates, skip: int) -> GroupsPlan | None:
    """Split a sorted list into one query per value, in the order of the list; None where sorting is quicker.

    Args:
        estimates: those of a query that has an order and aggregates.
        skip: how many rows come before the page.
    """
    bound_query, count = estimates.bound_query, estimates.filtered_count
    if count <= bound_query.settings.max_scanned_rows:
        return None
    order = bound_query.query.order
    assert order is not None
    queries = _group_queries(bound_query, order.column, min(skip, count - skip))
    if queries is None:
        return None
    return GroupsPlan(queries[::-1] if order.descending else queries, texts.PLAN_REASON_GROUPS)


def read_groups(
    estimates: Estimates,
    plan: GroupsPlan,
    skip: int,
    size: int,
    read_page: Callable[[Estimates, int, int], Page[MessageRow]],
) -> list[MessageRow]:
    """Read `size` rows of a sorted list after `skip` others.

    Args:
        estimates: those of the whole list.
        plan: the queries of the values.
        skip: how many rows come before the page.
        size: how many rows are read.
        read_page: reads a page, by its number and size, of a query in the journal's own order.
    """
    groups: Sequence[Estimates] = [estimates.with_query(query) for query in plan.queries]
    if 2 * skip > estimates.filtered_count:
        groups, skip = _skip_groups_from_end(groups, skip - estimates.filtered_count)
    result: list[MessageRow] = []
    for group in groups:
        while len(result) < size and skip < group.filtered_count:
            full_pages, offset = divmod(skip, size)
            page_rows = read_page(group, full_pages + 1, size).rows[offset : offset + size - len(result)]
            result += page_rows
            skip += len(page_rows) or size
        if len(result) == size:
            break
        skip -= group.filtered_count
    return result


def _skip_groups_from_end(groups: Sequence[Estimates], skip: int) -> tuple[Sequence[Estimates], int]:
    """Return the groups from the one in which a page begins, and how many of their rows come before the page.

    Args:
        groups: all groups.
        skip: how many rows come before the page, minus the count of all rows.
    """
    for first in range(len(groups) - 1, -1, -1):
        skip += groups[first].filtered_count
        if skip >= 0:
            return groups[first:], skip
    return (), 0


def _group_queries(bound_query: BoundQuery, column: str, distance: int) -> list[MessageQuery] | None:
    """Build the query of each value, in ascending order; None where the column cannot be split.

    Args:
        bound_query: the query of the whole list.
        column: the column by which it is sorted.
        distance: how many rows the page is from the nearer end of the list.
    """
    query = replace(bound_query.query, order=None)
    if column == 'status':
        return [replace(query, statuses=frozenset({status})) for status in sorted(query.statuses or MessageStatus)]
    if column == 'kind':
        kinds = [KindName(id, name) for id, name in bound_query.connection.execute(SELECT_KINDS)]
        chosen_ids = set(bound_query.kind_ids) or {kind.id for kind in kinds}
        return [replace(query, kinds=frozenset({kind})) for kind in kinds if kind.id in chosen_ids]
    if column != 'organization':
        return None
    if len(query.organizations) == 1:
        return [query]
    if distance > bound_query.settings.max_organization_skip:
        return None
    organizations = [OrganizationName(id, name) for id, name in bound_query.connection.execute(SELECT_ORGANIZATIONS)]
    chosen_ids = set(bound_query.organization_ids) or {each.id for each in organizations}
    return [replace(query, organizations=frozenset({each})) for each in organizations if each.id in chosen_ids]
