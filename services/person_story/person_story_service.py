"""The service that reads the story of a person."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from services.access_scope.organization_scope import ScopedService, read_row_ids
from services.call_list.call_conditions import call_params
from services.database.engine import QUERY_TIMEOUT_SECONDS, Database
from services.messages.delivery import DEFAULT_TIMEOUTS, DeliveryTimeouts
from services.person_story import person_story
from services.person_story.person_story import PersonStory, StoryScope


class PersonStories(ScopedService):
    """Read the stories of people."""

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        timeouts: DeliveryTimeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        """Read `database`; the days of the stories are those of `zone`."""
        self._database = database
        self._now = now
        self._timeouts = timeouts
        self.zone = zone

    async def read(self, code: UUID, scope: StoryScope, limit: int) -> PersonStory | None:
        """Return the newest `limit` messages of the recipient of a message; see person_story.read_story.

        Raises:
            DatabaseError: see services.errors.
        """

        def read(session: Session) -> PersonStory | None:
            scope_rows = read_row_ids(session.connection(), self._scope)
            params = call_params(self._timeouts, self._now(), self.zone, scope_rows)
            return person_story.read_story(
                session, code, scope, call_params=params, limit=limit, access_scope=self._scope
            )

        return await self._database.read_with_timeout(QUERY_TIMEOUT_SECONDS, read)
