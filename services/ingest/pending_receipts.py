"""Receipts that come before their message: kept aside, and told of it when it comes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, tuple_
from sqlmodel import Session, SQLModel

from services.ingest.ingest_batch import Batch
from services.ingest.message_parsing import UUID_TEXT
from services.ingest.status_history import Fact

EARLY = SQLModel.metadata.tables['early_receipt']
CALLED = SQLModel.metadata.tables['provider_message']
FACT_COLUMNS = ('at', 'status', 'final', 'code', 'error_code', 'error_name')


@dataclass(frozen=True)
class Receipt:
    """What a provider reports of a message that it calls by its own name."""

    provider: str
    provider_id: str
    """The message's own id where the sender gave that to the provider."""
    fact: Fact


def call(session: Session, names: Collection[tuple[str, str, UUID]]) -> None:
    """Keep what providers call some messages; what is known already stays as it is."""
    wanted = {(provider, provider_id): id for provider, provider_id, id in names}
    new = wanted.keys() - _called(session, wanted.keys()).keys()
    if new:
        rows = [{'provider': one[0], 'provider_id': one[1], 'message_id': wanted[one]} for one in sorted(new)]
        session.execute(insert(CALLED), rows)


def called(session: Session, receipts: Sequence[Receipt]) -> dict[tuple[str, str], UUID]:
    """Give the ids of messages by what receipts call them; one that looks like an id is one."""
    names = {(receipt.provider, receipt.provider_id) for receipt in receipts}
    own = {name: UUID(name[1]) for name in names if UUID_TEXT.fullmatch(name[1])}
    return own | _called(session, names - own.keys())


def keep(session: Session, receipts: Sequence[Receipt]) -> None:
    """Keep receipts until their messages come; one that is kept already is not kept twice."""
    if not receipts:
        return
    ids = {receipt.provider_id for receipt in receipts}
    there = {_values(row._asdict()) for row in session.execute(select(EARLY).where(EARLY.c.provider_id.in_(ids)))}
    rows = [
        {'provider': one.provider, 'provider_id': one.provider_id, **_of(vars(one.fact))}
        for one in dict.fromkeys(receipts)
    ]
    if new := [row for row in rows if _values(row) not in there]:
        session.execute(insert(EARLY), new)


def tell(session: Session, batch: Batch, ids: Collection[UUID]) -> None:
    """Tell a batch what was kept for some of its messages: the new ones, and those whose other name is new."""
    if not ids or session.execute(select(EARLY.c.number).limit(1)).first() is None:
        return
    created = {str(id): id for id in ids}
    names = select(CALLED).where(CALLED.c.message_id.in_(created.values()))
    by_name = {(row.provider, row.provider_id): row.message_id for row in session.execute(names)}
    wanted = [*created, *(provider_id for _, provider_id in by_name)]
    told = []
    for row in session.execute(select(EARLY).where(EARLY.c.provider_id.in_(wanted)).order_by(EARLY.c.number)):
        id = created.get(row.provider_id) or by_name.get((row.provider, row.provider_id))
        if id:
            batch.tell(id, Fact(told_by=row.provider, provider=row.provider, **_of(row._asdict())))
            told.append(row.number)
    if told:
        session.execute(delete(EARLY).where(EARLY.c.number.in_(told)))


def _called(session: Session, names: Collection[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    if not names:
        return {}
    found = select(CALLED).where(tuple_(CALLED.c.provider, CALLED.c.provider_id).in_(sorted(names)))
    return {(row.provider, row.provider_id): row.message_id for row in session.execute(found)}


def _of(values: Mapping[str, Any]) -> dict[str, Any]:
    return {column: values[column] for column in FACT_COLUMNS}


def _values(values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(values[column] for column in ('provider', 'provider_id', *FACT_COLUMNS))
