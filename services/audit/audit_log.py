"""The audit log: append who did what, when and from which IP address, to a tamper-evident chain of records."""

from collections.abc import Callable
from datetime import UTC, datetime

from models import AuditEvent
from services.audit import hash_chain
from services.audit.hash_chain import Actor, AuditEntry
from services.database.engine import Database
from services.database.write_batching import WriteBatcher


class AuditLog:
    """Append records to the audit log; records submitted at the same time share one transaction."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Write into `database`; `now` returns the current time (timezone-aware)."""
        self._queue: WriteBatcher[AuditEntry, int] = WriteBatcher(database, hash_chain.append_entries, priority=True)
        self._now = now

    async def record(
        self,
        act: AuditEvent,
        actor: Actor,
        *,
        section: str = '',
        what: str = '',
        about: str | None = None,
        found: int | None = None,
        continues: int | None = None,
    ) -> int:
        """Record an event and return the record's number once it is committed; see models.AccessRecord for the fields.

        Raises:
            DatabaseError: the event was not recorded; the data it is about must not be displayed.
        """
        entry = AuditEntry(self._now(), actor, act, section, what, about, found, continues)
        return (await self._queue.submit([entry]))[0]
