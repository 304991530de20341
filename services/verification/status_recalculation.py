"""Recalculation of the statuses of stored messages, after the rules by which they follow from the events have changed.

Without it, `python main.py verify` would report these messages, and each would have its old status until its next
event.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, case, func, or_, select
from sqlmodel import Session

from models import MessageStatus
from services.database.tables import MESSAGE_FACT_TABLE, STATE_TABLE
from services.ingest.ingest_batch import IngestBatch
from services.ingest.validation import InvalidValueError

log = logging.getLogger(__name__)

RULES_REVISION = '0017'
"""The migration with which the present rules came; docs/statuses.md describes them."""
BATCH_SIZE = 1_000

_fact = MESSAGE_FACT_TABLE.c
_is_outcome = _fact.status.in_((MessageStatus.SENT, MessageStatus.FAILED))
_final_at = case((and_(_is_outcome, _fact.final), _fact.at))
_interim_at = case((and_(_is_outcome, ~_fact.final), _fact.at))
_waiting_at = case((_fact.status == MessageStatus.WAITING, _fact.at))
_outcome_at = case((_is_outcome, _fact.at))
_failed_at = case((_fact.status == MessageStatus.FAILED, _fact.at))
_sent_at = case((_fact.status == MessageStatus.SENT, _fact.at))
_final_sent_at = case((and_(_fact.status == MessageStatus.SENT, _fact.final), _fact.at))
_final_failed_at = case((and_(_fact.status == MessageStatus.FAILED, _fact.final), _fact.at))
AFFECTED_MESSAGES = (
    select(_fact.message_id)
    .group_by(_fact.message_id)
    .having(
        or_(
            func.min(_final_at) <= func.max(_interim_at),
            func.min(_outcome_at) <= func.max(_waiting_at),
            func.min(_failed_at) <= func.max(_sent_at),
            and_(func.min(_final_sent_at).is_not(None), func.min(_final_failed_at).is_not(None)),
        )
    )
)
"""Messages for which «the most recent event wins», the rule before, may have another result."""


def recalculate_statuses(connection: Connection) -> None:
    """Recalculate the statuses that the former rules may have got wrong, in the transaction of the connection."""
    timezone = connection.execute(select(STATE_TABLE.c.timezone)).scalar_one()
    ids = connection.execute(AFFECTED_MESSAGES).scalars().all()
    if not timezone or not ids:
        return
    session = Session(connection)
    for start in range(0, len(ids), BATCH_SIZE):
        _recalculate_batch(session, ids[start : start + BATCH_SIZE], ZoneInfo(timezone))
    session.flush()


def _recalculate_batch(session: Session, ids: Sequence[UUID], zone: ZoneInfo) -> None:
    try:
        batch = IngestBatch(session, ids, zone=zone, now=datetime.now(UTC))
    except InvalidValueError:
        log.warning('the statuses of %s messages were not recalculated: one of them contradicts itself', len(ids))
        return
    for id in ids:
        batch.recalculate_status(id)
    batch.write()
