"""The result of planning a search: values that can be executed, compared and printed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Self

from services import texts
from services.formats import integer
from services.lists.query_conditions import describe_period
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery
from services.messages.search.access_path import AccessPath
from services.messages.search.query_shape import QueryShape


@dataclass(frozen=True)
class PlannedQuery:
    """A query with the access path to its rows, and the parameters of its statement."""

    shape: QueryShape
    path: AccessPath
    params: dict[str, Any]
    reason: str
    """Why this access path was chosen."""

    def __str__(self) -> str:
        """Describe the path and the reason in a line; parameters are left out, because they contain personal data."""
        return texts.PLAN_LINE.format(path=self.path, reason=self.reason)

    def reversed(self, *, reverse: bool) -> Self:
        """Return the same plan, read from the end of the list or from its beginning."""
        return replace(self, path=replace(self.path, reverse=reverse))


@dataclass(frozen=True)
class PagePlan:
    """An attempt to read a page: some of the rows of a planned query."""

    number: int
    """The page; the last one if the requested page is past the end."""
    rows: PlannedQuery
    skip: int
    """How many rows of the planned query come before the page."""
    size: int
    """The largest number of rows of the page."""
    min_rows: int = 0
    """The attempt has found the page if it finds at least so many rows; otherwise the next plan is tried."""
    if_partial: PlannedQuery | None = None
    """What is read instead if some rows are found, but less than `size`; None if these are the page."""
    period: Period | None = None
    """The days in which the page is; None if they are those of the query."""

    def __str__(self) -> str:
        """Describe the plan in a line."""
        parts = [str(self.rows.path), describe_period(self.period) if self.period else '']
        parts.append(texts.PLAN_SKIP.format(count=integer(self.skip)) if self.skip else '')
        return texts.PLAN_LINE.format(path=', '.join(filter(None, parts)), reason=self.rows.reason)


@dataclass(frozen=True)
class GroupsPlan:
    """The values of the sort column, each with the rows that have it, in the order of the sorted list."""

    queries: Sequence[MessageQuery]
    """One query per value, each in the journal's own order."""
    reason: str

    def __str__(self) -> str:
        """Describe the plan in a line."""
        path = texts.PLAN_GROUPS.format(count=len(self.queries))
        return texts.PLAN_LINE.format(path=path, reason=self.reason)


class TotalsSource(Enum):
    """Where the count and the cost of a result come from."""

    NOTHING = texts.PLAN_TOTALS_NOTHING
    AGGREGATES = texts.PLAN_TOTALS_AGGREGATES
    WORD_TOTALS = texts.PLAN_TOTALS_WORDS
    MESSAGES = texts.PLAN_TOTALS_MESSAGES


@dataclass(frozen=True)
class TotalsPlan:
    """How the count and the cost of a result are computed."""

    source: TotalsSource
    reason: str
    rows: PlannedQuery | None = None
    """The messages to count; only for TotalsSource.MESSAGES."""

    def __str__(self) -> str:
        """Describe the plan in a line."""
        path = f'{self.source.value}: {self.rows.path}' if self.rows else self.source.value
        return texts.PLAN_LINE.format(path=path, reason=self.reason)
