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
from models.message import moment
from services.ingest.message_parsing import Incoming

FACT = SQLModel.metadata.tables['message_fact']
MINUTE = 60


@dataclass(frozen=True)
class Fact:
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
    def of(cls, message: Incoming, told_by: str) -> Self:
        """Give the fact that the message itself tells, once it is known when it was queued."""
        assert message.queued_at is not None
        at = moment(sent_at=message.sent_at, attempted_at=message.attempted_at, queued_at=message.queued_at)
        failed = message.status == MessageStatus.FAILED
        return cls(
            at=at,
            told_by=told_by,
            status=message.status,
            final=failed,
            error_code=message.error_code,
            error_name=message.error_name,
        )

    def repeats(self, other: 'Fact') -> bool:
        """Say whether it is the same fact, told again: by another perhaps, who says times to the minute."""
        same = (self.status, self.provider, self.code, self.error_code)
        if same != (other.status, other.provider, other.code, other.error_code):
            return False
        apart = abs((self.at - other.at).total_seconds())
        return apart == 0 or (apart < MINUTE and 0 in (self.at.second, other.at.second) and self.provider is None)


def settled(message: Incoming, facts: Iterable[Fact]) -> Incoming:
    """Give the message with the status that follows from all facts told of it.

    It was sent when it was first handed over, not when it arrived; what failed was tried when it was handed over.
    """
    told = sorted(
        (fact for fact in facts if fact.status is not None),
        key=lambda fact: (fact.at, fact.final, fact.status, fact.code or '', fact.error_code or ''),
    )
    if not told:
        return message
    last = told[-1]
    assert last.status is not None
    attempt: list[Fact] = []
    for fact in told:
        if attempt and attempt[-1].status == MessageStatus.FAILED != fact.status:
            attempt = []  # it was tried anew
        attempt.append(fact)
    handed_over = next((fact.at for fact in attempt if fact.status == MessageStatus.SENT), None)
    failures = [fact.at for fact in told if fact.status == MessageStatus.FAILED]
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


def told(session: Session, ids: Collection[UUID]) -> dict[UUID, list[Fact]]:
    """Give all facts told of some messages."""
    found: dict[UUID, list[Fact]] = defaultdict(list)
    if ids:
        for row in session.execute(select(FACT).where(FACT.c.message_id.in_(ids)).order_by(FACT.c.number)):
            values = row._asdict()
            for column in ('number', 'told_at'):
                del values[column]
            found[values.pop('message_id')].append(Fact(**values))
    return found


def keep(session: Session, facts: Sequence[tuple[UUID, Fact]], now: datetime) -> None:
    """Keep facts in the session's transaction."""
    if facts:
        rows = [{'message_id': id, 'told_at': now, **vars(fact)} for id, fact in facts]
        session.connection().execute(insert(FACT), rows)
