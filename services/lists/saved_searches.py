"""Saved searches: the built-in ones, and the personal ones of each user."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, func, select

from models import MessageStatus, SavedSearch
from services import texts
from services.access_scope.organization_scope import OrganizationScope
from services.database.engine import Database
from services.errors import InvalidInputError
from services.formats import plural
from services.lists.query_protocol import ParsedLink, Period
from services.lists.share_links import ShareLinks
from services.messages import query_params
from services.messages.message_query import MINUTES_PER_HOUR, MessageQuery
from services.messages.message_service import MessageService

MAX_NAME_LENGTH: Final = 60
MAX_SAVED_SEARCHES: Final = 50
"""The maximum number of personal searches, because a longer menu is of no use."""


@dataclass(frozen=True)
class PersonalSearch:
    """A saved search of one user."""

    id: int
    name: str
    params: Mapping[str, Any]
    """The parameters of the query; see services.messages.query_params."""


class InvalidSavedSearchError(InvalidInputError):
    """A search that cannot be saved; its only argument is a sentence for the user."""


class SavedSearches:
    """The saved searches of the message list. Every method that accesses the database may raise DatabaseError."""

    max_name_length = MAX_NAME_LENGTH

    def __init__(
        self,
        database: Database,
        messages: MessageService,
        links: ShareLinks,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._now = now
        self._messages = messages
        self._links = links

    def within(self, scope: OrganizationScope) -> Self:
        """Return the service whose searches name only the organisations of a scope; others count as unknown."""
        scoped = copy(self)
        scoped._messages, scoped._links = self._messages.within(scope), self._links.within(scope)
        return scoped

    def built_in(self) -> Sequence[tuple[str, MessageQuery]]:
        """Return the names and queries of the searches that all users have, as of today."""
        today = self._messages.today()
        failed = MessageQuery(period=Period(today, today), statuses=frozenset({MessageStatus.FAILED}))
        waiting = MessageQuery(statuses=frozenset({MessageStatus.WAITING}), older_than=MINUTES_PER_HOUR)
        return ((texts.ERRORS_TODAY, failed), (texts.WAITING_LONG, waiting))

    async def list_own(self, account_id: int) -> Sequence[PersonalSearch]:
        """Return the saved searches of a user, sorted by name."""
        statement = select(SavedSearch).where(SavedSearch.account_id == account_id)

        def read(session: Session) -> list[PersonalSearch]:
            return [PersonalSearch(row.id or 0, row.name, row.query) for row in session.exec(statement)]

        return sorted(await self._database.read(read), key=lambda search: search.name.casefold())

    async def to_query(self, search: PersonalSearch) -> ParsedLink[MessageQuery]:
        """Build the query of a saved search as of today."""
        person = {param: search.params[param] for param in query_params.PERSON_PARAM_NAMES if param in search.params}
        return query_params.from_params(
            search.params, await self._links.read_dictionaries(), person=person, today=self._messages.today()
        )

    def describe_dates(self, query: MessageQuery) -> str:
        """Return how the dates of a query move once it is saved; empty if they stay."""
        params = query_params.to_saved_params(query, self._messages.today())
        if query_params.DAYS_PARAM not in params:
            return ''
        day_count = int(str(params[query_params.DAYS_PARAM])) + 1
        return texts.SEARCH_DATES_MOVE.format(days=plural(day_count, texts.DAY_FORMS))

    async def save(self, account_id: int, name: str, query: MessageQuery) -> None:
        """Save a search of a user. A period that ends today is saved relative to the current day.

        Raises:
            InvalidSavedSearchError: the name is invalid or exists already, or the user has too many searches.
        """
        name = ' '.join(name.split())
        if not 1 <= len(name) <= MAX_NAME_LENGTH or not name.isprintable():
            raise InvalidSavedSearchError(texts.SEARCH_NAME_LENGTH.format(longest=MAX_NAME_LENGTH))
        params, saved_at = query_params.to_saved_params(query, self._messages.today()), self._now()

        def write(session: Session) -> None:
            own_count = select(func.count()).select_from(SavedSearch).where(SavedSearch.account_id == account_id)
            if session.exec(own_count).one() >= MAX_SAVED_SEARCHES:
                raise InvalidSavedSearchError(texts.TOO_MANY_SEARCHES.format(most=MAX_SAVED_SEARCHES))
            session.add(SavedSearch(account_id=account_id, name=name, query=params, saved_at=saved_at))
            session.flush()

        try:
            await self._database.write(write)
        except IntegrityError:
            raise InvalidSavedSearchError(texts.SEARCH_NAME_EXISTS) from None

    async def delete(self, account_id: int, id: int) -> None:
        """Delete a saved search of a user; searches of others are not affected."""
        statement = delete(SavedSearch).where(col(SavedSearch.id) == id, col(SavedSearch.account_id) == account_id)
        await self._database.write(lambda session: session.exec(statement))
