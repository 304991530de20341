"""Check that the status of each message follows from its status history."""

from collections.abc import Iterator
from dataclasses import fields
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session

from models.message import effective_time
from services import texts
from services.database.tables import MESSAGE_FACT_TABLE, MESSAGE_TABLE, ORGANIZATION_TABLE
from services.ingest.message_parsing import IncomingMessage
from services.ingest.row_mapping import message_from_row
from services.ingest.status_history import StatusEvent
from services.ingest.status_rules import with_status_of_events
from services.ingest.validation import InvalidValueError
from services.verification.check_result import CheckOutput

FETCH_SIZE = 5_000
EVENT_COLUMNS = [MESSAGE_FACT_TABLE.c[attribute.name] for attribute in fields(StatusEvent)]
EVENTS_WITH_MESSAGES = (
    select(
        MESSAGE_FACT_TABLE.c.message_id,
        *(column.label(f'fact_{column.name}') for column in EVENT_COLUMNS),
        MESSAGE_TABLE,
    )
    .add_columns(ORGANIZATION_TABLE.c.name.label('organization'))
    .select_from(
        MESSAGE_FACT_TABLE.outerjoin(MESSAGE_TABLE, MESSAGE_TABLE.c.id == MESSAGE_FACT_TABLE.c.message_id).outerjoin(
            ORGANIZATION_TABLE
        )
    )
    .order_by(MESSAGE_FACT_TABLE.c.message_id, MESSAGE_FACT_TABLE.c.number)
)


def status_differences(session: Session, _: ZoneInfo) -> Iterator[CheckOutput]:
    """Yield each message whose status does not follow from its events, and each id that has events but no message."""
    rows = session.execute(EVENTS_WITH_MESSAGES, execution_options={'yield_per': FETCH_SIZE})
    for id, group in groupby(rows, key=lambda row: row.message_id):
        event_rows = list(group)
        if event_rows[0].place is None:
            yield texts.VERIFY_NO_MESSAGE.format(id=id)
            continue
        try:
            message = message_from_row(event_rows[0])
        except InvalidValueError:
            continue  # the message contradicts itself, which another check reports
        events = [
            StatusEvent(**{column.name: getattr(row, f'fact_{column.name}') for column in EVENT_COLUMNS})
            for row in event_rows
        ]
        derived = with_status_of_events(message, events)
        # The delivery of messages that an older version stored is unknown until their next event.
        is_delivery_wrong = message.delivery is not None and message.delivery != derived.delivery
        if _derived_fields(message) != _derived_fields(derived) or is_delivery_wrong:
            yield texts.VERIFY_STATUS_DIFFERS.format(id=id)


def _derived_fields(message: IncomingMessage) -> tuple[object, ...]:
    """Return the fields that follow from the events. Without the time of an attempt, the time of queuing counts."""
    assert message.queued_at is not None
    at = effective_time(sent_at=message.sent_at, attempted_at=message.attempted_at, queued_at=message.queued_at)
    return message.status, at, message.error_code, message.cost
