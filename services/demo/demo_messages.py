"""Generate the messages of a demonstration in order of time, as rows for the bulk insert."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from math import inf
from random import Random
from typing import NamedTuple

from models import DeliveryState, MessageChannel, MessageKind, MessageStatus
from models.message import ARRIVAL_BITS
from services import formats, texts
from services.days import to_number
from services.demo.demo_patients import DemoPatients, weighted_table
from services.demo.demo_timestamps import BusyDay
from services.ingest.bulk_insert import BulkRow
from services.program_folders import DATA_FOLDER

MESSAGES_PER_PATIENT = 3.3
KIND_WEIGHTS = {
    MessageKind.REMINDER: 55,
    MessageKind.ATTACHMENT: 20,
    MessageKind.DAY_HOSPITAL: 15,
    MessageKind.VACCINATION: 10,
}
"""The percentage of messages of each kind."""
FAILED_OF_1024 = 51
WAITING_OF_1024 = 205
"""The share of recent messages that wait; with a tenth of the days being recent, 2 % of all messages wait."""
UNKNOWN_DELIVERY_OF_512 = 26
"""The share of sent messages whose sender reports nothing about the delivery."""
UNANSWERED_OF_512 = 15
RECENT_UNANSWERED_OF_512 = 92
"""The shares of sent messages that no phone has confirmed: of old and of recent ones."""
COSTS_IN_KOPECKS = (0, 295, 310, 480, 520, 960, 1040)
CHANNEL_BY_COST = {0: MessageChannel.PUSH, 295: MessageChannel.MAX}
"""The channel of a sent message; all others are SMS."""
ORGANIZATIONS_BY_REPORT = 5
"""The mailing system of one of so many organizations reports neither sender nor channel."""

PROVIDER = ('SMSC', 'err')
COMMON_ERRORS = ('1', '6', '13', '249', '253', '255')
COMMON_ERROR_WEIGHT = 10

SECONDS_TO_SEND = 1024
"""The longest time in seconds between queuing and sending."""
DAYS_AHEAD = range(1, 15)
"""The days between a message and its appointment."""
APPOINTMENT_TIMES = [time(hour, minute) for hour in range(8, 20) for minute in (0, 15, 30, 45)]
"""The local times at which appointments begin."""


def patient_count_for(messages: int) -> int:
    """Return the number of patients for a number of messages."""
    return max(1, int(messages / MESSAGES_PER_PATIENT))


class Appointment(NamedTuple):
    """An appointment: the seconds since 1970, and local date and time as text."""

    moment: int
    day: str
    time: str


class MessageGenerator:
    """Generate messages for given moments; equal random numbers produce equal messages."""

    def __init__(self, random: Random, count: int, organizations: Sequence[tuple[int, str]], zone: tzinfo) -> None:
        """Prepare the tables of patients, organizations, kinds and errors.

        Args:
            random: a freshly seeded generator.
            count: the number of messages, which determines the number of patients.
            organizations: ids and names.
            zone: the time zone of the appointments in the texts.
        """
        self._random = random
        self._patients = DemoPatients(random.getrandbits(64))
        self._patient_count = patient_count_for(count)
        self._organizations = weighted_table(organizations, [1 + random.random() for _ in organizations], 4096)
        self._kinds = weighted_table(
            [(int(kind), texts.DEMO_TEXTS[kind]) for kind in KIND_WEIGHTS], list(KIND_WEIGHTS.values()), 1024
        )
        self._errors = _errors()
        self._zone = zone

    def rows(
        self, busy_days: Iterable[BusyDay], arrival: int, *, recent: date, waiting_from: int | None = None
    ) -> Iterator[BulkRow]:
        """Yield a row for each moment.

        Args:
            busy_days: the days and their moments.
            arrival: the arrival number of the first row.
            recent: messages after this day may still be without an answer.
            waiting_from: messages from this moment on (seconds since 1970) may wait; by default those after `recent`.
        """
        random_bits, patient_count = self._random.getrandbits, self._patient_count
        patient = self._patients.patient
        sent, failed, waiting = int(MessageStatus.SENT), int(MessageStatus.FAILED), int(MessageStatus.WAITING)
        for busy_day in busy_days:
            day = to_number(busy_day.day)
            first_waiting = self._first_waiting(busy_day, recent) if waiting_from is None else waiting_from
            unanswered_share = RECENT_UNANSWERED_OF_512 if busy_day.day > recent else UNANSWERED_OF_512
            appointments = self._appointments_after(busy_day.day)
            for moment in busy_day.moments:
                # Splitting one long random number is much faster than generating many short ones.
                dice = random_bits(64)
                name, name_key, initials, phone, given = patient(random_bits(40) * patient_count >> 40)
                organization_id, organization = self._organizations[dice & 4095]
                kind, wordings = self._kinds[dice >> 12 & 1023]
                appointment, on_day, at_time = appointments[(dice >> 22 & 1023) % len(appointments)]
                wording = wordings[(dice >> 32 & 7) % len(wordings)]
                status_dice = dice >> 35 & 1023
                queued, sent_at, attempted_at = moment - (dice >> 45) % SECONDS_TO_SEND, None, None
                cost, code, error = COSTS_IN_KOPECKS[(dice >> 55 & 63) % len(COSTS_IN_KOPECKS)], None, None
                delivery, channel = None, MessageChannel.SMS
                if status_dice < FAILED_OF_1024:
                    status, attempted_at = failed, moment
                    code, error = self._errors[(dice >> 55) % len(self._errors)]
                elif moment >= first_waiting and status_dice < FAILED_OF_1024 + WAITING_OF_1024:
                    status, queued, cost = waiting, moment, 0
                else:
                    status, sent_at, delivery = sent, moment, _delivery(dice >> 55, unanswered_share)
                    channel = CHANNEL_BY_COST.get(cost, channel)
                sender, channel_number = _sender(organization_id, channel)
                yield BulkRow(
                    moment << ARRIVAL_BITS | arrival,
                    _uuid4(random_bits(128)),
                    day,
                    name,
                    name_key,
                    initials,
                    phone,
                    appointment if '{day}' in wording else None,
                    organization_id,
                    kind,
                    status,
                    queued,
                    attempted_at,
                    sent_at,
                    cost,
                    wording.format(given=given, day=on_day, time=at_time, organization=organization),
                    code,
                    error,
                    delivery,
                    sender=sender,
                    channel=channel_number,
                )
                arrival += 1

    @staticmethod
    def _first_waiting(busy_day: BusyDay, recent: date) -> float:
        """Return the moment from which messages of a day may wait: none of it, or all."""
        return 0 if busy_day.day > recent else inf

    def _appointments_after(self, day: date) -> list[Appointment]:
        """Return the appointments that messages of a day may announce."""
        appointments: list[Appointment] = []
        for days in DAYS_AHEAD:
            appointments += _appointments_of(day + timedelta(days=days), self._zone)
        return appointments


@lru_cache(maxsize=2 * len(DAYS_AHEAD))
def _appointments_of(day: date, zone: tzinfo) -> list[Appointment]:
    day_text = formats.day(day)
    return [
        Appointment(int(datetime.combine(day, start, zone).timestamp()), day_text, f'{start:%H:%M}')
        for start in APPOINTMENT_TIMES
    ]


def error_names() -> dict[str, str]:
    """Return the names of the provider's errors by code."""
    with (DATA_FOLDER / 'provider_codes.csv').open(encoding='utf-8', newline='') as file:
        rows = [row for row in csv.DictReader(file) if (row['source'], row['kind']) == PROVIDER]
    failed = texts.STATUSES[MessageStatus.FAILED]
    return {row['code']: row['name_ru'] for row in rows if row['suggested_product_status'] == failed}


def _errors() -> list[tuple[str, str]]:
    """Return the codes and names of the errors, the common ones COMMON_ERROR_WEIGHT times."""
    errors = error_names().items()
    return [error for error in errors for _ in range(COMMON_ERROR_WEIGHT if error[0] in COMMON_ERRORS else 1)]


def _delivery(dice: int, unanswered_share: int) -> int | None:
    """Return the delivery of a sent message from a random number of nine bits."""
    if dice < UNKNOWN_DELIVERY_OF_512:
        return None
    is_unanswered = dice < UNKNOWN_DELIVERY_OF_512 + unanswered_share
    return int(DeliveryState.HANDED_OVER if is_unanswered else DeliveryState.DELIVERED)


@lru_cache(2048)
def _sender(organization_id: int, channel: MessageChannel) -> tuple[str, int] | tuple[None, None]:
    """Return the name under which an organization sends by a channel, and the number of the channel."""
    if organization_id % ORGANIZATIONS_BY_REPORT == 0:
        return None, None
    names = texts.DEMO_SENDER_NAMES[channel]
    return names[organization_id % len(names)], int(channel)


def _uuid4(bits: int) -> bytes:
    return (bits & ~(0xF << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62).to_bytes(16, 'big')
