"""Validation and description, in Russian, of the query conditions that list pages share."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from services import names, phones, texts
from services.formats import day
from services.lists.query_protocol import InvalidQueryError, Order, Period
from services.lists.recorded_conditions import hide_snils

K = TypeVar('K')

FIRST_YEAR, LAST_YEAR = 2000, 2100


def check_period(period: Period, field: str = 'period') -> None:
    """Validate a period.

    Raises:
        InvalidQueryError: a year is out of range or the bounds are reversed; its field is `field`.
    """
    since, until = period.since, period.until
    if any(side and not FIRST_YEAR <= side.year <= LAST_YEAR for side in (since, until)):
        raise InvalidQueryError(field, texts.YEAR_OUT_OF_RANGE.format(first=FIRST_YEAR, last=LAST_YEAR))
    if since and until and since > until:
        raise InvalidQueryError(field, texts.PERIOD_REVERSED)


def check_name(name: str) -> None:
    """Validate a typed name.

    Raises:
        InvalidQueryError: the name is longer than any that is stored; its field is `name`.
    """
    if names.is_too_long(name):
        raise InvalidQueryError('name', texts.NAME_TOO_LONG.format(longest=names.MAX_NAME_LENGTH))


def check_text(field: str, typed: str, longest: int) -> None:
    """Validate a typed text: what is not read whole could not be recorded whole.

    Raises:
        InvalidQueryError: the text, or what remains of it after folding, is too long; its field is `field`.
    """
    if len(typed.strip()) > 4 * longest or len(names.fold(typed)) > longest:
        raise InvalidQueryError(field, texts.TEXT_TOO_LONG.format(longest=longest))


def check_digits(field: str, typed: str) -> None:
    """Validate a typed phone or СНИЛС.

    Raises:
        InvalidQueryError: the text is longer than what is read of it; its field is `field`.
    """
    if len(typed) > phones.MAX_TYPED_LENGTH:
        raise InvalidQueryError(field, texts.DIGITS_TOO_LONG)


def check_order(order: Order | None, columns: Collection[str]) -> None:
    """Validate a sort order.

    Raises:
        ValueError: the list has no such column.
    """
    if order is not None and order.column not in columns:
        raise ValueError(f'no column {order.column}')


def describe_period(period: Period) -> str:
    """Describe a period: «с 22.10.2026 по 22.11.2026»; an empty string if both sides are open."""
    return ' '.join(
        f'{preposition}\N{NO-BREAK SPACE}{day(side)}'
        for preposition, side in ((texts.PERIOD_SINCE, period.since), (texts.PERIOD_UNTIL, period.until))
        if side
    )


def describe_name(name: str, template: str) -> str:
    """Insert a typed name into a template; return an empty string if no name was typed.

    Only what is visible of the name is inserted, and a СНИЛС in it is masked.
    """
    return template.format(name=hide_snils(names.visible_text(name))) if names.parse_name(name) else ''


def describe_choices(chosen: Collection[K], labels: Mapping[K, str]) -> str:
    """Describe the chosen values by their labels: «ожидает отправки или отправлено»."""
    chosen_labels = [label for value, label in labels.items() if value in chosen]
    return texts.CONDITION_OR.join(label[0].lower() + label[1:] for label in chosen_labels)


def loosening_hint(conditions: Mapping[str, str], by_selectivity: Sequence[str], *, empty_list_text: str) -> str:
    """Build the hint for an empty result: which condition to loosen.

    Args:
        conditions: the descriptions of the conditions of the query by their names.
        by_selectivity: names of conditions, the one most worth loosening first.
        empty_list_text: the text for a query without conditions.
    """
    for condition in by_selectivity:
        if condition in conditions and len(conditions) > 1:
            return texts.RELAX_CONDITION[condition].format(condition=conditions[condition])
    if not conditions:
        return empty_list_text
    return texts.RELAX_ONLY_CONDITION.format(condition=', '.join(conditions.values()))
