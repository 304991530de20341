"""Pages sorted by what the database keeps totals of: an organisation, a kind, a status.

Sorted so, a list is the lists of each value one after the other, each in the journal's own order; the totals say in
which of them a page is. Nothing is sorted, however much was found.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import select

from models import MessageKind, MessageStatus
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import Page
from services.messages.message_query import MessageQuery, MessageRow
from services.messages.message_tables import organization
from services.messages.search.query_shape import BoundQuery
from services.messages.totals import aggregates

SELECT_ORGANIZATIONS = select(organization.c.id, organization.c.name, organization.c.name_key).order_by(
    organization.c.name_key
)


def read_grouped_rows(
    bound_query: BoundQuery,
    count: int,
    skip: int,
    size: int,
    read_page: Callable[[BoundQuery, int, int], Page[MessageRow]],
) -> list[MessageRow] | None:
    """Read `size` rows after `skip` others; None where it is quicker to sort, or there is no other way.

    Args:
        asked: a query that has an order, and of which totals are kept.
        count: how many rows it finds.
        skip: how many rows come before.
        size: how many are wanted.
        page: reads a page, by its number and size, of a query in the journal's own order.
    """
    if count <= bound_query.settings.max_scanned_rows:
        return None
    groups = _split_into_groups(bound_query, min(skip, count - skip))
    if groups is None:
        return None
    if 2 * skip > count:
        groups, skip = _skip_groups_from_end(groups, skip - count)
    result: list[MessageRow] = []
    for group in groups:
        group_count = aggregates.sum_aggregates(group).count
        while len(result) < size and skip < group_count:
            full_pages, offset = divmod(skip, size)
            page_rows = read_page(group, full_pages + 1, size).rows[offset : offset + size - len(result)]
            result += page_rows
            skip += len(page_rows) or size
        if len(result) == size:
            break
        skip -= group_count
    return result


def _skip_groups_from_end(groups: Sequence[BoundQuery], skip: int) -> tuple[Sequence[BoundQuery], int]:
    """Give the lists from that one on in which a page begins, and how many of its rows come before the page.

    Args:
        lists: all of them.
        skip: how many rows come before the page, less all that there are.
    """
    for first in range(len(groups) - 1, -1, -1):
        skip += aggregates.sum_aggregates(groups[first]).count
        if skip >= 0:
            return groups[first:], skip
    return (), 0


def _split_into_groups(bound_query: BoundQuery, distance: int) -> Sequence[BoundQuery] | None:
    """Give the list of each value, in their order; None where the order is by something else.

    Or where the page is so many rows from either end of the whole that too many lists come before it.
    """
    query, order = replace(bound_query.query, order=None), bound_query.query.order
    assert order is not None
    group_queries: list[MessageQuery]
    if order.column == 'status':
        group_queries = [replace(query, statuses=frozenset({each})) for each in sorted(query.statuses or MessageStatus)]
    elif order.column == 'kind':
        group_queries = [replace(query, kind=each) for each in ([query.kind] if query.kind else sorted(MessageKind))]
    elif order.column == 'organization' and query.organization:
        group_queries = [query]
    elif (
        order.column == 'organization'
        and distance <= bound_query.settings.max_organization_skip
        and (each := _sorted_organizations(bound_query))
    ):
        group_queries = [replace(query, organization=organization) for organization in each]
    else:
        return None
    return [bound_query.with_query(each) for each in (group_queries[::-1] if order.descending else group_queries)]


def _sorted_organizations(bound_query: BoundQuery) -> Sequence[OrganizationName]:
    """Give all organisations in their order; none where two of them share a place in it."""
    organizations = bound_query.connection.execute(SELECT_ORGANIZATIONS).all()
    if len({key for _, _, key in organizations}) < len(organizations):
        return ()
    return [OrganizationName(id, name) for id, name, _ in organizations]
