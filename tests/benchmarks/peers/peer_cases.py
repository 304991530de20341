"""The searches in which the journal and its peers are compared, over the same messages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session

from models import MessageStatus
from models.message import ARRIVAL_BITS, first_sort_key
from services import days
from services.database.engine import Database
from services.demo import demo_data
from services.lists.organizations import Organizations
from services.lists.query_protocol import Order, Period
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.messages.message_tables import message
from tests.helpers.reference_messages import MOSCOW

PAGE_SIZE = 20
"""Rows of a page, in the journal and in every peer."""
FAILED = frozenset({MessageStatus.FAILED})
COMMON_NAME, TWO_WORDS, UNKNOWN_NAME = 'иванов', 'петр иванов', 'щщщщ'
RARE_LIMIT = 50
"""A surname is rare if fewer messages than this have it."""
SURNAME_SAMPLE = 5_000
"""Messages of the month from which a rare surname is chosen."""
MINIMUM_LEAD, MINIMUM_LEAD_FOR_NAMES = 3, 50
"""The minimum ratio of the time of the fastest documented peer to that of the journal."""


@dataclass(frozen=True)
class PeerCase:
    """A search, and whether its first or its last page is measured."""

    name: str
    query: MessageQuery
    last: bool = False

    @property
    def minimum_lead(self) -> float:
        """The minimum ratio of the time of the fastest documented peer to that of the journal."""
        return MINIMUM_LEAD_FOR_NAMES if self.query.name else MINIMUM_LEAD

    def page(self, message_count: int) -> int:
        """Return the number of the measured page of `message_count` messages."""
        return max(-(-message_count // PAGE_SIZE), 1) if self.last else 1


async def choose_cases(database: Database) -> Sequence[PeerCase]:
    """Build the cases of a journal: over its last full calendar month and last three years, with names that it has."""
    newest = await database.read(_newest_day)
    month = _month_before(newest)
    years = Period(newest - timedelta(days=demo_data.MANY_DAYS), newest)
    names, phone = await database.read(lambda session: _surnames_and_phone(session, month))
    rare = await _rare_surname(MessageService(database, MOSCOW), names, years)
    organization = (await Organizations(database).all())[0]
    return list(
        _cases(month, years, MessageQuery(organizations=frozenset({organization}), statuses=FAILED), rare, phone)
    )


def _cases(month: Period, years: Period, failed: MessageQuery, rare: str, phone: str) -> Iterator[PeerCase]:
    in_month, in_years = MessageQuery(period=month), MessageQuery(period=years)
    yield PeerCase('month: first page', in_month)
    yield PeerCase('3 years: first page', in_years)
    yield PeerCase('3 years: last page', in_years, last=True)
    yield PeerCase('month: failed', replace(in_month, statuses=FAILED))
    yield PeerCase('3 years: one organisation, failed', replace(failed, period=years))
    yield PeerCase('month: sorted by name', replace(in_month, order=Order('recipient_name')))
    for text, name in (
        (f'«{COMMON_NAME}»', COMMON_NAME),
        ('a rare surname', rare),
        (f'«{TWO_WORDS}»', TWO_WORDS),
        (f'nobody, «{UNKNOWN_NAME}»', UNKNOWN_NAME),
    ):
        yield PeerCase(f'month: {text}', replace(in_month, name=name))
        yield PeerCase(f'3 years: {text}', replace(in_years, name=name))
    for text, digits in (('four digits of a phone', phone[-4:]), ('a whole phone', phone)):
        yield PeerCase(f'month: {text}', replace(in_month, phone=digits))
        yield PeerCase(f'3 years: {text}', replace(in_years, phone=digits))


def _newest_day(session: Session) -> date:
    sort_key: int = session.execute(select(func.max(message.c.place))).scalar_one()
    return datetime.fromtimestamp(sort_key >> ARRIVAL_BITS, UTC).astimezone(MOSCOW).date()


def _month_before(day: date) -> Period:
    last = day.replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last)


def _surnames_and_phone(session: Session, month: Period) -> tuple[Sequence[str], str]:
    """Return folded surnames of the month, the longest first, and one phone."""
    assert month.until is not None
    before = message.c.place < first_sort_key(days.day_end(month.until, MOSCOW))
    recipients = (
        select(message.c.name_key, message.c.phone).where(before).order_by(message.c.place.desc()).limit(SURNAME_SAMPLE)
    )
    rows = session.execute(recipients).tuples().all()
    surnames = {name.partition(' ')[0] for name, _ in rows}
    return sorted(surnames, key=lambda surname: (-len(surname), surname)), rows[0][1]


async def _rare_surname(messages: MessageService, names: Sequence[str], period: Period) -> str:
    """Return the first rare surname; long surnames come first, because they are rare most often.

    Raises:
        ValueError: no surname is rare.
    """
    for name in names:
        if 0 < (await messages.totals(MessageQuery(name=name, period=period))).count < RARE_LIMIT:
            return name
    raise ValueError('no surname is rare')
