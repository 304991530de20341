"""Conversion of a query to URL parameters and back; what may be about a person is separate: it is never in a URL.

This is the name, the phone, and the names of errors, which are free text of a sender.

An example: `from=2026-10-22&to=2026-11-22&org=12&error=20&error=104&status=failed&sort=cost&desc=1`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from models import MessageKind, MessageStatus
from services.dictionaries.dictionary_snapshot import DictionarySnapshot
from services.lists.error_keys import is_error_code
from services.lists.query_protocol import InvalidQueryError, Order, ParsedLink, Period
from services.messages.delivery import DeliveryCondition
from services.messages.message_codes import find_code, format_code
from services.messages.message_query import MAX_CHOICES, MAX_WAITING_MINUTES, SORTABLE_COLUMNS, MessageQuery

V = TypeVar('V')
Params = Mapping[str, str | Sequence[str]]
"""The values of parameters by name; a parameter that is repeated has a list of them."""
KIND_PARAMS = {int(kind): kind.name.lower() for kind in MessageKind}
"""The parameters of the kinds of the manual; any other kind is named by its id."""
STATUS_BY_PARAM = {status.name.lower(): status for status in MessageStatus}
DELIVERY_BY_PARAM = {condition.value: condition for condition in DeliveryCondition}
PARAM_NAMES = frozenset(
    {
        'code', 'surname', 'from', 'to', 'kind', 'org', 'status', 'delivery', 'error', 'visit_from', 'visit_to',
        'waiting', 'sort', 'desc',
    }
)  # fmt: skip
"""The parameters that may appear in a URL."""
ERROR_TEXT_PARAM = 'error_text'
PERSON_PARAM_NAMES = frozenset({'name', 'phone', ERROR_TEXT_PARAM})
"""The parameters of personal data, which never appear in a URL."""
UNNAMED_PARAM = '-'
"""The value of `error` for failed messages that have neither a code nor a name of the error."""
DAYS_PARAM = 'days'
"""In a saved search whose period ends today: the number of days before today on which it begins."""
MAX_DAYS = 36_600
MAX_CODE_LENGTH = 36


def to_params(query: MessageQuery) -> dict[str, str | list[str]]:
    """Convert a query to parameters, without personal data; absent conditions are left out."""
    period, appointment, order = query.period, query.appointment, query.order
    params: dict[str, str | list[str]] = {
        'code': format_code(query.code).rstrip('…') if query.code else '',
        'surname': '1' if query.surname_only else '',
        'from': period.since.isoformat() if period.since else '',
        'to': period.until.isoformat() if period.until else '',
        'kind': one_or_list([KIND_PARAMS.get(id, str(id)) for id in sorted(kind.id for kind in query.kinds)]),
        'org': one_or_list([str(id) for id in sorted(each.id for each in query.organizations)]),
        'status': '.'.join(status.name.lower() for status in sorted(query.statuses)),
        'delivery': query.delivery.value if query.delivery else '',
        'error': one_or_list([key or UNNAMED_PARAM for key in sorted(query.errors) if is_error_code(key)]),
        'visit_from': appointment.since.isoformat() if appointment.since else '',
        'visit_to': appointment.until.isoformat() if appointment.until else '',
        'waiting': str(query.older_than or ''),
        'sort': order.column if order else '',
        'desc': '1' if order and order.descending else '',
    }
    return {name: value for name, value in params.items() if value}


def to_url(query: MessageQuery, further: Mapping[str, str] | None = None) -> str:
    """Return the URL of the journal with a query, without its personal data, and with further parameters."""
    params = {**to_params(query), **(further or {})}
    return f'/messages?{urlencode(params, doseq=True)}' if params else '/messages'


def to_complete_url(query: MessageQuery) -> str:
    """Return the URL of the journal with a query; empty if the query has personal data, which a URL cannot have."""
    return '' if to_person_params(query) else to_url(query)


def to_person_params(query: MessageQuery) -> dict[str, str | list[str]]:
    """Convert the personal data of a query to parameters; absent conditions are left out."""
    error_texts = one_or_list([key for key in sorted(query.errors) if not is_error_code(key)])
    params = {'name': query.name, 'phone': query.phone, ERROR_TEXT_PARAM: error_texts}
    return {name: value for name, value in params.items() if value}


def one_or_list(values: Sequence[str]) -> str | list[str]:
    """Return the only value as it is, or all of them, or an empty text: the value of a parameter."""
    return list(values) if len(values) > 1 else ''.join(values)


def to_saved_params(query: MessageQuery, today: date) -> dict[str, str | list[str]]:
    """Convert a whole query for a saved search: a period that ends today is stored relative to the current day."""
    params = to_params(query) | to_person_params(query)
    since, until = query.period.since, query.period.until
    if since and until == today and 0 <= (today - since).days <= MAX_DAYS:
        del params['from'], params['to']
        params[DAYS_PARAM] = str((today - since).days)
    return params


def from_params(
    params: Params,
    dictionaries: DictionarySnapshot,
    *,
    person: Params | None = None,
    today: date | None = None,
) -> ParsedLink[MessageQuery]:
    """Parse a query; values that are invalid, or do not exist any more, are left out.

    Args:
        params: as `to_params` and `to_saved_params` return them; other parameters are ignored.
        dictionaries: all organizations and kinds.
        person: the parameters of `to_person_params`, where they are known.
        today: the last day of a period that is stored relative to the current day.
    """
    reader = _ParamReader(params)
    period = Period(reader.day('from'), reader.day('to'))
    if today and (days := reader.number(DAYS_PARAM, MAX_DAYS)) is not None:
        period = Period(today - timedelta(days=days), today)
    query = MessageQuery(
        name=str((person or {}).get('name', '')),
        phone=str((person or {}).get('phone', '')),
        kinds=reader.choices('kind', {KIND_PARAMS.get(id, str(id)): each for id, each in dictionaries.kinds.items()}),
        period=period,
        organizations=reader.choices('org', {str(id): each for id, each in dictionaries.organizations.items()}),
        statuses=reader.choice_set('status', STATUS_BY_PARAM),
        delivery=reader.choice('delivery', DELIVERY_BY_PARAM),
        errors=reader.error_codes() | _ParamReader(person or {}).error_texts(),
        appointment=Period(reader.day('visit_from'), reader.day('visit_to')),
        surname_only=reader.choice('surname', {'1': True}) or False,
        older_than=reader.number('waiting', MAX_WAITING_MINUTES) or None,
        code=reader.code(),
        order=reader.order(),
    )
    valid_query = _without_invalid_fields(query)
    return ParsedLink(valid_query, reader.is_complete and valid_query == query)


def _without_invalid_fields(query: MessageQuery) -> MessageQuery:
    """Return the query without the conditions that contradict themselves, or are too long."""
    try:
        query.check()
    except InvalidQueryError as error:
        default = getattr(MessageQuery(), error.field)
        return _without_invalid_fields(replace(query, **{error.field: default}))
    return query


class _ParamReader:
    """Parses parameters one by one, and records whether all of them were valid."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self.is_complete = True

    def choice(self, name: str, choices: Mapping[str, V]) -> V | None:
        """Return the choice that a parameter names."""
        value = self._text(name)
        chosen = choices.get(value)
        self.is_complete &= chosen is not None or not value
        return chosen

    def choice_set(self, name: str, choices: Mapping[str, V]) -> frozenset[V]:
        """Return all choices that a parameter names, joined by full stops."""
        parts = [part for part in self._text(name).split('.') if part]
        self.is_complete &= all(part in choices for part in parts)
        return frozenset(choices[part] for part in parts if part in choices)

    def values(self, name: str) -> Sequence[str]:
        """Return all values of a parameter, each once; too many of them are invalid."""
        value = self._params.get(name, '')
        values = [each for each in dict.fromkeys([value] if isinstance(value, str) else value) if each]
        self.is_complete &= len(values) <= MAX_CHOICES
        return values[:MAX_CHOICES]

    def choices(self, name: str, choices: Mapping[str, V]) -> frozenset[V]:
        """Return the choices that a repeated parameter names."""
        values = self.values(name)
        self.is_complete &= all(value in choices for value in values)
        return frozenset(choices[value] for value in values if value in choices)

    def error_codes(self) -> frozenset[str]:
        values = self.values('error')
        codes = ['' if each == UNNAMED_PARAM else each for each in values]
        self.is_complete &= all(map(is_error_code, codes))
        return frozenset(filter(is_error_code, codes))

    def error_texts(self) -> frozenset[str]:
        return frozenset(self.values(ERROR_TEXT_PARAM))

    def _text(self, name: str) -> str:
        """Return the value of a parameter that has one; the last one if it is repeated."""
        value = self._params.get(name, '')
        return value if isinstance(value, str) else value[-1]

    def day(self, name: str) -> date | None:
        value = self._text(name)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.is_complete = False
            return None

    def number(self, name: str, maximum: int) -> int | None:
        value = self._text(name)
        is_valid = value.isascii() and value.isdecimal() and len(value) < 10 and int(value) <= maximum
        self.is_complete &= is_valid or not value
        return int(value) if is_valid else None

    def code(self) -> str | None:
        value = self._text('code')
        is_short = value.isascii() and len(value) <= MAX_CODE_LENGTH
        # A hyphen tells eight decimal digits from a phone.
        code = find_code(value) or find_code(f'{value}-') if is_short else None
        self.is_complete &= code is not None or not value
        return code

    def order(self) -> Order | None:
        column = self.choice('sort', {name: name for name in SORTABLE_COLUMNS})
        return Order(column, descending=bool(self._params.get('desc'))) if column else None
