"""The types that every list shares: query, order, page, totals, and the source of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Generic, Protocol, Self, TypeVar

from models import ConditionKind
from services.errors import InvalidInputError

PAGE_SIZES = (5, 10, 20)
"""The page sizes that users can choose (S12)."""


@dataclass(frozen=True)
class Period:
    """A period of whole local days, both inclusive; None leaves a side open (S7)."""

    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Order:
    """The column by which the whole result is sorted; rows with equal values follow in list order, newest first."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class Totals:
    """The totals of a query: the number of rows and, in lists with costs, their sum in roubles."""

    count: int
    cost: Decimal | None = None


@dataclass(frozen=True)
class Reading:
    """One value of a condition, in the notation in which values are compared."""

    kind: ConditionKind
    value: str


@dataclass(frozen=True)
class QueryCondition:
    """A condition of a search."""

    kind: ConditionKind
    words: str
    """The condition in Russian as it is displayed: «ФИО «иванов»»."""
    readings: tuple[Reading, ...] = ()
    """What the program understood, in all readings."""


class InvalidQueryError(InvalidInputError):
    """A query with invalid conditions."""

    def __init__(self, field: str, message: str) -> None:
        """Prepare the error.

        Args:
            field: the name of the invalid field.
            message: a sentence in Russian for the user.
        """
        super().__init__(message)
        self.field = field
        self.message = message


class Query(Protocol):
    """The conditions of a search; immutable and comparable."""

    @property
    def order(self) -> Order | None:
        """The order chosen by the user; None for the default order, newest first."""

    def with_order(self, order: Order | None) -> Self:
        """Return the same conditions with another order."""

    def check(self) -> None:
        """Validate the conditions.

        Raises:
            InvalidQueryError: the conditions contradict each other.
        """

    def describe(self) -> str:
        """Describe the conditions in one line: «с 22.10.2026 по 22.11.2026, МО Химкинская ОБ, ошибка отправки»."""

    def conditions(self) -> Sequence[QueryCondition]:
        """Return the conditions one by one, as the audit log records them; `describe` joins their words."""

    def loosening_hint(self) -> str:
        """Return the hint for an empty result: which condition to loosen."""


class ListRow(Protocol):
    """A row of a list."""

    @property
    def key(self) -> str:
        """The unique key of the row, which never changes."""


Q = TypeVar('Q', bound=Query)
R = TypeVar('R', bound=ListRow)
Q_contra = TypeVar('Q_contra', bound=Query, contravariant=True)


@dataclass(frozen=True)
class Page(Generic[R]):
    """One page of a result."""

    number: int
    """The page number, counted from 1; the last page if the requested one is past the end."""
    rows: Sequence[R]
    totals: Totals | None = None
    """The totals of the whole result, if the page contains all of its rows."""
    hint: str | None = None
    """The sentence that explains why there are no rows; None if nothing is known about it."""


@dataclass(frozen=True)
class Interpretation(Generic[Q]):
    """A query as the program understood what was typed."""

    query: Q
    note: str = ''
    """A sentence for the user about what differs from the fields that were typed; empty if nothing does."""


@dataclass(frozen=True)
class ParsedLink(Generic[Q]):
    """The result of parsing the parameters of a link or of a saved search."""

    query: Q
    is_complete: bool
    """Whether all parameters were valid and refer to existing data; the query omits the others."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """The parameters of the URL; one that is repeated has a list of values."""


class ListSource(Protocol[Q_contra, R]):
    """The source of the rows of a list. Every method may raise InvalidQueryError and DatabaseError."""

    async def page(self, query: Q_contra, *, number: int, size: int, count: int | None = None) -> Page[R]:
        """Return one page of the result.

        Args:
            query: the conditions.
            number: the page number, counted from 1.
            size: the maximum number of rows, one of PAGE_SIZES.
            count: the number of all rows if it is known, which saves counting them.
        """

    async def totals(self, query: Q_contra) -> Totals:
        """Count the rows of the result and add up their costs."""
