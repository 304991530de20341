"""Messages coming in, whatever the way: each is recorded once, and moves on when somebody says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from sqlmodel import Session

from services.ingest import pending_receipts
from services.ingest.ingest_batch import Batch, Outcome, Teller, take_turn
from services.ingest.message_parsing import Incoming
from services.ingest.pending_receipts import Receipt
from services.ingest.status_history import Fact

__all__ = ['Outcome', 'Receipt', 'Teller', 'Told', 'deliver', 'hand_over', 'record', 'tell']


NOT_TAKEN = frozenset({Outcome.UNKNOWN, Outcome.FOREIGN})


@dataclass(frozen=True)
class Told:
    """What a sender tells of a message that he has handed over."""

    id: UUID
    fact: Fact
    teller: Teller
    called: tuple[str, str] | None = None
    """A provider, and what it calls the message."""


def record(session: Session, messages: Sequence[Incoming], *, zone: tzinfo, now: datetime) -> list[Outcome]:
    """Record the messages of a file, which get no history of their own; see `hand_over`."""
    return hand_over(session, [(message, None) for message in messages], zone=zone, now=now)


def hand_over(
    session: Session, messages: Sequence[tuple[Incoming, Teller | None]], *, zone: tzinfo, now: datetime
) -> list[Outcome]:
    """Record messages in the session's transaction; say of each, in their order, what became of it.

    The same message again changes nothing, so a batch may be repeated after a lost answer. Where an id comes twice in
    a batch, the second counts as coming after the first. What was told of a message before it came is told of it now.

    Args:
        session: a writing session; see services.database.engine.
        messages: at most some thousands, each with whoever hands it over.
        zone: whose days the totals count.
        now: the moment (aware) at which a message was queued when nobody knows better.
    """
    if not messages:
        return []
    batch = Batch(session, {message.id for message, _ in messages}, zone=zone, now=now)
    outcomes = [batch.take(message, teller) for message, teller in messages]
    pending_receipts.tell(session, batch, set(batch.created()))
    batch.write()
    return outcomes


def tell(session: Session, told: Sequence[Told], *, zone: tzinfo, now: datetime) -> list[Outcome]:
    """Tell what happened to messages; say of each fact, in their order, what became of it. Otherwise as `hand_over`."""
    if not told:
        return []
    batch = Batch(session, {one.id for one in told}, zone=zone, now=now)
    outcomes = [batch.tell(one.id, one.fact, one.teller) for one in told]
    taken = [one for one, outcome in zip(told, outcomes, strict=True) if outcome not in NOT_TAKEN]
    if names := [(*one.called, one.id) for one in taken if one.called]:
        pending_receipts.call(session, names)
        pending_receipts.tell(session, batch, {id for *_, id in names})
    batch.write()
    return outcomes


def deliver(session: Session, receipts: Sequence[Receipt], *, zone: tzinfo, now: datetime) -> list[Outcome]:
    """Tell what providers report; what is for a message that has not come in yet is kept until it does."""
    if not receipts:
        return []
    # Before names are looked up: one that another writer gives just now would be missed for ever.
    take_turn(session)
    called = pending_receipts.called(session, receipts)
    ids = [called.get((receipt.provider, receipt.provider_id)) for receipt in receipts]
    batch = Batch(session, {id for id in ids if id}, zone=zone, now=now)
    outcomes = [
        batch.tell(id, receipt.fact) if id else Outcome.UNKNOWN for id, receipt in zip(ids, receipts, strict=True)
    ]
    unknown = [one for one, outcome in zip(receipts, outcomes, strict=True) if outcome == Outcome.UNKNOWN]
    pending_receipts.keep(session, unknown)
    batch.write()
    return outcomes
