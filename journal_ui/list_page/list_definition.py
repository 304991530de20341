"""The definition of a list page: its query, filters, columns and details; ListPage draws it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from journal_ui.filters.basic_filters import Filter
from journal_ui.filters.dictionary_updates import DictionaryUpdates
from journal_ui.filters.query_interpreter import QueryInterpreter
from journal_ui.list_page.export_button import ExportDefinition
from journal_ui.list_page.grid.data_grid import DetailField
from journal_ui.list_page.grid.grid_columns import Column
from journal_ui.list_page.saved_searches_menu import SavedSearchStore
from journal_ui.list_page.search_runner import SubscribeAvailability
from journal_ui.list_page.url_state import LinkSerializer
from services.audit.audited_source import AuditedSource
from services.lists.drafts import DraftStore
from services.lists.query_protocol import ListRow, ListSource, Query
from services.lists.suggestions import SuggestionSource

Q = TypeVar('Q', bound=Query)
R = TypeVar('R', bound=ListRow)


class ActivityRecorder(Protocol):
    """Records what a user reads, before it is displayed; a DatabaseError is shown instead of the data."""

    def audited(self, source: ListSource[Q, R]) -> AuditedSource[Q, R]:
        """Return a source that records the search that starts now."""

    async def record_opening(self, key: str) -> None:
        """Record that a row is about to be expanded."""

    async def record_export(self, query: Query, count: int, keys: Sequence[UUID] | None = None) -> None:
        """Record that `count` rows of a search are about to be exported; see SectionActivityRecorder."""


@dataclass(frozen=True)
class ListDefinition(Generic[Q, R]):
    """The definition of a list page, shared by all its open pages."""

    name: str
    """The accessible name of the list; drafts are stored under it."""
    source: ListSource[Q, R]
    default_query: Callable[[], Q]
    """Returns the query of a new page and of «очистить»."""
    filters: Sequence[Filter]
    columns: tuple[Column[R], ...]
    load_details: Callable[[R], Awaitable[Sequence[DetailField] | None]]
    """Loads the details when a row is expanded, never before; returns None if the row no longer exists."""
    expand_labels: tuple[str, str]
    """What the button of a collapsed row does, and that of an expanded one: the beginnings of their names."""
    describe_row: Callable[[R], str]
    """Describes a row in a few words, so that the accessible names of the buttons of two rows differ."""
    links: LinkSerializer[Q] | None = None
    """Writes searches to the URL of the page and reads them."""
    saved_searches: SavedSearchStore[Q] | None = None
    """Stores searches under a name."""
    drafts: DraftStore | None = None
    """Stores what is typed, for a page that is built again."""
    export: ExportDefinition[Q] | None = None
    """Exports results to files."""
    suggestions: SuggestionSource[Q] | None = None
    """Finds searches to offer: narrower ones, and others if nothing was found."""
    interpreter: QueryInterpreter[Q] | None = None
    """Understands a condition in the field of another."""
    dictionary_updates: DictionaryUpdates[Q] | None = None
    """Updates the filters of open pages after a change of a dictionary."""
    subscribe_availability: SubscribeAvailability | None = None
    """Subscribes a page to outages, so that it retries a search when the database answers again."""
    subscribe_changes: Callable[[Any], Callable[[], None]] | None = None
    """Subscribes a page to changed and new rows (see services.live_updates.RowSubscriber); the result cancels it."""
