"""A reference implementation of the message list in plain Python, with which both engines must agree."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from models import DeliveryState, Message, MessageChannel, MessageKind, MessageKindEntry, MessageStatus, Organization
from models.message import arrival_number, effective_time
from services import phones, texts
from services.dictionaries.name_folding import fold_entry_name
from services.formats import distinctive_part_first
from services.ingest.message_parsing import IncomingMessage
from services.ingest.status_history import WITHDRAWN
from services.lists.query_protocol import Period, Totals
from services.messages.delivery import DeliveryCondition, DeliveryTimeouts
from services.messages.message_query import MessageQuery
from tests.helpers import reference_names

MOSCOW = ZoneInfo('Europe/Moscow')
NOON = datetime(2026, 11, 22, 9, tzinfo=UTC)
TIMEOUTS = DeliveryTimeouts(answer=timedelta(days=25), waiting=timedelta(days=40))
"""Timeouts that divide the generated messages, which are up to seventy days old."""

SURNAMES = (
    'Иванов', 'Иванова', 'Ивановский', 'Королёв', 'О’Нил', 'Салтыков-Щедрин', 'Smith', 'Ив', '100%', 'А_Б "В"',
    'Cидоров', 'Ivanоv', 'Иванова (Петрова)', 'Салтыков Щедрин', 'Салтыков – Щедрин', 'Д"Артаньян', 'Пе\u200bтрова',
    '«Иванов»', 'Бонч-Бруевич',
)  # fmt: skip
"""Among them letters of the other alphabet: a Latin `C`, a Cyrillic `о`."""
GIVEN_NAMES = ('Иван', 'Пётр', 'Алёна', 'И.', 'Михаил*', 'Анна-Мария')
PATRONYMICS = ('Петрович', 'Ивановна', 'П.', 'оглы', '', 'Ильич', 'Гасан оглы', 'Oʻgʻli', 'Petrovich')
ORGANIZATIONS = ('Химкинская больница', 'ГБУЗ МО «Ёлкинская больница»', 'еловая больница', 'Больница № 3')


@dataclass(frozen=True)
class ArrivedMessage:
    """A message and its arrival number."""

    message: IncomingMessage
    arrival: int

    @property
    def moment(self) -> datetime:
        """The effective time, by which the message is listed."""
        message = self.message
        assert message.queued_at is not None
        return effective_time(sent_at=message.sent_at, attempted_at=message.attempted_at, queued_at=message.queued_at)


def random_messages(count: int, seed: int) -> list[IncomingMessage]:
    """Generate messages with many equal values and difficult names; the same for the same seed."""
    rng = random.Random(seed)
    return [_random_message(rng) for _ in range(count)]


def random_update(message: IncomingMessage, rng: random.Random) -> IncomingMessage:
    """Generate a later version of a message, as another file could contain it."""
    other = _random_message(rng)
    return IncomingMessage(**{**vars(other), 'id': message.id, 'queued_at': message.queued_at})


def random_name(rng: random.Random) -> str:
    """Generate a name in one of the notations of names."""
    surname, given, patronymic = rng.choice(SURNAMES), rng.choice(GIVEN_NAMES), rng.choice(PATRONYMICS)
    notations = (
        *('{surname} {given} {patronymic}',) * 6, '{given} {patronymic} {surname}', '{surname} {given[0]}.{initial}.',
        '{given[0]}. {initial}. {surname}', '{surname} {given[0]}{initial}', '{surname} {given[0]}. {patronymic}',
    )  # fmt: skip
    written = rng.choice(notations).format(surname=surname, given=given, patronymic=patronymic, initial=patronymic[:1])
    return ' '.join(written.split())


def _random_message(rng: random.Random) -> IncomingMessage:
    queued_at = NOON - timedelta(hours=rng.randrange(24 * 70), seconds=rng.choice((0, 0, 1)))
    status = rng.choice(tuple(MessageStatus))
    error = rng.randrange(300) % 12 if status == MessageStatus.FAILED else 0
    code = {0: None, 6: None, 9: WITHDRAWN}.get(error, str(error))
    id = UUID(int=rng.getrandbits(128))
    return IncomingMessage(
        id=id,
        recipient_name=random_name(rng),
        phone=rng.choice(('+7916', '+7903', '+7998', '+37529', '+99890')) + f'{rng.randrange(30) * 11111:07}',
        appointment_at=rng.choice((None, queued_at + timedelta(days=rng.randrange(9)))),
        organization=rng.choice(ORGANIZATIONS),
        kind=texts.KINDS[rng.choice(tuple(MessageKind))],
        status=status,
        queued_at=queued_at,
        attempted_at=rng.choice((None, queued_at + timedelta(hours=1))) if status == MessageStatus.FAILED else None,
        sent_at=queued_at + timedelta(minutes=rng.randrange(5)) if status == MessageStatus.SENT else None,
        cost=Decimal(rng.randrange(0, 1100, 5)) / 100,
        text='Ждём Вас',
        error_code=code,
        error_name='Ошибка' if status == MessageStatus.FAILED and error not in (6, 11) else None,
        phone_note=rng.choice((None, None, 'доб. 12')),
        parts=rng.choice((None, None, 2)),
        sender=(None, 'MosOblMed', '0122')[id.int % 3],
        channel=(None, MessageChannel.SMS, MessageChannel.MAX)[id.int // 3 % 3],
    )


def expected_messages(arrived: Sequence[ArrivedMessage], query: MessageQuery) -> list[ArrivedMessage]:
    """Return the result of a query, in its order, by checking every message.

    The organisations and the kinds of the query must be current entries.
    """
    matching = sorted(
        (one for one in arrived if _matches(one, query)), key=lambda one: (one.moment, one.arrival), reverse=True
    )
    if query.order is None:
        return matching
    value = _sort_value(query.order.column)
    known = [one for one in matching if value(one) is not None]
    # The sort is stable: equal values remain in list order, newest first, in descending order too.
    known.sort(key=value, reverse=query.order.descending)
    return known + [one for one in matching if value(one) is None]


def expected_totals(messages: Sequence[ArrivedMessage]) -> Totals:
    """Count the messages and add up their costs."""
    return Totals(len(messages), sum((one.message.cost for one in messages), Decimal('0.00')))


def _matches(one: ArrivedMessage, query: MessageQuery) -> bool:
    message = one.message
    day = one.moment.astimezone(MOSCOW).date()
    phone_patterns = phones.parse_search(query.phone)
    return (
        reference_names.name_matches(query.name, message.recipient_name)
        and (not query.surname_only or reference_names.surname_matches(query.name, message.recipient_name))
        and (
            not phone_patterns
            or any(
                message.phone == pattern.text if pattern.is_full_number else pattern.text in message.phone
                for pattern in phone_patterns
            )
        )
        and (not query.kinds or message.kind in {each.name for each in query.kinds})
        and (not query.organizations or message.organization in {each.name for each in query.organizations})
        and (not query.statuses or message.status in query.statuses)
        and (query.older_than is None or _has_waited(message, query.older_than))
        and (query.delivery is None or _has_delivery(message, query.delivery))
        and (not query.errors or _has_error(message, query.errors))
        and (query.appointment == Period() or _has_appointment(message, query.appointment))
        and (query.period.since is None or day >= query.period.since)
        and (query.period.until is None or day <= query.period.until)
    )


def _has_error(message: IncomingMessage, keys: Collection[str]) -> bool:
    """Return whether a message has failed by one of some errors."""
    return message.status == MessageStatus.FAILED and (message.error_code or message.error_name or '') in keys


def _has_appointment(message: IncomingMessage, period: Period) -> bool:
    """Return whether the appointment is on a day of a period."""
    if message.appointment_at is None:
        return False
    day = message.appointment_at.astimezone(MOSCOW).date()
    return (period.since is None or day >= period.since) and (period.until is None or day <= period.until)


def _has_waited(message: IncomingMessage, minutes: int) -> bool:
    """Return whether a message has been waiting for at least so many minutes at NOON."""
    assert message.queued_at is not None
    return message.status == MessageStatus.WAITING and message.queued_at <= NOON - timedelta(minutes=minutes)


def _has_delivery(message: IncomingMessage, condition: DeliveryCondition) -> bool:
    """Return whether a message fits a condition on its delivery at NOON, with TIMEOUTS."""
    assert message.queued_at is not None
    if condition is DeliveryCondition.DELIVERED:
        return message.delivery == DeliveryState.DELIVERED
    if condition is DeliveryCondition.FAILED:
        return message.status == MessageStatus.FAILED and message.error_code != WITHDRAWN
    if condition is DeliveryCondition.OVERDUE:
        is_over = message.appointment_at is not None and message.appointment_at <= NOON
        return message.status == MessageStatus.WAITING and (is_over or NOON - message.queued_at >= TIMEOUTS.waiting)
    if message.delivery != DeliveryState.HANDED_OVER:
        return False
    assert message.sent_at is not None
    return (NOON - message.sent_at > TIMEOUTS.answer) == (condition is DeliveryCondition.UNANSWERED)


def _sort_value(column: str) -> Any:
    if column == 'code':
        return lambda one: one.message.id.bytes
    if column == 'recipient_name':
        return lambda one: reference_names.fold_name(one.message.recipient_name)
    if column == 'organization':
        return lambda one: fold_entry_name(distinctive_part_first(one.message.organization))
    if column == 'kind':
        return lambda one: fold_entry_name(one.message.kind)
    return lambda one: getattr(one.message, column)


def stored_messages(session: Session) -> list[ArrivedMessage]:
    """Read all messages from the database, with the names of current entries."""
    organization_names = _current_names(session.exec(select(Organization)).all())
    kind_names = _current_names(session.exec(select(MessageKindEntry)).all())
    return [
        ArrivedMessage(
            IncomingMessage(
                id=row.id,
                recipient_name=row.recipient_name,
                phone=row.phone,
                appointment_at=row.appointment_at,
                organization=organization_names[row.organization_id],
                kind=kind_names[row.kind],
                status=row.status,
                queued_at=row.queued_at,
                attempted_at=row.attempted_at,
                sent_at=row.sent_at,
                cost=row.cost,
                text=row.text,
                error_code=row.error_code,
                error_name=row.error_name,
                delivery=row.delivery,
                phone_note=row.phone_note,
                parts=row.parts,
                sender=row.sender,
                channel=row.channel,
                cost_source=row.cost_source,
                parts_from_receipts=row.parts_from_receipts,
            ),
            arrival_number(row.place),
        )
        for row in session.exec(select(Message))
    ]


def _current_names(entries: Sequence[Organization | MessageKindEntry]) -> dict[int, str]:
    """Return the name of the current entry of each row."""
    names_by_id = {entry.id: entry.name for entry in entries}
    return {entry.id or 0: names_by_id[entry.merged_into or entry.id] for entry in entries}
