"""Links to what somebody sees: what may stand in an address stands there, whom it is about is kept here."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam
from sqlmodel import Session, SQLModel

from models import KeptView
from services.database.engine import Database
from services.lists.organizations import OrganizationName, Organizations
from services.lists.query_protocol import Linked
from services.messages import query_params
from services.messages.message_query import MessageQuery

KEPT: Final = timedelta(days=30)
"""How long after it was last opened a link about a person goes on leading somewhere."""
TOUCHED: Final = timedelta(days=1)
PERSON: Final = 'who'
"""The word of an address that says under which key a name and a phone are kept."""
VIEW: Final = SQLModel.metadata.tables['kept_view']
KEEP: Final = VIEW.insert()
PURGE: Final = VIEW.delete().where(VIEW.c.used_at < bindparam('since'))
KEY_BYTES: Final = 16
KEY: Final = re.compile(r'[\w-]{22}', re.ASCII)


class Links:
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
    def words(self) -> frozenset[str]:
        """All that an address can say of a search."""
        return query_params.WORDS | {PERSON}

    async def write(
        self, query: MessageQuery, account_id: int, known: Linked[MessageQuery] | None = None
    ) -> Linked[MessageQuery]:
        """Write a query for an address.

        Args:
            query: what to write.
            account_id: who makes the link.
            known: what was written or read before; its key serves again if it is about the same person.

        Raises:
            Unavailable, Busy: see services.database.engine.
        """
        words, person = query_params.written(query), query_params.person(query)
        if person:
            key = known.words.get(PERSON, '') if known and query_params.person(known.query) == person else ''
            words[PERSON] = key or await self._keep(person, account_id)
        return Linked(query, True, words)

    async def read(self, words: Mapping[str, str]) -> Linked[MessageQuery] | None:
        """Read the words of an address; None when nobody knows any more whom it is about. Raises as `write` does."""
        key = words.get(PERSON, '')
        person = await self._person(key) if key else {}
        if person is None:
            return None
        linked = query_params.read(words, await self.organizations(), person=person)
        return replace(linked, words=query_params.written(linked.query) | ({PERSON: key} if key else {}))

    async def organizations(self) -> dict[int, OrganizationName]:
        """Give the dictionary of organisations."""
        return {each.id: each for each in await self._organizations.all()}

    async def purge(self) -> None:
        """Forget whom links are about that nobody has opened for long."""
        await self._database.write(self._purge)

    async def _person(self, key: str) -> dict[str, Any] | None:
        if not KEY.fullmatch(key):
            return None
        now = self._now()

        def find(session: Session) -> tuple[dict[str, Any], datetime] | None:
            view = session.get(KeptView, key)
            return (view.query, view.used_at) if view else None

        def touch(session: Session) -> None:
            if view := session.get(KeptView, key):
                view.used_at = now

        found = await self._database.read(find)
        if found is None or now - found[1] > KEPT:
            return None
        if now - found[1] > TOUCHED:
            await self._database.write(touch)
        return found[0]

    async def _keep(self, person: dict[str, str], account_id: int) -> str:
        key, now = secrets.token_urlsafe(KEY_BYTES), self._now()

        kept = {'key': key, 'query': person, 'made_by': account_id, 'made_at': now, 'used_at': now}

        def keep(session: Session) -> None:
            self._purge(session)
            session.connection().execute(KEEP, kept)

        await self._database.write(keep)
        return key

    def _purge(self, session: Session) -> None:
        session.connection().execute(PURGE, {'since': self._now() - KEPT})
