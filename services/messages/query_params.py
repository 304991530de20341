"""A query as a link says it, and back. A name and a phone stand apart: they are for the server alone.

The rest can be read in the address: `from=2026-10-22&to=2026-11-22&org=12&status=failed&sort=cost&desc=1`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from models import MessageKind, MessageStatus
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import Linked, Order, Period, Refusal
from services.messages.message_query import MOST_MINUTES, ORDERS, MessageQuery

V = TypeVar('V')
Words = Mapping[str, str]
KINDS = {kind.name.lower(): kind for kind in MessageKind}
STATUSES = {status.name.lower(): status for status in MessageStatus}
WORDS = frozenset({'from', 'to', 'kind', 'org', 'status', 'waiting', 'sort', 'desc'})
"""All that an address can say of a query."""
PERSON = frozenset({'name', 'phone'})
DAYS = 'days'
"""In a search under a name: how many days before the present one the period begins, which ends today."""
MOST_DAYS = 36_600


def written(query: MessageQuery) -> dict[str, str]:
    """Write a query without the name and the phone; what it does not ask is left out."""
    period, order = query.period, query.order
    said = {
        'from': period.since.isoformat() if period.since else '',
        'to': period.until.isoformat() if period.until else '',
        'kind': query.kind.name.lower() if query.kind else '',
        'org': str(query.organization.id) if query.organization else '',
        'status': '.'.join(status.name.lower() for status in sorted(query.statuses)),
        'waiting': str(query.older_than or ''),
        'sort': order.column if order else '',
        'desc': '1' if order and order.descending else '',
    }
    return {word: value for word, value in said.items() if value}


def address(query: MessageQuery) -> str:
    """Give the address at which the journal answers a query; a name and a phone never stand in it."""
    words = written(query)
    return f'/messages?{urlencode(words)}' if words else '/messages'


def person(query: MessageQuery) -> dict[str, str]:
    """Write the name and the phone of a query; what it does not ask is left out."""
    return {word: value for word, value in (('name', query.name), ('phone', query.phone)) if value}


def remembered(query: MessageQuery, today: date) -> dict[str, str]:
    """Write a whole query so that it stays true: a period that ends today goes on ending with the present day."""
    said = written(query) | person(query)
    since, until = query.period.since, query.period.until
    if since and until == today and 0 <= (today - since).days <= MOST_DAYS:
        del said['from'], said['to']
        said[DAYS] = str((today - since).days)
    return said


def read(
    words: Words,
    organizations: Mapping[int, OrganizationName],
    *,
    person: Words | None = None,
    today: date | None = None,
) -> Linked[MessageQuery]:
    """Read a query; what cannot be understood, or is no more, is left out of it.

    Args:
        words: as `written` and `remembered` give them; other words than those are passed over.
        organizations: the dictionary.
        person: the name and the phone, where they are known.
        today: the last day of a period that ends with the present day.
    """
    reading = _Reading(words)
    period = Period(reading.day('from'), reading.day('to'))
    if today and (days := reading.number(DAYS, MOST_DAYS)) is not None:
        period = Period(today - timedelta(days=days), today)
    query = MessageQuery(
        name=(person or {}).get('name', ''),
        phone=(person or {}).get('phone', ''),
        kind=reading.one('kind', KINDS),
        period=period,
        organization=reading.one('org', {str(id): each for id, each in organizations.items()}),
        statuses=reading.some('status', STATUSES),
        older_than=reading.number('waiting', MOST_MINUTES) or None,
        order=reading.order(),
    )
    try:
        query.check()
    except Refusal:
        reading.whole = False
        query = replace(query, period=Period())
    return Linked(query, reading.whole)


class _Reading:
    """Reads words one by one, and remembers whether it understood them all."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.whole = True

    def one(self, word: str, known: Mapping[str, V]) -> V | None:
        """Give what a word stands for."""
        value = self._words.get(word, '')
        found = known.get(value)
        self.whole &= found is not None or not value
        return found

    def some(self, word: str, known: Mapping[str, V]) -> frozenset[V]:
        """Give all that the parts of a word stand for."""
        parts = [part for part in self._words.get(word, '').split('.') if part]
        self.whole &= all(part in known for part in parts)
        return frozenset(known[part] for part in parts if part in known)

    def day(self, word: str) -> date | None:
        value = self._words.get(word, '')
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.whole = False
            return None

    def number(self, word: str, most: int) -> int | None:
        value = self._words.get(word, '')
        known = value.isascii() and value.isdecimal() and len(value) < 10 and int(value) <= most
        self.whole &= known or not value
        return int(value) if known else None

    def order(self) -> Order | None:
        column = self.one('sort', {name: name for name in ORDERS})
        return Order(column, descending=bool(self._words.get('desc'))) if column else None
