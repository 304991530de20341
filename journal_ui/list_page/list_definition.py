"""What makes a journal this one and no other; see journal_ui.list_page.list_page, which draws any."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from journal_ui.filters.basic_filters import Filter
from journal_ui.list_page.export_button import Export
from journal_ui.list_page.grid.data_grid import Detail
from journal_ui.list_page.grid.grid_columns import Column
from journal_ui.list_page.retry import Watch
from journal_ui.list_page.saved_searches_menu import Searches
from journal_ui.list_page.url_state import Links
from services.lists.drafts import Drafts
from services.lists.query_protocol import Query, Row, Source

Q = TypeVar('Q', bound=Query)
R = TypeVar('R', bound=Row)


class Witness(Protocol):
    """Sees what the person does before he is shown what it gives; what it raises of Busy and Unavailable is told."""

    def search(self, source: Source[Q, R]) -> Source[Q, R]:
        """Give the source for a search that begins now."""

    async def opened(self, key: str) -> None:
        """Hear that a row is about to be opened."""

    async def exported(self, conditions: str, count: int) -> None:
        """Hear that so many rows of a search are about to be taken away."""


@dataclass(frozen=True)
class Declaration(Generic[Q, R]):
    """What makes a journal this one and no other; made once, and shared by all its pages."""

    name: str
    """What a screen reader calls the list."""
    source: Source[Q, R]
    query: Callable[[], Q]
    """Gives the query a page begins with, and goes back to on «очистить»."""
    filters: Sequence[Filter]
    columns: tuple[Column[R], ...]
    details: Callable[[R], Awaitable[Sequence[Detail] | None]]
    """Asked when a row opens, never before; None when the row is no more."""
    opener: tuple[str, str]
    """What the button of a row is called while it is shut, and while it is open."""
    links: Links[Q] | None = None
    """Says a search in the page's address."""
    searches: Searches[Q] | None = None
    """Searches under a name."""
    drafts: Drafts | None = None
    """Keeps what is typed, for a page that has to be built anew."""
    export: Export[Q] | None = None
    """Makes files of what is found."""
    watch: Watch | None = None
    """Tells whether the database answers, so that a search which it did not answer is asked again by itself."""
    follow: Callable[[Any], Callable[[], None]] | None = None
    """Tells a journal of rows that change and of new ones (see services.live_updates.Follower); the answer ends that."""
