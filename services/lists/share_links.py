"""Share links: a search as parameters of a URL; its personal data is stored in the database under a random key."""

import re
import secrets
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from sqlalchemy import bindparam
from sqlmodel import Session

from models import ShareLink
from services.access_scope.organization_scope import OrganizationScope
from services.database.engine import Database
from services.database.tables import LINK_TABLE
from services.dictionaries.dictionary_snapshot import DictionarySnapshot
from services.lists.query_protocol import ParsedLink
from services.messages import query_params
from services.messages.message_query import MessageQuery

LINK_TTL: Final = timedelta(days=30)
"""The time after which a link with personal data expires if nobody opens it."""
TOUCH_INTERVAL: Final = timedelta(days=1)
"""The least time between two updates of `used_at`, because a write for each opening is not needed."""
PERSON_PARAM: Final = 'who'
"""The URL parameter with the key of the stored personal data."""
INSERT_LINK: Final = LINK_TABLE.insert()
DELETE_EXPIRED: Final = LINK_TABLE.delete().where(LINK_TABLE.c.used_at < bindparam('since'))
KEY_BYTES: Final = 16
KEY_PATTERN: Final = re.compile(r'[\w-]{22}', re.ASCII)


class ShareLinks:
    """Converts searches to URL parameters and back."""

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
        self._scope: OrganizationScope | None = None

    def within(self, scope: OrganizationScope) -> Self:
        """Return the service whose searches name only the organisations of a scope; others count as unknown."""
        scoped = copy(self)
        scoped._scope = scope
        return scoped

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
            params[PERSON_PARAM] = key or await self._store_person(person, account_id)
        return ParsedLink(query, True, params)

    async def from_params(self, params: query_params.Params) -> ParsedLink[MessageQuery] | None:
        """Parse URL parameters; return None if the stored personal data has expired or never existed.

        Raises:
            DatabaseError: see services.errors.
        """
        key = str(params.get(PERSON_PARAM, ''))
        person = await self._load_person(key) if key else {}
        if person is None:
            return None
        link = query_params.from_params(params, await self.read_dictionaries(), person=person)
        valid_params: dict[str, Any] = query_params.to_params(link.query)
        if key:
            valid_params[PERSON_PARAM] = key
        return replace(link, params=valid_params)

    async def read_dictionaries(self) -> DictionarySnapshot:
        """Read the organisations and kinds that links may name."""
        dictionaries = await self._database.read(DictionarySnapshot.read)
        return dictionaries if self._scope is None else dictionaries.within(self._scope)

    async def purge(self) -> None:
        """Delete the personal data of expired links."""
        await self._database.write(self._purge)

    async def _load_person(self, key: str) -> dict[str, Any] | None:
        if not KEY_PATTERN.fullmatch(key):
            return None
        now = self._now()

        def find(session: Session) -> tuple[dict[str, Any], datetime] | None:
            share_link = session.get(ShareLink, key)
            return (share_link.query, share_link.used_at) if share_link else None

        def touch(session: Session) -> None:
            share_link = session.get(ShareLink, key)
            if share_link:
                share_link.used_at = now

        stored = await self._database.read(find)
        if stored is None:
            return None
        person, used_at = stored
        if now - used_at > LINK_TTL:
            return None
        if now - used_at > TOUCH_INTERVAL:
            await self._database.write(touch)
        return person

    async def _store_person(self, person: dict[str, str | list[str]], account_id: int) -> str:
        key, now = secrets.token_urlsafe(KEY_BYTES), self._now()
        values = {'key': key, 'query': person, 'made_by': account_id, 'made_at': now, 'used_at': now}

        def insert(session: Session) -> None:
            self._purge(session)
            session.connection().execute(INSERT_LINK, values)

        await self._database.write(insert)
        return key

    def _purge(self, session: Session) -> None:
        session.connection().execute(DELETE_EXPIRED, {'since': self._now() - LINK_TTL})
