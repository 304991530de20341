"""What was told of each message against the message: its status must follow from the facts."""

from collections.abc import Iterator
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session

from models.message import moment
from services import texts
from services.ingest.ingest_batch import MESSAGE, ORGANIZATION
from services.ingest.message_parsing import Incoming
from services.ingest.row_mapping import as_told
from services.ingest.status_history import FACT, Fact, settled
from services.ingest.validation import Refused
from services.verification.check_result import Found

AT_ONCE = 5_000
OF_FACT = [
    FACT.c[name] for name in ('at', 'told_by', 'status', 'final', 'provider', 'code', 'error_code', 'error_name')
]
TOLD = (
    select(FACT.c.message_id, *(column.label(f'fact_{column.name}') for column in OF_FACT), MESSAGE)
    .add_columns(ORGANIZATION.c.name.label('organization'))
    .select_from(FACT.outerjoin(MESSAGE, MESSAGE.c.id == FACT.c.message_id).outerjoin(ORGANIZATION))
    .order_by(FACT.c.message_id, FACT.c.number)
)


def differences(session: Session, _: ZoneInfo) -> Iterator[Found]:
    """Say each message whose status is not what was told of it last, and each fact of no message."""
    rows = session.execute(TOLD, execution_options={'yield_per': AT_ONCE})
    for id, group in groupby(rows, key=lambda row: row.message_id):
        told = list(group)
        if told[0].place is None:
            yield texts.VERIFY_NO_MESSAGE.format(id=id)
            continue
        try:
            message = as_told(told[0])
        except Refused:
            continue  # it contradicts itself: another check says so
        facts = [Fact(**{column.name: getattr(row, f'fact_{column.name}') for column in OF_FACT}) for row in told]
        if _decided(message) != _decided(settled(message, facts)):
            yield texts.VERIFY_FACT.format(id=id)


def _decided(message: Incoming) -> tuple[object, ...]:
    """Give what facts decide of a message. A failure's time may be unsaid: it failed when it was queued then."""
    assert message.queued_at is not None
    when = moment(sent_at=message.sent_at, attempted_at=message.attempted_at, queued_at=message.queued_at)
    return message.status, when, message.error_code
