"""Finds, after the rows of a search are shown, which other searches may be offered, and shows their buttons."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from journal_ui.list_page.empty_state import EmptyState
from journal_ui.list_page.paging_bar import PagingBar
from journal_ui.list_page.search_runner import SearchRunner
from journal_ui.list_page.suggestions.suggestion_buttons import SuggestionButtons
from services.audit.audited_source import AuditedSource
from services.errors import DatabaseError
from services.lists.query_protocol import InvalidQueryError, ListRow, ListSource, Order, Query
from services.lists.suggestions import Suggestion, SuggestionSource

Q = TypeVar('Q', bound=Query)
R = TypeVar('R', bound=ListRow)


class SearchSuggestions(Generic[Q]):
    """The offers of one page; they are sought while the user reads, and given up with the next search."""

    def __init__(
        self,
        source: SuggestionSource[Q] | None,
        search_runner: SearchRunner,
        paging_bar: PagingBar,
        empty_state: EmptyState,
        on_choose: Callable[[Q], None],
    ) -> None:
        """Prepare to offer searches.

        Args:
            source: finds the searches; None for a list that offers none.
            search_runner: runs the searches of the page.
            paging_bar: has the buttons of narrower searches.
            empty_state: has the buttons that are shown where nothing was found.
            on_choose: receives the search that the user chooses, in the order of the list.
        """
        self._source = source
        self._search_runner = search_runner
        self._paging_bar = paging_bar
        self._on_choose = on_choose
        self._beside_rows: SuggestionButtons[Q] = SuggestionButtons(paging_bar.suggestions_slot, self._choose)
        self._instead_of_rows: SuggestionButtons[Q] = SuggestionButtons(empty_state.suggestions_slot, self._choose)
        self._task: asyncio.Task[None] | None = None
        self._query: Q | None = None
        self._order: Order | None = None

    def clear(self) -> None:
        """Remove all offers, and stop counting, in the database too."""
        self._query = None
        if self._task:
            self._task.cancel()
            self._task = None
        self._beside_rows.clear()
        self._instead_of_rows.clear()

    def start(self, query: Q, listed: ListSource[Q, R], *, has_rows: bool) -> None:
        """Seek offers for a search whose rows are shown; those of another page or order of it remain.

        Args:
            query: the search.
            listed: the source of its rows, with its record.
            has_rows: whether it has found anything.
        """
        self._order = query.order
        without_order = query.with_order(None)
        if self._source is None or without_order == self._query:
            return
        self.clear()
        self._query = without_order
        seek = self._offer_narrower(query) if has_rows else self._offer_alternatives(query, listed)
        self._task = self._search_runner.start_task(seek, 'suggestions')

    def _choose(self, query: Q) -> None:
        self._on_choose(query.with_order(self._order))

    async def _offer_narrower(self, query: Q) -> None:
        assert self._source is not None
        await self._search_runner.wait_for_totals()
        with suppress(InvalidQueryError, DatabaseError):
            suggestions = await self._source.narrower(query)
            self._beside_rows.add([each for each in suggestions if each.count != self._paging_bar.row_count])

    async def _offer_alternatives(self, query: Q, listed: ListSource[Q, R]) -> None:
        assert self._source is not None
        with suppress(InvalidQueryError, DatabaseError):
            async for group in self._source.alternatives(query):
                if group.is_about_others:
                    await _record(group.suggestions, listed)
                self._instead_of_rows.add(group.suggestions, group.title)


async def _record(suggestions: Sequence[Suggestion[Q]], listed: ListSource[Q, R]) -> None:
    if isinstance(listed, AuditedSource):
        await listed.record_suggestions(suggestions)
