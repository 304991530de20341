"""Fill an empty journal with demonstration data: messages and documents, reproducible by a seed."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from random import Random
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import Session

from models import MessageKind, MessageStatus
from services import days as calendar
from services import texts
from services.database.engine import Database
from services.database.tables import DOCUMENT_TABLE, MESSAGE_TABLE, ORGANIZATION_TABLE, STATE_TABLE
from services.demo import demo_documents
from services.demo.demo_messages import MessageGenerator, patient_count_for
from services.demo.demo_timestamps import spread_over_days
from services.dictionaries.entry_resolution import get_or_create_ids
from services.errors import JournalError
from services.ingest import bulk_insert, message_ingest
from services.ingest.bulk_insert import BulkRow
from services.ingest.message_parsing import IncomingMessage
from services.program_folders import DATA_FOLDER

SEED = 20211010
USUAL_WAIT = timedelta(minutes=15)
"""The longest time that a message waits on a normal day."""
FEW_ORGANIZATIONS, MANY_ORGANIZATIONS = 40, 400
MANY_ORGANIZATIONS_FROM = 200_000
"""The number of messages from which there are as many organizations as in a region."""
FEW_DAYS, MANY_DAYS = 92, 3 * 365
RECENT_DAYS_DIVISOR = 10
"""Messages of the last 1/n of the days may still wait to be sent, unless `longest_wait` says otherwise."""

MANUAL_EXAMPLE = IncomingMessage(
    id=UUID('c51fca97-3846-45c5-9bc4-090c53980867'),
    recipient_name=texts.DEMO_NAME,
    phone='+79165550122',
    appointment_at=datetime(2021, 10, 14, 15, 48, tzinfo=UTC),
    organization=texts.DEMO_ORGANIZATION,
    kind=texts.KINDS[MessageKind.VACCINATION],
    status=MessageStatus.SENT,
    queued_at=datetime(2021, 10, 11, 10, 50, tzinfo=UTC),
    attempted_at=None,
    sent_at=datetime(2021, 10, 11, 10, 56, tzinfo=UTC),
    cost=Decimal('0.00'),
    text=texts.DEMO_TEXT,
    error_code=None,
    error_name=None,
)
"""The message in the manual's screenshot; the screenshot has Moscow time."""


class JournalNotEmptyError(JournalError):
    """The journal contains data already, which must not be mixed with demonstration data."""


def is_empty(database: Database) -> bool:
    """Return whether the journals contain neither messages nor documents; blocks."""
    columns = (MESSAGE_TABLE.c.place, DOCUMENT_TABLE.c.number)

    def check(session: Session) -> bool:
        return all(session.execute(select(column).limit(1)).first() is None for column in columns)

    return database.read_sync(check)


def fill_journal(
    database: Database,
    zone: tzinfo,
    *,
    today: date,
    count: int = 20_000,
    seed: int = SEED,
    days: int | None = None,
    now: datetime | None = None,
    longest_wait: timedelta | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Fill empty journals with `count` messages, including the manual's example, and documents; blocks.

    The memory is constant. There are fewer documents than messages: see services.demo.demo_documents.

    Args:
        database: a migrated database.
        zone: the time zone of the journal's days.
        today: the last day that has messages.
        count: the number of messages.
        seed: the seed of the random numbers; equal arguments produce equal messages.
        days: the number of days, including today, over which the messages spread; by default three months, or three
            years from MANY_ORGANIZATIONS_FROM messages on.
        now: the latest time of any event (timezone-aware); by default the current time, or the end of `today` if that
            is over.
        longest_wait: how long a message has been waiting at most; by default a tenth of the days.
        progress: called with the number of steps done and the total; there are more steps than messages.

    Raises:
        JournalNotEmptyError: the journals contain data.
        DatabaseUnavailableError: see services.errors.
    """
    if not is_empty(database):
        raise JournalNotEmptyError
    if count < 1:
        return
    now = now or _latest_moment(today, zone)
    database.write_sync(
        lambda session: message_ingest.ingest_imported_messages(session, [MANUAL_EXAMPLE], zone=zone, now=now)
    )
    length = days or _default_length(count)
    dates = spread_over_days(
        Random(seed), demo_documents.count_for(count), last=today, length=length, now=now, zone=zone
    )
    database.write_sync(
        lambda session: demo_documents.fill_documents(
            session,
            dates,
            list(_add_organizations(session, count).values()),
            patient_count_for(count),
            seed=seed,
            now=now,
        )
    )
    generated = generate_messages(
        database, zone, today=today, count=count - 1, seed=seed, days=days, now=now, longest_wait=longest_wait
    )
    bulk_insert.load_messages(database, generated, count - 1, progress or (lambda done, steps: None))


def generate_messages(
    database: Database,
    zone: tzinfo,
    *,
    today: date,
    count: int,
    seed: int,
    days: int | None = None,
    now: datetime | None = None,
    longest_wait: timedelta | None = None,
) -> Iterator[BulkRow]:
    """Insert the organizations, and return a generator of `count` messages in order of time; see `fill_journal`."""
    now = now or _latest_moment(today, zone)
    organizations, arrival = database.write_sync(lambda session: _reserve_arrivals(session, count))
    random = Random(seed)
    days = days or _default_length(count)
    busy_days = spread_over_days(random, count, last=today, length=days, now=now, zone=zone)
    recent = today - timedelta(days=max(1, days // RECENT_DAYS_DIVISOR))
    waiting_from = None if longest_wait is None else int((now - longest_wait).timestamp())
    return MessageGenerator(random, count + 1, organizations, zone).rows(
        busy_days, arrival, recent=recent, waiting_from=waiting_from
    )


def organization_names() -> list[str]:
    """Return the names of all organizations that a demonstration may have."""
    return (DATA_FOLDER / 'organizations.txt').read_text('utf-8').splitlines()


def _latest_moment(today: date, zone: tzinfo) -> datetime:
    present = datetime.now(UTC)
    return present if present.astimezone(zone).date() == today else calendar.day_end(today, zone)


def _default_length(count: int) -> int:
    """Return the number of days over which `count` messages spread."""
    return MANY_DAYS if count >= MANY_ORGANIZATIONS_FROM else FEW_DAYS


def _add_organizations(session: Session, count: int) -> dict[str, int]:
    """Insert the organizations and return their ids by name."""
    names = organization_names()[: MANY_ORGANIZATIONS if count >= MANY_ORGANIZATIONS_FROM else FEW_ORGANIZATIONS]
    ids = get_or_create_ids(session, ORGANIZATION_TABLE, names)
    return {name: ids[name] for name in names}


def _reserve_arrivals(session: Session, count: int) -> tuple[list[tuple[int, str]], int]:
    """Insert the organizations and reserve `count` arrival numbers; return the organizations and the first number."""
    ids = _add_organizations(session, count)
    reserved = (
        update(STATE_TABLE)
        .values(next_arrival=STATE_TABLE.c.next_arrival + count)
        .returning(STATE_TABLE.c.next_arrival)
    )
    return [(id, name) for name, id in ids.items()], session.execute(reserved).scalar_one() - count
