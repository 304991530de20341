"""The conditions that journals share: how they are checked, and how they say themselves."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from services import names, texts
from services.formats import day
from services.lists.query_protocol import InvalidQueryError, Order, Period

K = TypeVar('K')

FIRST_YEAR, LAST_YEAR = 2000, 2100


def check_period(period: Period) -> None:
    """Refuse days that contradict each other.

    Raises:
        Refusal: says what is wrong with the field `period`.
    """
    since, until = period.since, period.until
    if any(side and not FIRST_YEAR <= side.year <= LAST_YEAR for side in (since, until)):
        raise InvalidQueryError('period', texts.YEAR_OUT_OF_RANGE.format(first=FIRST_YEAR, last=LAST_YEAR))
    if since and until and since > until:
        raise InvalidQueryError('period', texts.PERIOD_REVERSED)


def check_order(order: Order | None, columns: Collection[str]) -> None:
    """Refuse to sort by what is none of a journal's columns.

    Raises:
        ValueError: the journal has no such column.
    """
    if order is not None and order.column not in columns:
        raise ValueError(f'no column {order.column}')


def describe_period(period: Period) -> str:
    """Say a period: «с 22.10.2026 по 22.11.2026»; nothing when both sides are open."""
    return ' '.join(
        f'{preposition}\N{NO-BREAK SPACE}{day(side)}'
        for preposition, side in ((texts.PERIOD_SINCE, period.since), (texts.PERIOD_UNTIL, period.until))
        if side
    )


def describe_name(name: str, template: str) -> str:
    """Say a typed name in `words`; nothing when it holds no name."""
    return template.format(name=name.strip()) if names.parse_name(name) else ''


def describe_choices(chosen: Collection[K], labels: Mapping[K, str]) -> str:
    """Say which of some values are chosen: «ожидает отправки или отправлено»."""
    chosen_labels = (each for value, each in labels.items() if value in chosen)
    return texts.CONDITION_OR.join(each[0].lower() + each[1:] for each in chosen_labels)


def loosening_hint(conditions: Mapping[str, str], by_selectivity: Sequence[str], *, empty_list_text: str) -> str:
    """Say which of the conditions `said` to loosen: the first of `narrowest`; `empty` where there is none."""
    for condition in by_selectivity:
        if condition in conditions and len(conditions) > 1:
            return texts.RELAX_CONDITION[condition].format(condition=conditions[condition])
    return (
        texts.RELAX_ONLY_CONDITION.format(condition=', '.join(conditions.values())) if conditions else empty_list_text
    )
