"""The failed messages of the last hour, compared with the same hour of the weeks before, and the last receipt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Session

from services.database.tables import EARLY_RECEIPT_TABLE
from services.messages.message_tables import message
from services.overview.daily_errors import COMPARED_WEEKS
from services.overview.error_jumps import IS_FAILED, ErrorJump, JumpThresholds, find_error_jumps
from services.overview.queue_health import IN_RANGE, MAX_COUNTED, SCANNED_MESSAGES, newest_sent_statement, range_params
from services.receipts.receipt_feeds import IS_RECEIPT, NEWEST_EVENTS

HOUR: Final = timedelta(hours=1)
RECEIPTS_EXPECTED: Final = timedelta(days=7)
"""If the last receipt is older, the installation gets none, and does not lack them."""

FAILED_COUNT: Final = select(func.count()).select_from(
    select(message.c.place).where(*IS_FAILED).limit(MAX_COUNTED).subquery()
)
ANY_MESSAGE: Final = select(message.c.place).where(*IN_RANGE).limit(1)
LAST_RECEIPT: Final = select(func.max(NEWEST_EVENTS.c.told_at)).where(IS_RECEIPT)
LAST_EARLY_RECEIPT: Final = select(EARLY_RECEIPT_TABLE.c.at).order_by(EARLY_RECEIPT_TABLE.c.number.desc()).limit(1)


@dataclass(frozen=True)
class LastHour:
    """What happened in the last hour."""

    failed: int
    usual_failed: Decimal | None
    """The mean of the same hour of the same weekday in the weeks before, as far as there are messages; else None."""
    last_receipt: datetime | None
    """When the last receipt of a provider came; None if none of the newest events is one, or it was long ago."""
    lacks_receipts: bool
    """Whether none has come for so long, although messages were sent since."""
    error_jumps: Sequence[ErrorJump] = ()
    """The kinds of messages and the organisations whose errors have jumped, the largest first."""


def read_last_hour(
    session: Session, now: datetime, receipt_timeout: timedelta, jump_thresholds: JumpThresholds
) -> LastHour:
    """Read what happened in the hour before `now` (aware)."""
    hour = range_params(now - HOUR, now)
    failed = session.execute(FAILED_COUNT, hour).scalar_one()
    weeks_before = (now - timedelta(weeks=weeks) for weeks in range(1, COMPARED_WEEKS + 1))
    compared_hours = [
        keys
        for keys in (range_params(moment - HOUR, moment) for moment in weeks_before)
        if session.execute(ANY_MESSAGE, keys).scalar() is not None
    ]
    compared = [session.execute(FAILED_COUNT, keys).scalar_one() for keys in compared_hours]
    receipts = (session.execute(LAST_RECEIPT).scalar(), session.execute(LAST_EARLY_RECEIPT).scalar())
    last_receipt = max((min(each, now) for each in receipts if each and now - each <= RECEIPTS_EXPECTED), default=None)
    return LastHour(
        failed=failed,
        usual_failed=Decimal(sum(compared)) / len(compared) if compared else None,
        last_receipt=last_receipt,
        lacks_receipts=last_receipt is not None
        and now - last_receipt >= receipt_timeout
        and _was_sent(session, last_receipt, now - receipt_timeout / 2),
        # The errors of a part are at most all of them, so the messages are hardly ever read for this.
        error_jumps=find_error_jumps(session, hour, compared_hours, jump_thresholds)
        if compared_hours and failed >= jump_thresholds.errors
        else (),
    )


def _was_sent(session: Session, since: datetime, until: datetime) -> bool:
    """Return whether a message was sent in a period, as far as few messages have to be scanned for it."""
    keys = range_params(since + timedelta(seconds=1), until)
    return session.execute(newest_sent_statement(SCANNED_MESSAGES[-1]), keys).scalar() is not None
