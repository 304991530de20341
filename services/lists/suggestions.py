"""Searches that a list offers besides the one that was run: narrower ones, and others if it has found nothing."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from services.lists.query_protocol import Query

Q = TypeVar('Q', bound=Query)
Q_co = TypeVar('Q_co', bound=Query, covariant=True)


@dataclass(frozen=True)
class Suggestion(Generic[Q_co]):
    """A search that is offered."""

    text: str
    """What the search is, with the number of its rows if it is known: «Без даты: 3»."""
    query: Q_co
    count: int | None
    """How many rows the search finds; None if they were not counted in time."""


@dataclass(frozen=True)
class SuggestionGroup(Generic[Q_co]):
    """Searches of one kind."""

    title: str
    suggestions: Sequence[Suggestion[Q_co]]
    is_about_others: bool = False
    """Whether they name other people than the search: then they are recorded before they are shown."""


class SuggestionSource(Protocol[Q]):
    """Finds what a list may offer; bounded in time. Every method may raise DatabaseError."""

    async def narrower(self, query: Q) -> Sequence[Suggestion[Q]]:
        """Return searches that find a part of the rows."""

    def alternatives(self, query: Q) -> AsyncIterator[SuggestionGroup[Q]]:
        """Yield searches that find something, for a search that has found nothing."""
