"""Links to what somebody sees: what may stand in an address stands there, whom it is about is kept here."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam
from sqlmodel import Session, SQLModel

from models import ShareLink
from services.database.engine import Database
from services.lists.organizations import OrganizationName, Organizations
from services.lists.query_protocol import ParsedLink
from services.messages import query_params
from services.messages.message_query import MessageQuery

LINK_TTL: Final = timedelta(days=30)
"""How long after it was last opened a link about a person goes on leading somewhere."""
TOUCH_INTERVAL: Final = timedelta(days=1)
PERSON_PARAM: Final = 'who'
"""The word of an address that says under which key a name and a phone are kept."""
LINK_TABLE: Final = SQLModel.metadata.tables['kept_view']
INSERT_LINK: Final = LINK_TABLE.insert()
DELETE_EXPIRED: Final = LINK_TABLE.delete().where(LINK_TABLE.c.used_at < bindparam('since'))
KEY_BYTES: Final = 16
KEY_PATTERN: Final = re.compile(r'[\w-]{22}', re.ASCII)


class ShareLinks:
    """Writes searches as addresses, and reads them."""

    def __init__(
        self,
        database: Database,
        organizations: Organizations,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Keep what must not be told in `database`; `now` tells the time (aware)."""
        self._database = database
        self._organizations = organizations
        self._now = now

    @property
    def param_names(self) -> frozenset[str]:
        """All that an address can say of a search."""
        return query_params.PARAM_NAMES | {PERSON_PARAM}

    async def to_params(
        self, query: MessageQuery, account_id: int, previous: ParsedLink[MessageQuery] | None = None
    ) -> ParsedLink[MessageQuery]:
        """Write a query for an address.

        Args:
            query: what to write.
            account_id: who makes the link.
            known: what was written or read before; its key serves again if it is about the same person.

        Raises:
            Unavailable, Busy: see services.database.engine.
        """
        params, person = query_params.to_params(query), query_params.to_person_params(query)
        if person:
            key = (
                previous.params.get(PERSON_PARAM, '')
                if previous and query_params.to_person_params(previous.query) == person
                else ''
            )
            params[PERSON_PARAM] = key or await self._store_person(person, account_id)
        return ParsedLink(query, True, params)

    async def from_params(self, params: Mapping[str, str]) -> ParsedLink[MessageQuery] | None:
        """Read the words of an address; None when nobody knows any more whom it is about. Raises as `write` does."""
        key = params.get(PERSON_PARAM, '')
        person = await self._load_person(key) if key else {}
        if person is None:
            return None
        linked = query_params.from_params(params, await self.organizations_by_id(), person=person)
        return replace(linked, params=query_params.to_params(linked.query) | ({PERSON_PARAM: key} if key else {}))

    async def organizations_by_id(self) -> dict[int, OrganizationName]:
        """Give the dictionary of organisations."""
        return {each.id: each for each in await self._organizations.all()}

    async def purge(self) -> None:
        """Forget whom links are about that nobody has opened for long."""
        await self._database.write(self._purge)

    async def _load_person(self, key: str) -> dict[str, Any] | None:
        if not KEY_PATTERN.fullmatch(key):
            return None
        now = self._now()

        def find(session: Session) -> tuple[dict[str, Any], datetime] | None:
            share_link = session.get(ShareLink, key)
            return (share_link.query, share_link.used_at) if share_link else None

        def touch(session: Session) -> None:
            if view := session.get(ShareLink, key):
                view.used_at = now

        stored = await self._database.read(find)
        if stored is None or now - stored[1] > LINK_TTL:
            return None
        if now - stored[1] > TOUCH_INTERVAL:
            await self._database.write(touch)
        return stored[0]

    async def _store_person(self, person: dict[str, str], account_id: int) -> str:
        key, now = secrets.token_urlsafe(KEY_BYTES), self._now()

        values = {'key': key, 'query': person, 'made_by': account_id, 'made_at': now, 'used_at': now}

        def insert(session: Session) -> None:
            self._purge(session)
            session.connection().execute(INSERT_LINK, values)

        await self._database.write(insert)
        return key

    def _purge(self, session: Session) -> None:
        session.connection().execute(DELETE_EXPIRED, {'since': self._now() - LINK_TTL})
