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
from services.messages.search import planner
from services.messages.search.query_shape import Asked
from services.messages.totals import aggregates

NEAR = 200
"""Rows from either end past which organisations, being hundreds, are no longer gone through one by one."""

ORGANIZATIONS = select(organization.c.id, organization.c.name, organization.c.name_key).order_by(
    organization.c.name_key
)


def rows(
    asked: Asked, count: int, skip: int, size: int, page: Callable[[Asked, int, int], Page[MessageRow]]
) -> list[MessageRow] | None:
    """Read `size` rows after `skip` others; None where it is quicker to sort, or there is no other way.

    Args:
        asked: a query that has an order, and of which totals are kept.
        count: how many rows it finds.
        skip: how many rows come before.
        size: how many are wanted.
        page: reads a page, by its number and size, of a query in the journal's own order.
    """
    if count <= planner.FEW:
        return None
    lists = _lists(asked, min(skip, count - skip))
    if lists is None:
        return None
    if 2 * skip > count:
        lists, skip = _from_the_end(lists, skip - count)
    found: list[MessageRow] = []
    for each in lists:
        of_each = aggregates.add_up(each).count
        while len(found) < size and skip < of_each:
            before, begun = divmod(skip, size)
            part = page(each, before + 1, size).rows[begun : begun + size - len(found)]
            found += part
            skip += len(part) or size
        if len(found) == size:
            break
        skip -= of_each
    return found


def _from_the_end(lists: Sequence[Asked], skip: int) -> tuple[Sequence[Asked], int]:
    """Give the lists from that one on in which a page begins, and how many of its rows come before the page.

    Args:
        lists: all of them.
        skip: how many rows come before the page, less all that there are.
    """
    for first in range(len(lists) - 1, -1, -1):
        skip += aggregates.add_up(lists[first]).count
        if skip >= 0:
            return lists[first:], skip
    return (), 0


def _lists(asked: Asked, rows: int) -> Sequence[Asked] | None:
    """Give the list of each value, in their order; None where the order is by something else.

    Or where the page is so many rows from either end of the whole that too many lists come before it.
    """
    query, order = replace(asked.query, order=None), asked.query.order
    assert order is not None
    lists: list[MessageQuery]
    if order.column == 'status':
        lists = [replace(query, statuses=frozenset({each})) for each in sorted(query.statuses or MessageStatus)]
    elif order.column == 'kind':
        lists = [replace(query, kind=each) for each in ([query.kind] if query.kind else sorted(MessageKind))]
    elif order.column == 'organization' and query.organization:
        lists = [query]
    elif order.column == 'organization' and rows <= NEAR and (each := _organizations(asked)):
        lists = [replace(query, organization=organization) for organization in each]
    else:
        return None
    return [asked.about(each) for each in (lists[::-1] if order.descending else lists)]


def _organizations(asked: Asked) -> Sequence[OrganizationName]:
    """Give all organisations in their order; none where two of them share a place in it."""
    known = asked.connection.execute(ORGANIZATIONS).all()
    if len({key for _, _, key in known}) < len(known):
        return ()
    return [OrganizationName(id, name) for id, name, _ in known]
