"""Messages and facts on their way into the journal in one transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import Session, SQLModel

from models import MessageStatus
from models.message import arrival
from services.ingest import bulk_insert, status_history
from services.ingest.anonymized_messages import fact_without_person, is_blanked, without_person
from services.ingest.message_merge import first, moved_on, with_status_of
from services.ingest.message_parsing import Incoming
from services.ingest.row_mapping import as_told, organization_ids, values
from services.ingest.status_history import Fact

MESSAGE = SQLModel.metadata.tables['message']
ORGANIZATION = SQLModel.metadata.tables['organization']
STATE = SQLModel.metadata.tables['journal_state']
CHANGE = SQLModel.metadata.tables['change']

LOCK = select(STATE.c.next_arrival).with_for_update()
STORED = select(MESSAGE, ORGANIZATION.c.name.label('organization')).join(ORGANIZATION)
KEPT_CHANGES = 100_000
"""Changes that are remembered: more than come in while a page looks away."""
OLD_CHANGES = delete(CHANGE).where(
    CHANGE.c.number <= select(func.max(CHANGE.c.number)).scalar_subquery() - KEPT_CHANGES
)
A_FILE = 'file'
"""Who told what is known of a message that came by no interface."""


class Outcome(StrEnum):
    """What became of a message or a fact that came in."""

    CREATED = 'created'
    UPDATED = 'updated'
    UNCHANGED = 'unchanged'
    UNKNOWN = 'unknown'
    """There is no such message."""
    FOREIGN = 'foreign'
    """It is another organisation's, and whoever told may not know of it."""


@dataclass(frozen=True)
class Teller:
    """Who hands something over."""

    name: str
    only: str | None = None
    """The name of the only organisation that he may speak for."""


def take_turn(session: Session) -> int:
    """Wait until no other writer is at work: what is looked up from now on stays true until this transaction ends.

    Gives the order of arrival that the next message will have. SQLite has but one writer anyway.
    """
    number: int = session.execute(LOCK).scalar_one()
    return number


class Batch:
    """What one transaction does; other writers of messages wait until it ends."""

    def __init__(self, session: Session, ids: Collection[UUID], *, zone: tzinfo, now: datetime) -> None:
        """Look up all that is known of the messages in question: at most some thousands, for it is one query."""
        self._next_arrival = take_turn(session)
        self._session = session
        self._zone = zone
        self._now = now
        self._places: dict[UUID, int] = {}
        self._known: dict[UUID, Incoming] = {}
        for row in session.execute(STORED.where(MESSAGE.c.id.in_(ids))):
            self._places[row.id] = row.place
            self._known[row.id] = as_told(row)
        self._told = defaultdict(list, status_history.told(session, self._places))
        self._changed: dict[UUID, Incoming] = {}
        self._facts: list[tuple[UUID, Fact]] = []

    def take(self, message: Incoming, teller: Teller | None) -> Outcome:
        """Take a message in; without a teller it comes from a file, and nothing but its newest state is kept."""
        old = self._known.get(message.id)
        if old is None:
            new = first(message, self._now)
            self._change(new)
            if teller:
                self._keep(message.id, Fact.of(new, teller.name))
            return Outcome.CREATED
        if teller and teller.only not in (None, old.organization):
            return Outcome.FOREIGN
        if is_blanked(old):
            message = without_person(message)
        if teller is None and moved_on(old, message) == old:
            return Outcome.UNCHANGED  # a file that only repeats what is known has no part in what happened
        told = self._told[message.id]
        if not told:
            new = moved_on(old, message)
            if teller and new.status != old.status:
                self._keep(message.id, Fact.of(old, A_FILE))
                self._keep(message.id, Fact.of(new, teller.name))
                new = status_history.settled(new, told)  # what the file told may have happened later
        else:
            new = moved_on(old, with_status_of(old, message))
            said = Fact.of(
                replace(message, queued_at=message.queued_at or old.queued_at), teller.name if teller else A_FILE
            )
            if said.status != MessageStatus.WAITING and not any(map(said.repeats, told)):
                self._keep(message.id, said)
                new = status_history.settled(new, told)
        if new == old:
            return Outcome.UNCHANGED
        self._change(new)
        return Outcome.UPDATED

    def tell(self, id: UUID, fact: Fact, teller: Teller | None = None) -> Outcome:
        """Take in what happened to a message."""
        old = self._known.get(id)
        if old is None:
            return Outcome.UNKNOWN
        if teller and teller.only not in (None, old.organization):
            return Outcome.FOREIGN
        if not self._told[id]:
            self._keep(id, Fact.of(old, A_FILE))
        if is_blanked(old):
            fact = fact_without_person(fact)
        if any(map(fact.repeats, self._told[id])):
            return Outcome.UNCHANGED
        self._keep(id, fact)
        self._change(status_history.settled(old, self._told[id]))
        return Outcome.UPDATED

    def created(self) -> Iterator[UUID]:
        """Give the messages that are new to the journal."""
        return (id for id in self._changed if id not in self._places)

    def write(self) -> None:
        """Write what has changed; totals and the search index follow by the database's own triggers."""
        status_history.keep(self._session, self._facts, self._now)
        if not self._changed:
            return
        organizations = organization_ids(self._session, {message.organization for message in self._changed.values()})
        created, updated, number = [], [], self._next_arrival
        for message in self._changed.values():
            old_place = self._places.get(message.id)
            if old_place is None:
                created.append(values(message, organizations[message.organization], number, self._zone))
                number += 1
            else:
                columns = values(message, organizations[message.organization], arrival(old_place), self._zone)
                updated.append((old_place, bulk_insert.bare(columns)))
        connection = self._session.connection()
        if created:
            self._session.execute(update(STATE).values(next_arrival=number))
            bulk_insert.insert(self._session, map(bulk_insert.bare, created))
        if updated:
            bulk_insert.change(self._session, updated)
        changes = [{'message_id': id, 'created': id not in self._places} for id in self._changed]
        connection.execute(insert(CHANGE), changes)
        connection.execute(OLD_CHANGES)

    def _keep(self, id: UUID, fact: Fact) -> None:
        self._told[id].append(fact)
        self._facts.append((id, fact))

    def _change(self, message: Incoming) -> None:
        self._known[message.id] = self._changed[message.id] = message
