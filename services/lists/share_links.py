"""Share links: a search as parameters of a URL; its personal data is stored in the database under a random key.

A user shares what they see. A program creates a launch link, by which somebody opens the journal from there; it expires
soon. A page that is opened by a launch link continues with a share link of its own.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from services.access_scope.organization_scope import ScopedService
from services.database.engine import Database
from services.database.tables import LINK_TABLE
from services.dictionaries.dictionary_snapshot import DictionarySnapshot
from services.lists.query_protocol import ParsedLink
from services.messages import query_params
from services.messages.message_query import MessageQuery

LINK_TTL: Final = timedelta(days=30)
"""The time after which a link with personal data expires if nobody opens it."""
LAUNCH_TTL: Final = timedelta(hours=1)
"""The time after which a launch link expires, opened or not."""
TOUCH_INTERVAL: Final = timedelta(days=1)
"""The least time between two updates of `used_at`, because a write for each opening is not needed."""
PERSON_PARAM: Final = 'who'
"""The URL parameter with the key of the stored personal data."""
INSERT_LINK: Final = LINK_TABLE.insert()
KEY_BYTES: Final = 16
KEY_PATTERN: Final = re.compile(r'[\w-]{22}', re.ASCII)


class StoredPerson(NamedTuple):
    """The personal data of a link, as parameters."""

    params: dict[str, Any]
    is_launch: bool = False


@dataclass(frozen=True)
class LaunchLink:
    """A launch link as it was created."""

    url: str
    """The path and the parameters."""
    expires_at: datetime


def expired_links(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions of the links that have expired, each of which is read from an index."""
    links = LINK_TABLE.c
    return links.used_at < now - LINK_TTL, links.made_by.is_(None) & (links.made_at < now - LAUNCH_TTL)


class ShareLinks(ScopedService):
    """Converts searches to URL parameters and back. Within a scope, other organisations count as unknown."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Prepare the conversion.

        Args:
            database: where personal data, organisations and kinds are stored.
            now: returns the current time (aware).
        """
        self._database = database
        self._now = now

    @property
    def param_names(self) -> frozenset[str]:
        """The names of all URL parameters of a search."""
        return query_params.PARAM_NAMES | {PERSON_PARAM}

    async def to_params(
        self, query: MessageQuery, account_id: int, previous: ParsedLink[MessageQuery] | None = None
    ) -> ParsedLink[MessageQuery]:
        """Convert a query to URL parameters, and store its personal data.

        Args:
            query: the query.
            account_id: the user who creates the link.
            previous: the link written or parsed before; its key is reused if the personal data is the same.

        Raises:
            DatabaseError: see services.errors.
        """
        params: dict[str, Any] = query_params.to_params(query)
        person = query_params.to_person_params(query)
        if person:
            key = ''
            if previous and query_params.to_person_params(previous.query) == person:
                key = previous.params.get(PERSON_PARAM, '')
            params[PERSON_PARAM] = key or (await self._store_person(person, account_id))[0]
        return ParsedLink(query, True, params)

    async def create_launch_link(self, query: MessageQuery) -> LaunchLink:
        """Store the personal data of a query for somebody who is about to open it from another program.

        Args:
            query: the query, which names a person.

        Raises:
            DatabaseError: see services.errors.
        """
        key, made_at = await self._store_person(query_params.to_person_params(query), None)
        return LaunchLink(query_params.to_url(query, {PERSON_PARAM: key}), made_at + LAUNCH_TTL)

    async def from_params(self, params: query_params.Params) -> ParsedLink[MessageQuery] | None:
        """Parse URL parameters; return None if the stored personal data has expired or never existed.

        Raises:
            DatabaseError: see services.errors.
        """
        key = str(params.get(PERSON_PARAM, ''))
        person = await self._load_person(key) if key else StoredPerson({})
        if person is None:
            return None
        link = query_params.from_params(params, await self.read_dictionaries(), person=person.params)
        valid_params: dict[str, Any] = query_params.to_params(link.query)
        # The key of a launch link expires soon: without it `to_params` stores the person for the user who follows it.
        if key and not person.is_launch:
            valid_params[PERSON_PARAM] = key
        return replace(link, params=valid_params)

    async def read_dictionaries(self) -> DictionarySnapshot:
        """Read the organisations and kinds that links may name."""
        dictionaries = await self._database.read(DictionarySnapshot.read)
        return dictionaries if self._scope is None else dictionaries.within(self._scope)

    async def purge(self) -> None:
        """Delete the personal data of expired links."""
        await self._database.write(self._purge)

    async def _load_person(self, key: str) -> StoredPerson | None:
        if not KEY_PATTERN.fullmatch(key):
            return None
        now, is_link = self._now(), LINK_TABLE.c.key == key
        stored = await self._database.read(
            lambda session: session.execute(select(LINK_TABLE).where(is_link)).one_or_none()
        )
        if stored is None:
            return None
        is_launch = stored.made_by is None
        if now - (stored.made_at if is_launch else stored.used_at) > (LAUNCH_TTL if is_launch else LINK_TTL):
            return None
        if not is_launch and now - stored.used_at > TOUCH_INTERVAL:
            touch = LINK_TABLE.update().where(is_link).values(used_at=now)
            await self._database.write(lambda session: session.connection().execute(touch))
        return StoredPerson(stored.query, is_launch)

    async def _store_person(self, person: dict[str, str | list[str]], account_id: int | None) -> tuple[str, datetime]:
        """Store personal data; return its key and the current time."""
        key, now = secrets.token_urlsafe(KEY_BYTES), self._now()
        values = {'key': key, 'query': person, 'made_by': account_id, 'made_at': now, 'used_at': now}

        def insert(session: Session) -> None:
            self._purge(session)
            session.connection().execute(INSERT_LINK, values)

        await self._database.write(insert)
        return key, now

    def _purge(self, session: Session) -> None:
        for is_expired in expired_links(self._now()):
            session.connection().execute(LINK_TABLE.delete().where(is_expired))
