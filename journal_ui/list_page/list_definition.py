"""What makes a journal this one and no other; see journal_ui.list_page.list_page, which draws any."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from journal_ui.filters.basic_filters import Filter
from journal_ui.list_page.export_button import ExportDefinition
from journal_ui.list_page.grid.data_grid import DetailField
from journal_ui.list_page.grid.grid_columns import Column
from journal_ui.list_page.saved_searches_menu import SavedSearchStore
from journal_ui.list_page.search_runner import SubscribeAvailability
from journal_ui.list_page.url_state import LinkSerializer
from services.lists.drafts import DraftStore
from services.lists.query_protocol import ListRow, ListSource, Query

Q = TypeVar('Q', bound=Query)
R = TypeVar('R', bound=ListRow)


class ActivityRecorder(Protocol):
    """Sees what the person does before he is shown what it gives; what it raises of Busy and Unavailable is told."""

    def audited(self, source: ListSource[Q, R]) -> ListSource[Q, R]:
        """Give the source for a search that begins now."""

    async def record_opening(self, key: str) -> None:
        """Hear that a row is about to be opened."""

    async def record_export(self, conditions: str, count: int) -> None:
        """Hear that so many rows of a search are about to be taken away."""


@dataclass(frozen=True)
class ListDefinition(Generic[Q, R]):
    """What makes a journal this one and no other; made once, and shared by all its pages."""

    name: str
    """What a screen reader calls the list."""
    source: ListSource[Q, R]
    default_query: Callable[[], Q]
    """Gives the query a page begins with, and goes back to on «очистить»."""
    filters: Sequence[Filter]
    columns: tuple[Column[R], ...]
    load_details: Callable[[R], Awaitable[Sequence[DetailField] | None]]
    """Asked when a row opens, never before; None when the row is no more."""
    expand_labels: tuple[str, str]
    """What the button of a row is called while it is shut, and while it is open."""
    links: LinkSerializer[Q] | None = None
    """Says a search in the page's address."""
    saved_searches: SavedSearchStore[Q] | None = None
    """Searches under a name."""
    drafts: DraftStore | None = None
    """Keeps what is typed, for a page that has to be built anew."""
    export: ExportDefinition[Q] | None = None
    """Makes files of what is found."""
    subscribe_availability: SubscribeAvailability | None = None
    """Tells whether the database answers, so that a search which it did not answer is asked again by itself."""
    subscribe_changes: Callable[[Any], Callable[[], None]] | None = None
    """Subscribes a page to changed and new rows (see services.live_updates.Follower); the result cancels it."""
