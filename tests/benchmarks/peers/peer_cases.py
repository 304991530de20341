"""What is asked of the journal and of every peer: the same searches over the same messages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session

from models import MessageStatus
from models.message import ARRIVAL_BITS, first_place
from services import days
from services.database.engine import Database
from services.demo import demo_data
from services.lists.organizations import Organizations
from services.lists.query_protocol import Order, Period
from services.messages.message_query import MessageQuery
from services.messages.message_service import Messages
from services.messages.message_tables import message
from tests.helpers.reference_messages import MOSCOW

SIZE = 20
"""Rows of a page, everywhere."""
FAILED = frozenset({MessageStatus.FAILED})
COMMON, TWO_WORDS, NOBODY = 'иванов', 'петр иванов', 'щщщщ'
RARE = 50
"""A surname that fewer messages than this have is rare."""
LOOKED_AT = 5_000
"""Messages of the month among which a rare surname is looked for."""
LEAST, LEAST_FOR_NAMES = 3, 50
"""How many times sooner than the best peer set up as documented the journal must answer."""


@dataclass(frozen=True)
class Case:
    """A search, of whose result the first or the last page is wanted."""

    name: str
    query: MessageQuery
    last: bool = False

    @property
    def least(self) -> float:
        """How many times sooner than the best peer set up as documented the journal must answer."""
        return LEAST_FOR_NAMES if self.query.name else LEAST

    def page(self, found: int) -> int:
        """Give the number of the page wanted of `found` messages."""
        return max(-(-found // SIZE), 1) if self.last else 1


async def choose(database: Database) -> Sequence[Case]:
    """Choose what to ask of a journal: its last whole calendar month, its last three years, people it has."""
    newest = await database.read(_newest)
    month = _month_before(newest)
    years = Period(newest - timedelta(days=demo_data.MANY_DAYS), newest)
    names, phone = await database.read(lambda session: _people(session, month))
    rare = await _rare(Messages(database, MOSCOW), names, years)
    organization = (await Organizations(database).all())[0]
    return list(_cases(month, years, MessageQuery(organization=organization, statuses=FAILED), rare, phone))


def _cases(month: Period, years: Period, here: MessageQuery, rare: str, phone: str) -> Iterator[Case]:
    in_month, in_years = MessageQuery(period=month), MessageQuery(period=years)
    yield Case('month: first page', in_month)
    yield Case('3 years: first page', in_years)
    yield Case('3 years: last page', in_years, last=True)
    yield Case('month: failed', replace(in_month, statuses=FAILED))
    yield Case('3 years: one organisation, failed', replace(here, period=years))
    yield Case('month: sorted by name', replace(in_month, order=Order('recipient_name')))
    for text, name in (
        (f'«{COMMON}»', COMMON),
        ('a rare surname', rare),
        (f'«{TWO_WORDS}»', TWO_WORDS),
        (f'nobody, «{NOBODY}»', NOBODY),
    ):
        yield Case(f'month: {text}', replace(in_month, name=name))
        yield Case(f'3 years: {text}', replace(in_years, name=name))
    for text, digits in (('four digits of a phone', phone[-4:]), ('a whole phone', phone)):
        yield Case(f'month: {text}', replace(in_month, phone=digits))
        yield Case(f'3 years: {text}', replace(in_years, phone=digits))


def _newest(session: Session) -> date:
    place: int = session.execute(select(func.max(message.c.place))).scalar_one()
    return datetime.fromtimestamp(place >> ARRIVAL_BITS, UTC).astimezone(MOSCOW).date()


def _month_before(day: date) -> Period:
    last = day.replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last)


def _people(session: Session, month: Period) -> tuple[Sequence[str], str]:
    """Give folded surnames of the month, the longest first, and somebody's phone."""
    assert month.until is not None
    before = message.c.place < first_place(days.end(month.until, MOSCOW))
    wanted = select(message.c.name_key, message.c.phone).where(before).order_by(message.c.place.desc()).limit(LOOKED_AT)
    rows = session.execute(wanted).tuples().all()
    surnames = {name.partition(' ')[0] for name, _ in rows}
    return sorted(surnames, key=lambda surname: (-len(surname), surname)), rows[0][1]


async def _rare(messages: Messages, names: Sequence[str], period: Period) -> str:
    """Choose a rare one of surnames, the longest being the likeliest.

    Raises:
        ValueError: none is rare.
    """
    for name in names:
        if 0 < (await messages.totals(MessageQuery(name=name, period=period))).count < RARE:
            return name
    raise ValueError('no surname is rare')
