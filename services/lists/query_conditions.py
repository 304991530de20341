"""The conditions that journals share: how they are checked, and how they say themselves."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from services import names, texts
from services.formats import day
from services.lists.query_protocol import Order, Period, Refusal

K = TypeVar('K')

FIRST_YEAR, LAST_YEAR = 2000, 2100


def check_period(period: Period) -> None:
    """Refuse days that contradict each other.

    Raises:
        Refusal: says what is wrong with the field `period`.
    """
    since, until = period.since, period.until
    if any(side and not FIRST_YEAR <= side.year <= LAST_YEAR for side in (since, until)):
        raise Refusal('period', texts.YEAR_OUT_OF_RANGE.format(first=FIRST_YEAR, last=LAST_YEAR))
    if since and until and since > until:
        raise Refusal('period', texts.PERIOD_REVERSED)


def check_order(order: Order | None, columns: Collection[str]) -> None:
    """Refuse to sort by what is none of a journal's columns.

    Raises:
        ValueError: the journal has no such column.
    """
    if order is not None and order.column not in columns:
        raise ValueError(f'no column {order.column}')


def said_period(period: Period) -> str:
    """Say a period: «с 22.10.2026 по 22.11.2026»; nothing when both sides are open."""
    return ' '.join(
        f'{word}\N{NO-BREAK SPACE}{day(side)}'
        for word, side in ((texts.PERIOD_SINCE, period.since), (texts.PERIOD_UNTIL, period.until))
        if side
    )


def said_name(name: str, words: str) -> str:
    """Say a typed name in `words`; nothing when it holds no name."""
    return words.format(name=name.strip()) if names.readings(name) else ''


def said_any(chosen: Collection[K], words: Mapping[K, str]) -> str:
    """Say which of some values are chosen: «ожидает отправки или отправлено»."""
    said = (each for value, each in words.items() if value in chosen)
    return texts.SAID_OR.join(each[0].lower() + each[1:] for each in said)


def loosening(said: Mapping[str, str], narrowest: Sequence[str], *, empty: str) -> str:
    """Say which of the conditions `said` to loosen: the first of `narrowest`; `empty` where there is none."""
    for condition in narrowest:
        if condition in said and len(said) > 1:
            return texts.LOOSEN[condition].format(condition=said[condition])
    return texts.LOOSEN_ONLY.format(condition=', '.join(said.values())) if said else empty
