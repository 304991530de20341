"""The journal of access: who did what, when and from where, on a record that cannot be changed unseen."""

from collections.abc import Callable
from datetime import UTC, datetime

from models import Act
from services.audit import hash_chain
from services.audit.hash_chain import Actor, Entry
from services.database.engine import Database
from services.database.write_batching import Queue


class Access:
    """Writes the journal of access; records that come at the same time share one transaction."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Write into `database`; `now` tells the time (aware)."""
        self._queue: Queue[Entry, int] = Queue(database, hash_chain.append, beside=True)
        self._now = now

    async def record(
        self,
        act: Act,
        actor: Actor,
        *,
        section: str = '',
        what: str = '',
        about: str | None = None,
        found: int | None = None,
        continues: int | None = None,
    ) -> int:
        """Record an act, and give the record's number once it is on disk; see models.AccessRecord for the fields.

        Raises:
            Unavailable, Busy: it was not recorded; what it is about must not be shown.
        """
        entry = Entry(self._now(), actor, act, section, what, about, found, continues)
        return (await self._queue.put([entry]))[0]
