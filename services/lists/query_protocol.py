"""What every journal shares: the order of a list, one page of it, what all of it adds up to, how it is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Generic, Protocol, Self, TypeVar

from services.errors import InvalidInputError

PAGE_SIZES = (5, 10, 20)
"""How many rows a page may have (spec S12)."""


@dataclass(frozen=True)
class Period:
    """Days of the local calendar, both whole; None leaves a side open (spec S7)."""

    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Order:
    """By which column the whole result is sorted; ties always fall by the row's place, newest first."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class Totals:
    """What a query finds in all: how many rows and, where a journal has money, how many roubles."""

    count: int
    cost: Decimal | None = None


class InvalidQueryError(InvalidInputError):
    """A query that cannot be asked: the field at fault and a sentence about it for the person who typed it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class Query(Protocol):
    """The conditions of a search: immutable, comparable, able to say itself in words."""

    @property
    def order(self) -> Order | None:
        """The column chosen by the person; None for the journal's own order, newest first."""

    def with_order(self, order: Order | None) -> Self:
        """Give the same conditions in another order."""

    def check(self) -> None:
        """Raise Refusal when the conditions contradict themselves."""

    def describe(self) -> str:
        """Say the conditions in a line: «с 22.10.2026 по 22.11.2026, МО Химкинская ОБ, ошибка отправки»."""

    def loosening_hint(self) -> str:
        """Say which condition to loosen when nothing was found."""


class ListRow(Protocol):
    """A line of a journal."""

    @property
    def key(self) -> str:
        """What tells the row from every other row, always."""


Q = TypeVar('Q', bound=Query)
R = TypeVar('R', bound=ListRow)
Q_contra = TypeVar('Q_contra', bound=Query, contravariant=True)


@dataclass(frozen=True)
class Page(Generic[R]):
    """Some rows of a result, in its order."""

    number: int
    """Counted from 1; the last page when a page past it was asked for."""
    rows: Sequence[R]
    totals: Totals | None = None
    """Of all that the query finds, where they are known by the page, which then has all of it."""


@dataclass(frozen=True)
class ParsedLink(Generic[Q]):
    """What a link, or a search under a name, leads to."""

    query: Q
    is_complete: bool
    """Whether all that it says was understood and is still there; what was not is left out of the query."""
    params: Mapping[str, str] = field(default_factory=dict)
    """How an address says it."""


class ListSource(Protocol[Q_contra, R]):
    """Where a journal takes its rows from. Every call may raise Refusal, Busy or Unavailable."""

    async def page(self, query: Q_contra, *, number: int, size: int, count: int | None = None) -> Page[R]:
        """Give one page of at most `size` rows (one of PAGE_SIZES); `count`, where known, spares a recount."""

    async def totals(self, query: Q_contra) -> Totals:
        """Count and add up all that the query finds."""
