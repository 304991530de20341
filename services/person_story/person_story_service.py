"""The service that reads the story of a person."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.access_scope.organization_scope import ScopedService
from services.database.engine import QUERY_TIMEOUT_SECONDS, Database
from services.person_story import person_story
from services.person_story.person_story import PersonStory, StoryScope


class PersonStories(ScopedService):
    """Read the stories of people."""

    def __init__(
        self, database: Database, zone: ZoneInfo, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Read `database`; the days of the stories are those of `zone`."""
        self._database = database
        self._now = now
        self.zone = zone

    async def read(self, code: UUID, scope: StoryScope, limit: int) -> PersonStory | None:
        """Return the newest `limit` messages of the recipient of a message; see person_story.read_story.

        Raises:
            DatabaseError: see services.errors.
        """
        return await self._database.read_with_timeout(
            QUERY_TIMEOUT_SECONDS,
            lambda session: person_story.read_story(
                session, code, scope, now=self._now(), limit=limit, access_scope=self._scope
            ),
        )
