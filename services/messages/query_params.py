"""Conversion of a query to URL parameters and back; name and phone are separate, because they never appear in a URL.

An example: `from=2026-10-22&to=2026-11-22&org=12&status=failed&sort=cost&desc=1`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from models import MessageKind, MessageStatus
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import InvalidQueryError, Order, ParsedLink, Period
from services.messages.delivery import DeliveryCondition
from services.messages.message_query import MAX_WAITING_MINUTES, SORTABLE_COLUMNS, MessageQuery

V = TypeVar('V')
Params = Mapping[str, str]
KIND_BY_PARAM = {kind.name.lower(): kind for kind in MessageKind}
STATUS_BY_PARAM = {status.name.lower(): status for status in MessageStatus}
DELIVERY_BY_PARAM = {condition.value: condition for condition in DeliveryCondition}
PARAM_NAMES = frozenset({'from', 'to', 'kind', 'org', 'status', 'delivery', 'waiting', 'sort', 'desc'})
"""The parameters that may appear in a URL."""
PERSON_PARAM_NAMES = frozenset({'name', 'phone'})
DAYS_PARAM = 'days'
"""In a saved search whose period ends today: the number of days before today on which it begins."""
MAX_DAYS = 36_600


def to_params(query: MessageQuery) -> dict[str, str]:
    """Convert a query to parameters, without name and phone; absent conditions are left out."""
    period, order = query.period, query.order
    params = {
        'from': period.since.isoformat() if period.since else '',
        'to': period.until.isoformat() if period.until else '',
        'kind': query.kind.name.lower() if query.kind else '',
        'org': str(query.organization.id) if query.organization else '',
        'status': '.'.join(status.name.lower() for status in sorted(query.statuses)),
        'delivery': query.delivery or '',
        'waiting': str(query.older_than or ''),
        'sort': order.column if order else '',
        'desc': '1' if order and order.descending else '',
    }
    return {name: value for name, value in params.items() if value}


def to_url(query: MessageQuery) -> str:
    """Return the URL of the journal with a query; name and phone never appear in it."""
    params = to_params(query)
    return f'/messages?{urlencode(params)}' if params else '/messages'


def to_person_params(query: MessageQuery) -> dict[str, str]:
    """Convert the name and the phone of a query to parameters; absent conditions are left out."""
    return {name: value for name, value in (('name', query.name), ('phone', query.phone)) if value}


def to_saved_params(query: MessageQuery, today: date) -> dict[str, str]:
    """Convert a whole query for a saved search: a period that ends today is stored relative to the current day."""
    params = to_params(query) | to_person_params(query)
    since, until = query.period.since, query.period.until
    if since and until == today and 0 <= (today - since).days <= MAX_DAYS:
        del params['from'], params['to']
        params[DAYS_PARAM] = str((today - since).days)
    return params


def from_params(
    params: Params,
    organizations: Mapping[int, OrganizationName],
    *,
    person: Params | None = None,
    today: date | None = None,
) -> ParsedLink[MessageQuery]:
    """Parse a query; values that are invalid, or do not exist any more, are left out.

    Args:
        params: as `to_params` and `to_saved_params` return them; other parameters are ignored.
        organizations: all organizations, by id.
        person: the parameters `name` and `phone`, where they are known.
        today: the last day of a period that is stored relative to the current day.
    """
    reader = _ParamReader(params)
    period = Period(reader.day('from'), reader.day('to'))
    if today and (days := reader.number(DAYS_PARAM, MAX_DAYS)) is not None:
        period = Period(today - timedelta(days=days), today)
    query = MessageQuery(
        name=(person or {}).get('name', ''),
        phone=(person or {}).get('phone', ''),
        kind=reader.choice('kind', KIND_BY_PARAM),
        period=period,
        organization=reader.choice('org', {str(id): each for id, each in organizations.items()}),
        statuses=reader.choice_set('status', STATUS_BY_PARAM),
        delivery=reader.choice('delivery', DELIVERY_BY_PARAM),
        older_than=reader.number('waiting', MAX_WAITING_MINUTES) or None,
        order=reader.order(),
    )
    try:
        query.check()
    except InvalidQueryError as error:
        reader.is_complete = False
        query = replace(query, period=Period(), name='' if error.field == 'name' else query.name)
    return ParsedLink(query, reader.is_complete)


class _ParamReader:
    """Parses parameters one by one, and records whether all of them were valid."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self.is_complete = True

    def choice(self, name: str, choices: Mapping[str, V]) -> V | None:
        """Return the choice that a parameter names."""
        value = self._params.get(name, '')
        chosen = choices.get(value)
        self.is_complete &= chosen is not None or not value
        return chosen

    def choice_set(self, name: str, choices: Mapping[str, V]) -> frozenset[V]:
        """Return all choices that a parameter names, joined by full stops."""
        parts = [part for part in self._params.get(name, '').split('.') if part]
        self.is_complete &= all(part in choices for part in parts)
        return frozenset(choices[part] for part in parts if part in choices)

    def day(self, name: str) -> date | None:
        value = self._params.get(name, '')
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.is_complete = False
            return None

    def number(self, name: str, maximum: int) -> int | None:
        value = self._params.get(name, '')
        is_valid = value.isascii() and value.isdecimal() and len(value) < 10 and int(value) <= maximum
        self.is_complete &= is_valid or not value
        return int(value) if is_valid else None

    def order(self) -> Order | None:
        column = self.choice('sort', {name: name for name in SORTABLE_COLUMNS})
        return Order(column, descending=bool(self._params.get('desc'))) if column else None
