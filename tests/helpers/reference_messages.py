"""The journal in plain Python: what every index of every engine must agree with."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from models import Message, MessageKind, MessageStatus, Organization
from models.message import arrival, moment
from services import names, phones
from services.ingest.message_parsing import Incoming
from services.lists.query_protocol import Totals
from services.messages.message_query import MessageQuery

MOSCOW = ZoneInfo('Europe/Moscow')
NOON = datetime(2026, 11, 22, 9, tzinfo=UTC)

SURNAMES = ('Иванов', 'Иванова', 'Ивановский', 'Королёв', 'О’Нил', 'Салтыков-Щедрин', 'Smith', 'Ив', '100%', 'А_Б "В"')
GIVEN = ('Иван', 'Пётр', 'Алёна', 'И.', 'Михаил*', 'Анна-Мария')
PATRONYMICS = ('Петрович', 'Ивановна', 'П.', 'оглы', '')
ORGANIZATIONS = ('Химкинская больница', 'Ёлкинская больница', 'еловая больница', 'Больница № 3')


@dataclass(frozen=True)
class Arrived:
    """A message, and after how many others it first came."""

    message: Incoming
    arrival: int

    @property
    def moment(self) -> datetime:
        """By which the journal files it."""
        message = self.message
        assert message.queued_at is not None
        return moment(sent_at=message.sent_at, attempted_at=message.attempted_at, queued_at=message.queued_at)


def some_messages(count: int, seed: int) -> list[Incoming]:
    """Invent messages with many ties and hostile names; the same for the same seed."""
    dice = random.Random(seed)
    return [_message(dice) for _ in range(count)]


def moved(message: Incoming, dice: random.Random) -> Incoming:
    """Invent what a later file could say of a message."""
    other = _message(dice)
    return Incoming(**{**vars(other), 'id': message.id, 'queued_at': message.queued_at})


def _message(dice: random.Random) -> Incoming:
    queued_at = NOON - timedelta(hours=dice.randrange(24 * 70), seconds=dice.choice((0, 0, 1)))
    status = dice.choice(tuple(MessageStatus))
    code = str(dice.randrange(300)) if status == MessageStatus.FAILED else None
    return Incoming(
        id=UUID(int=dice.getrandbits(128)),
        recipient_name=' '.join((dice.choice(SURNAMES), dice.choice(GIVEN), dice.choice(PATRONYMICS))).strip(),
        phone=dice.choice(('+7916', '+7903', '+3752')) + f'{dice.randrange(30) * 11111:07}',
        appointment_at=dice.choice((None, queued_at + timedelta(days=dice.randrange(9)))),
        organization=dice.choice(ORGANIZATIONS),
        kind=dice.choice(tuple(MessageKind)),
        status=status,
        queued_at=queued_at,
        attempted_at=dice.choice((None, queued_at + timedelta(hours=1))) if status == MessageStatus.FAILED else None,
        sent_at=queued_at + timedelta(minutes=dice.randrange(5)) if status == MessageStatus.SENT else None,
        cost=Decimal(dice.randrange(0, 1100, 5)) / 100,
        text='Ждём Вас',
        error_code=code,
        error_name='Ошибка' if code else None,
    )


def expected(arrived: Sequence[Arrived], query: MessageQuery) -> list[Arrived]:
    """Give what a query finds, in its order, by reading every message."""
    found = sorted(
        (one for one in arrived if _fits(one, query)), key=lambda one: (one.moment, one.arrival), reverse=True
    )
    if query.order is None:
        return found
    value = _sort_value(query.order.column)
    known = [one for one in found if value(one) is not None]
    # Ties keep their place, newest first, in a reversed sort too.
    known.sort(key=value, reverse=query.order.descending)
    return known + [one for one in found if value(one) is None]


def expected_totals(found: Sequence[Arrived]) -> Totals:
    """Count and add up."""
    return Totals(len(found), sum((one.message.cost for one in found), Decimal('0.00')))


def _fits(one: Arrived, query: MessageQuery) -> bool:
    message = one.message
    day = one.moment.astimezone(MOSCOW).date()
    read = names.readings(query.name)
    folded = names.fold(message.recipient_name)
    known = phones.known_digits(query.phone)
    return (
        (not read or any(names.matches(reading, folded) for reading in read))
        and (known is None or (message.phone == f'+{known.digits}' if known.whole else known.digits in message.phone))
        and (query.kind is None or message.kind == query.kind)
        and (query.organization is None or message.organization == query.organization.name)
        and (not query.statuses or message.status in query.statuses)
        and (query.older_than is None or _waits(message, query.older_than))
        and (query.period.since is None or day >= query.period.since)
        and (query.period.until is None or day <= query.period.until)
    )


def _waits(message: Incoming, minutes: int) -> bool:
    """Say whether a message has been waiting for so long at noon."""
    assert message.queued_at is not None
    return message.status == MessageStatus.WAITING and message.queued_at <= NOON - timedelta(minutes=minutes)


def _sort_value(column: str) -> Any:
    if column == 'code':
        return lambda one: one.message.id.bytes
    if column == 'recipient_name':
        return lambda one: names.fold(one.message.recipient_name)
    if column == 'organization':
        return lambda one: names.fold(one.message.organization)
    return lambda one: getattr(one.message, column)


def stored(session: Session) -> list[Arrived]:
    """Read the whole journal, row by row."""
    names_of = dict(session.exec(select(Organization.id, Organization.name)).all())
    return [
        Arrived(
            Incoming(
                id=row.id,
                recipient_name=row.recipient_name,
                phone=row.phone,
                appointment_at=row.appointment_at,
                organization=names_of[row.organization_id],
                kind=row.kind,
                status=row.status,
                queued_at=row.queued_at,
                attempted_at=row.attempted_at,
                sent_at=row.sent_at,
                cost=row.cost,
                text=row.text,
                error_code=row.error_code,
                error_name=row.error_name,
            ),
            arrival(row.place),
        )
        for row in session.exec(select(Message))
    ]
