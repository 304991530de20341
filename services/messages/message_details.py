"""One message, opened: all that is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from models import MessageStatus
from services.ingest import status_history
from services.ingest.ingest_batch import A_FILE, STORED
from services.ingest.message_parsing import Incoming
from services.ingest.row_mapping import as_told
from services.ingest.status_history import Fact
from services.messages.message_tables import message


@dataclass(frozen=True)
class Opened:
    """A message with what happened to it, the oldest first; it begins with being queued."""

    message: Incoming
    facts: Sequence[Fact]


def read(session: Session, code: UUID) -> Opened | None:
    """Read a message; None when there is no such message any more."""
    row = session.execute(STORED.where(message.c.id == code)).one_or_none()
    if row is None:
        return None
    found = as_told(row)
    facts = status_history.told(session, [code]).get(code) or [Fact.of(found, A_FILE)]
    facts.sort(key=lambda fact: (fact.at, fact.final))
    assert found.queued_at is not None
    if facts[0].status != MessageStatus.WAITING:
        facts.insert(0, Fact(found.queued_at, facts[0].told_by, MessageStatus.WAITING))
    return Opened(found, facts)
