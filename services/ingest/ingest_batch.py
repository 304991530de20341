"""A batch of messages and status events that is written in one transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from enum import StrEnum
from itertools import takewhile
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlmodel import Session

from models import MessageStatus
from models.message import arrival_number
from services.access_scope.organization_scope import OrganizationScope
from services.database import row_insert
from services.database.tables import CHANGE_TABLE, MESSAGE_KIND_TABLE, MESSAGE_TABLE, ORGANIZATION_TABLE, STATE_TABLE
from services.dictionaries.dictionary_tables import CURRENT_KIND, CURRENT_ORGANIZATION
from services.dictionaries.entry_resolution import EntryResolver
from services.dictionaries.name_folding import fold_entry_name
from services.ingest import bulk_insert, message_merge, status_history, status_rules
from services.ingest.anonymized_messages import anonymize_event, anonymize_message, is_anonymized
from services.ingest.message_parsing import MAX_CLOCK_DIFFERENCE, IncomingMessage
from services.ingest.row_mapping import EntryIds, message_from_row, message_values
from services.ingest.status_history import ProviderReference, StatusEvent

WRITER_LOCK = select(STATE_TABLE.c.next_arrival).with_for_update()
STORED_MESSAGES = (
    select(
        *(column for column in MESSAGE_TABLE.c if column is not MESSAGE_TABLE.c.kind),
        MESSAGE_TABLE.c.kind.label('kind_id'),
        CURRENT_ORGANIZATION.c.name.label('organization'),
        CURRENT_KIND.c.name.label('kind'),
    )
    .join(CURRENT_ORGANIZATION, CURRENT_ORGANIZATION.c.id == MESSAGE_TABLE.c.organization_id)
    .join(CURRENT_KIND, CURRENT_KIND.c.id == MESSAGE_TABLE.c.kind)
)
"""Messages with the names of their organisations and kinds."""
MAX_CHANGES = 1_000_000
"""Number of latest changes to store: those of some weeks, so that programs that follow them may pause for some days."""
DELETE_OLD_CHANGES = delete(CHANGE_TABLE).where(
    CHANGE_TABLE.c.number <= select(func.max(CHANGE_TABLE.c.number)).scalar_subquery() - MAX_CHANGES
)
FILE_SOURCE = 'file'
"""The reporter of status events that are derived from a message imported from a file."""


class IngestOutcome(StrEnum):
    """The outcome of an incoming message, status update or receipt."""

    CREATED = 'created'
    UPDATED = 'updated'
    UNCHANGED = 'unchanged'
    UNKNOWN = 'unknown'
    """The journal has no such message."""
    OTHER_ORGANIZATION = 'foreign'
    """The message belongs to another organisation than the sender's, and must not be disclosed to the sender."""
    CONFLICT = 'conflict'
    """The provider's identifier that the sender has named, or the id of a new message, belongs to another message."""
    BEFORE_QUEUED = 'before_queued'
    """The event is dated before the time at which, according to its sender, the message was queued."""
    PROVIDER_ID_TAKEN = 'provider_id_taken'
    """The provider's identifier that a message names belongs to another message."""
    NOT_WAITING = 'not_waiting'
    """The message was sent or failed before it could be withdrawn."""
    OTHER_PHONE = 'other_phone'
    OTHER_RECIPIENT = 'other_recipient'
    OTHER_TEXT = 'other_text'
    """The stored message or document with the id has another phone, another person, or another text."""


@dataclass(frozen=True)
class Sender:
    """The sender of data: a program with a token."""

    name: str
    scope: OrganizationScope | None = None
    """The only organisations whose data they may send and read; None for all."""
    spellings: frozenset[str] = frozenset()
    """The folded names of all spellings of these organisations."""

    def may_act_for(self, organization: str) -> bool:
        """Return whether the sender may send and read the data of an organisation."""
        return self.scope is None or fold_entry_name(organization) in self.spellings


def acquire_writer_lock(session: Session) -> int:
    """Lock out other writers until the end of the transaction; return the arrival number of the next message.

    Data that is read after this call cannot be changed by others. SQLite allows only one writer in any case.
    """
    next_arrival: int = session.execute(WRITER_LOCK).scalar_one()
    return next_arrival


class IngestBatch:
    """The work of one transaction; other writers of messages wait until it ends."""

    def __init__(
        self,
        session: Session,
        ids: Collection[UUID],
        *,
        zone: tzinfo,
        now: datetime,
        incoming: Sequence[IncomingMessage] = (),
    ) -> None:
        """Load the stored messages with the given ids (at most some thousands, because it is one query).

        Args:
            session: a writing session.
            ids: the messages that may change.
            zone: the time zone of the days that totals are counted by.
            now: the current time (aware).
            incoming: the messages that `apply_message` will receive.
        """
        self._next_arrival = acquire_writer_lock(session)
        self._session = session
        self._zone = zone
        self._now = now
        self._organizations = EntryResolver(session, ORGANIZATION_TABLE, [each.organization for each in incoming])
        self._kinds = EntryResolver(session, MESSAGE_KIND_TABLE, [each.kind for each in incoming])
        self._sort_keys: dict[UUID, int] = {}
        self._current: dict[UUID, IncomingMessage] = {}
        self._events: defaultdict[UUID, list[StatusEvent]] = defaultdict(list)
        self.load(ids)
        self._changed_messages: dict[UUID, IncomingMessage] = {}
        self._new_events: list[tuple[UUID, StatusEvent]] = []

    def load(self, ids: Collection[UUID]) -> None:
        """Load those of the stored messages with the given ids that are not loaded yet; see `__init__`."""
        missing = set(ids) - self._current.keys()
        if not missing:
            return
        loaded = set()
        for row in self._session.execute(STORED_MESSAGES.where(MESSAGE_TABLE.c.id.in_(missing))):
            loaded.add(row.id)
            self._sort_keys[row.id] = row.place
            self._current[row.id] = message_from_row(row)
            self._organizations.add_stored(row.id, row.organization_id, row.organization)
            self._kinds.add_stored(row.id, row.kind_id, row.kind)
        self._events.update(status_history.load_events(self._session, loaded))

    def find(self, id: UUID) -> IncomingMessage | None:
        """Return a message as it is after what has been applied so far; None if it was not loaded or does not exist."""
        return self._current.get(id)

    def rejection(self, id: UUID, sender: Sender) -> IngestOutcome | None:
        """Return why a sender may not report about a message; None if they may."""
        message = self._current.get(id)
        if message is None:
            return IngestOutcome.UNKNOWN
        return None if sender.may_act_for(message.organization) else IngestOutcome.OTHER_ORGANIZATION

    def apply_message(
        self, message: IncomingMessage, sender: Sender | None, reference: ProviderReference | None = None
    ) -> IngestOutcome:
        """Apply a message that its sender may report about; `reference` is the provider's identifier, if known.

        Without a sender it comes from a file, and is recorded without a status event.
        """
        old = self._current.get(message.id)
        message = self._with_current_names(message)
        if old is None:
            new = message_merge.with_initial_times(message, self._now)
            self._set_message(new)
            if sender:
                self._record_event(message.id, StatusEvent.from_message(new, sender.name, reference))
            return IngestOutcome.CREATED
        if is_anonymized(old):
            message = anonymize_message(message)
        events = self._events[message.id]
        event_count = len(events)
        if sender is None:
            message = message_merge.restore_losses(old, message, (event.error_code for event in events))
            if message_merge.merge_message(old, message) == old:
                return IngestOutcome.UNCHANGED  # a file that only repeats known values adds no status event
        if not events:
            new = message_merge.merge_message(old, message_merge.with_later_status(old, message) if sender else message)
            if sender and (reference or new.status != old.status):
                self._record_event(message.id, StatusEvent.from_message(old, FILE_SOURCE))
                self._record_event(message.id, StatusEvent.from_message(new, sender.name, reference))
                new = status_rules.with_status_of_events(new, events)  # the status from the file may be more recent
        else:
            new = message_merge.merge_message(old, message_merge.with_known_status(old, message))
            event = StatusEvent.from_message(
                replace(message, queued_at=message.queued_at or old.queued_at),
                sender.name if sender else FILE_SOURCE,
                reference,
            )
            is_new = reference or event.status != MessageStatus.WAITING or _is_queued_again(old, message, sender)
            if is_new and not any(map(event.is_duplicate_of, events)):
                self._record_event(message.id, event)
                new = status_rules.with_status_of_events(new, events)
            elif new.part_count != old.part_count:
                new = status_rules.with_status_of_events(new, events)  # what the receipts of parts mean has changed
        if new == old and len(events) == event_count:
            return IngestOutcome.UNCHANGED
        self._set_message(new)
        return IngestOutcome.UPDATED

    def apply_event(
        self, id: UUID, event: StatusEvent, sender: Sender | None = None, *, is_timed: bool = True
    ) -> IngestOutcome:
        """Apply a status event of a message; without a time of its own it may be a retry of a known one."""
        old = self._current.get(id)
        if old is None:
            return IngestOutcome.UNKNOWN
        if sender and (rejection := self.rejection(id, sender)):
            return rejection
        if not self._events[id]:
            self._record_event(id, StatusEvent.from_message(old, FILE_SOURCE))
        if is_anonymized(old):
            event = anonymize_event(event)
        if any(map(event.is_duplicate_of, self._events[id])) or (not is_timed and self._is_retry(id, event)):
            return IngestOutcome.UNCHANGED
        self._record_event(id, event)
        self._set_message(status_rules.with_status_of_events(old, self._events[id]))
        return IngestOutcome.UPDATED

    def is_before_queued(self, id: UUID, event: StatusEvent) -> bool:
        """Return whether an event is dated before the time at which the sender says that the message was queued.

        Clocks may differ. If the sender has not stated the time, it is that of the arrival and proves nothing.
        """
        queued = next(iter(self._events[id]), None)
        if not queued or queued.status != MessageStatus.WAITING or event.at >= queued.at - MAX_CLOCK_DIFFERENCE:
            return False
        return queued.at != status_history.first_recording_time(self._session, id)

    def recalculate_status(self, id: UUID) -> None:
        """Derive the status of a message from its recorded events again."""
        old = self._current.get(id)
        new = old and status_rules.with_status_of_events(old, self._events[id])
        if new and new != old:
            self._set_message(new)

    def created_ids(self) -> Iterator[UUID]:
        """Return the ids of the messages that this batch creates."""
        return (id for id in self._changed_messages if id not in self._sort_keys)

    def write(self) -> None:
        """Write all changes; triggers of the database update totals and search index."""
        status_history.store_events(self._session, self._new_events, self._now)
        if not self._changed_messages:
            return
        created, updated = [], []
        number = self._next_arrival
        changed = self._changed_messages
        organization_ids = self._organizations.get_or_create_row_ids(
            {id: message.organization for id, message in changed.items()}
        )
        kind_ids = self._kinds.get_or_create_row_ids({id: message.kind for id, message in changed.items()})
        for id, message in changed.items():
            old_sort_key, entries = self._sort_keys.get(id), EntryIds(organization_ids[id], kind_ids[id])
            if old_sort_key is None:
                created.append(message_values(message, entries, number, self._zone))
                number += 1
            else:
                columns = message_values(message, entries, arrival_number(old_sort_key), self._zone)
                updated.append((old_sort_key, bulk_insert.to_bulk_row(columns)))
        if created:
            self._session.execute(update(STATE_TABLE).values(next_arrival=number))
            # In the order of the list: FTS5 writes a segment whenever a row comes before the row that it received last.
            rows = sorted(map(bulk_insert.to_bulk_row, created), key=lambda row: row.place)
            bulk_insert.insert_rows(self._session, rows)
        if updated:
            bulk_insert.update_rows(self._session, sorted(updated, key=lambda change: change[0]))
        changes = [{'message_id': id, 'created': id not in self._sort_keys} for id in self._changed_messages]
        row_insert.insert_rows(self._session, CHANGE_TABLE, changes)
        self._session.execute(DELETE_OLD_CHANGES)

    def _is_retry(self, id: UUID, event: StatusEvent) -> bool:
        """Return whether the provider has reported the same already since another reporter was last recorded."""
        reported = takewhile(lambda known: known.told_by == event.told_by, reversed(self._events[id]))
        return any(replace(known, at=event.at) == event for known in reported)

    def _with_current_names(self, message: IncomingMessage) -> IncomingMessage:
        """Replace the names of the organisation and the kind by those of their current entries."""
        organization = self._organizations.current_name(message.id, message.organization)
        kind = self._kinds.current_name(message.id, message.kind)
        if (organization, kind) == (message.organization, message.kind):
            return message
        return replace(message, organization=organization, kind=kind)

    def _record_event(self, id: UUID, event: StatusEvent) -> None:
        self._events[id].append(event)
        self._new_events.append((id, event))

    def _set_message(self, message: IncomingMessage) -> None:
        self._current[message.id] = self._changed_messages[message.id] = message


def _is_queued_again(old: IncomingMessage, new: IncomingMessage, sender: Sender | None) -> bool:
    """Return whether a program submits a failed message for a new attempt; a file only repeats what it once knew."""
    return bool(sender and old.status == MessageStatus.FAILED and new.queued_at and new.queued_at != old.queued_at)
