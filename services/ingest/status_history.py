"""What was told of a message, and what follows from it: the same whatever the order in which it was told.

Each fact has the moment at which it happened, by the clock of whoever tells it. The newest decides; of two in the same
second the final one. A fact that comes twice is one fact.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import Session, SQLModel

from models import MessageStatus
from models.message import effective_time
from services.ingest.message_parsing import IncomingMessage

MESSAGE_FACT_TABLE = SQLModel.metadata.tables['message_fact']
SECONDS_PER_MINUTE = 60


@dataclass(frozen=True)
class StatusEvent:
    """Something that happened to a message; see models.MessageFact."""

    at: datetime
    told_by: str
    status: MessageStatus | None
    final: bool = False
    provider: str | None = None
    code: str | None = None
    error_code: str | None = None
    error_name: str | None = None

    @classmethod
    def from_message(cls, message: IncomingMessage, reported_by: str) -> Self:
        """Give the fact that the message itself tells, once it is known when it was queued."""
        assert message.queued_at is not None
        at = effective_time(sent_at=message.sent_at, attempted_at=message.attempted_at, queued_at=message.queued_at)
        failed = message.status == MessageStatus.FAILED
        return cls(
            at=at,
            told_by=reported_by,
            status=message.status,
            final=failed,
            error_code=message.error_code,
            error_name=message.error_name,
        )

    def is_duplicate_of(self, other: 'StatusEvent') -> bool:
        """Say whether it is the same fact, told again: by another perhaps, who says times to the minute."""
        same = (self.status, self.provider, self.code, self.error_code)
        if same != (other.status, other.provider, other.code, other.error_code):
            return False
        difference = abs((self.at - other.at).total_seconds())
        return difference == 0 or (
            difference < SECONDS_PER_MINUTE and 0 in (self.at.second, other.at.second) and self.provider is None
        )


def with_status_of_events(message: IncomingMessage, events: Iterable[StatusEvent]) -> IncomingMessage:
    """Give the message with the status that follows from all facts told of it.

    It was sent when it was first handed over, not when it arrived; what failed was tried when it was handed over.
    """
    ordered = sorted(
        (fact for fact in events if fact.status is not None),
        key=lambda fact: (fact.at, fact.final, fact.status, fact.code or '', fact.error_code or ''),
    )
    if not ordered:
        return message
    last = ordered[-1]
    assert last.status is not None
    attempt: list[StatusEvent] = []
    for event in ordered:
        if attempt and attempt[-1].status == MessageStatus.FAILED != event.status:
            attempt = []  # it was tried anew
        attempt.append(event)
    handed_over = next((fact.at for fact in attempt if fact.status == MessageStatus.SENT), None)
    failures = [fact.at for fact in ordered if fact.status == MessageStatus.FAILED]
    failed = last.status == MessageStatus.FAILED
    attempted_at = failures[-1] if failures else message.attempted_at
    return replace(
        message,
        status=last.status,
        sent_at=handed_over if last.status == MessageStatus.SENT else None,
        attempted_at=(handed_over or last.at) if failed else attempted_at,
        error_code=last.error_code if failed else None,
        error_name=last.error_name if failed else None,
    )


def load_events(session: Session, ids: Collection[UUID]) -> dict[UUID, list[StatusEvent]]:
    """Give all facts told of some messages."""
    events_by_message: dict[UUID, list[StatusEvent]] = defaultdict(list)
    if ids:
        for row in session.execute(
            select(MESSAGE_FACT_TABLE)
            .where(MESSAGE_FACT_TABLE.c.message_id.in_(ids))
            .order_by(MESSAGE_FACT_TABLE.c.number)
        ):
            values = row._asdict()
            for column in ('number', 'told_at'):
                del values[column]
            events_by_message[values.pop('message_id')].append(StatusEvent(**values))
    return events_by_message


def store_events(session: Session, events: Sequence[tuple[UUID, StatusEvent]], now: datetime) -> None:
    """Keep facts in the session's transaction."""
    if events:
        rows = [{'message_id': id, 'told_at': now, **vars(event)} for id, event in events]
        session.connection().execute(insert(MESSAGE_FACT_TABLE), rows)
