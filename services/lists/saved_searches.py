"""Searches under a name: a few for everybody, and each person's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, func, select

from models import MessageStatus, NamedSearch
from services import texts
from services.database.engine import Database
from services.lists.query_protocol import Linked, Period
from services.lists.share_links import Links
from services.messages import query_params
from services.messages.message_query import HOUR, MessageQuery
from services.messages.message_service import Messages

LONGEST_NAME: Final = 60
MOST: Final = 50
"""Searches that one person may keep: a menu of more is no help."""


@dataclass(frozen=True)
class OwnSearch:
    """A search that somebody has kept for himself."""

    id: int
    name: str
    words: Mapping[str, Any]
    """See services.messages.query_params."""


class SearchRefused(Exception):
    """A search that cannot be kept as asked; its only argument is a sentence for the person."""


class Searches:
    """The searches of the journal of messages that have a name. Calls may raise Unavailable and Busy."""

    longest_name = LONGEST_NAME

    def __init__(self, database: Database, messages: Messages, links: Links) -> None:
        self._database = database
        self._messages = messages
        self._links = links

    def built_in(self) -> Sequence[tuple[str, MessageQuery]]:
        """Give the searches that everybody has, as they are today."""
        today = self._messages.today()
        failed = MessageQuery(period=Period(today, today), statuses=frozenset({MessageStatus.FAILED}))
        waiting = MessageQuery(statuses=frozenset({MessageStatus.WAITING}), older_than=HOUR)
        return ((texts.ERRORS_TODAY, failed), (texts.WAITING_LONG, waiting))

    async def own(self, account_id: int) -> Sequence[OwnSearch]:
        """Give what a person has kept, by name."""
        found = select(NamedSearch).where(NamedSearch.account_id == account_id)

        def read(session: Session) -> list[OwnSearch]:
            return [OwnSearch(row.id or 0, row.name, row.query) for row in session.exec(found)]

        return sorted(await self._database.read(read), key=lambda search: search.name.casefold())

    async def query(self, search: OwnSearch) -> Linked[MessageQuery]:
        """Give what a search asks today."""
        person = {word: str(search.words[word]) for word in query_params.PERSON if word in search.words}
        words = {word: str(value) for word, value in search.words.items()}
        return query_params.read(words, await self._links.organizations(), person=person, today=self._messages.today())

    async def save(self, account_id: int, name: str, query: MessageQuery) -> None:
        """Keep a search for a person; a period that ends today will go on ending today.

        Raises:
            SearchRefused: the name will not do, is taken, or there are too many.
        """
        name = ' '.join(name.split())
        if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
            raise SearchRefused(texts.SEARCH_NAME_LENGTH.format(longest=LONGEST_NAME))
        words = query_params.remembered(query, self._messages.today())

        def write(session: Session) -> None:
            mine = select(func.count()).select_from(NamedSearch).where(NamedSearch.account_id == account_id)
            if session.exec(mine).one() >= MOST:
                raise SearchRefused(texts.TOO_MANY_SEARCHES.format(most=MOST))
            session.add(NamedSearch(account_id=account_id, name=name, query=words))
            session.flush()

        try:
            await self._database.write(write)
        except IntegrityError:
            raise SearchRefused(texts.SEARCH_NAME_TAKEN) from None

    async def delete(self, account_id: int, id: int) -> None:
        """Forget one of a person's own searches."""
        mine = delete(NamedSearch).where(col(NamedSearch.id) == id, col(NamedSearch.account_id) == account_id)
        await self._database.write(lambda session: session.exec(mine))
