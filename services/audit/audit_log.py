"""The audit log: append who did what, when and from which IP address, to a tamper-evident chain of records."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from models import AuditEvent
from services.audit import hash_chain
from services.audit.condition_rows import RecordedCondition, describe_without_person, record_conditions
from services.audit.hash_chain import Actor, AuditEntry
from services.audit.shown_rows import subject_of
from services.database.engine import Database
from services.database.write_batching import WriteBatcher
from services.keys.data_key import DataKey
from services.lists.query_protocol import Query


class AuditLog:
    """Append records to the audit log; records submitted at the same time share one transaction."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        data_key: DataKey | None = None,
    ) -> None:
        """Write into `database`.

        Args:
            database: where the records are written.
            now: returns the current time (timezone-aware).
            data_key: the key of the digests; without it no search can be recorded.
        """
        self._data_key = data_key
        self._queue: WriteBatcher[AuditEntry, int] = WriteBatcher(database, hash_chain.append_entries, priority=True)
        self._now = now

    async def record(
        self,
        act: AuditEvent,
        actor: Actor,
        *,
        section: str = '',
        what: str = '',
        query: Query | None = None,
        about: str | None = None,
        found: int | None = None,
        continues: int | None = None,
        shown: Sequence[UUID] = (),
    ) -> int:
        """Record an event and return the record's number once it is committed; see models.AuditRecord for the fields.

        Args:
            act: the event.
            actor: who caused it.
            section: the page.
            what: a description without personal data of patients.
            query: the search that the event is about; its conditions are recorded one by one, and `what` is ignored.
            about: the subject of the event.
            found: the number of rows.
            continues: the number of the record that this one completes.
            shown: the messages or documents that the event is about; without `about`, the record has their digest.

        Raises:
            DatabaseError, UnrecordableEventError: the event was not recorded; the data it is about must not be
                displayed.
            ValueError: a search cannot be recorded without the data key.
        """
        conditions: tuple[RecordedCondition, ...] = ()
        if query is not None:
            if self._data_key is None:
                raise ValueError('no data key')
            what, conditions = describe_without_person(query), record_conditions(query.conditions(), self._data_key)
        about = subject_of(shown) if about is None else about
        entry = AuditEntry(self._now(), actor, act, section, what, about, found, continues, conditions, shown)
        return (await self._queue.submit([entry]))[0]
