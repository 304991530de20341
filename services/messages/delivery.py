"""What is known about the delivery of a message, and which messages have waited too long to be sent.

«Отправлено» covers three cases: the phone has confirmed the message, the mobile operator has it and no answer has come,
and a sender that reports nothing more. Nothing is claimed about the last one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from models import DeliveryState, MessageStatus
from services import texts
from services.formats import duration


class DeliveryCondition(StrEnum):
    """A condition on the delivery of a message; the values are used in URLs."""

    DELIVERED = 'delivered'
    AWAITING = 'awaiting'
    """The mobile operator has the message, and an answer may still come."""
    UNANSWERED = 'unanswered'
    """The mobile operator has had the message for so long that no answer is expected any more."""
    OVERDUE = 'overdue'
    """The message has waited too long to be sent, or its appointment is over."""
    FAILED = 'failed'
    """The message has failed, and was not withdrawn by its sender."""


class OverdueReason(StrEnum):
    """Why a message that waits is overdue; the values are used by the API."""

    APPOINTMENT_PASSED = 'appointment_passed'
    WAITING_TOO_LONG = 'waiting_too_long'


@dataclass(frozen=True)
class DeliveryTimeouts:
    """How long answers are expected, and how long messages may wait."""

    answer: timedelta = timedelta(hours=72)
    """The time after which no answer about a message is expected any more."""
    waiting: timedelta = timedelta(hours=24)
    """The time after which a message that waits to be sent is overdue."""

    def answer_deadline(self, now: datetime) -> datetime:
        """Return the time in whole seconds such that messages sent before it will not be answered."""
        return (now - self.answer).replace(microsecond=0)

    def waiting_deadline(self, now: datetime) -> datetime:
        """Return the time such that messages queued until then have waited too long."""
        return now - self.waiting


DEFAULT_TIMEOUTS: Final = DeliveryTimeouts()
DAYS_FROM: Final = 3
"""Shorter times are written in hours: «ждёт 30 ч»."""


class MessageProgress(Protocol):
    """The fields of a message that its delivery depends on."""

    @property
    def status(self) -> MessageStatus:
        """The status of the message."""

    @property
    def delivery(self) -> DeliveryState | None:
        """What the provider has reported about the delivery."""

    @property
    def queued_at(self) -> datetime | None:
        """When the message was queued."""

    @property
    def sent_at(self) -> datetime | None:
        """When the message was sent."""

    @property
    def appointment_at(self) -> datetime | None:
        """When the appointment begins."""


def overdue_reason(message: MessageProgress, timeouts: DeliveryTimeouts, now: datetime) -> OverdueReason | None:
    """Return why a message is overdue at the moment `now` (aware); None if it is not."""
    if message.status != MessageStatus.WAITING:
        return None
    if message.appointment_at is not None and message.appointment_at <= now:
        return OverdueReason.APPOINTMENT_PASSED
    if message.queued_at is not None and message.queued_at <= timeouts.waiting_deadline(now):
        return OverdueReason.WAITING_TOO_LONG
    return None


class ReportedMessage(MessageProgress, Protocol):
    """The fields of a message that its row describes."""

    @property
    def error_code(self) -> str | None:
        """The code of the error."""

    @property
    def error_name(self) -> str | None:
        """The error in words."""


def status_note(message: ReportedMessage, timeouts: DeliveryTimeouts, now: datetime) -> str:
    """Describe below the status what the status leaves open; empty if nothing is known.

    A failed message has its error, one that waits has the time for which it has been waiting, and a sent message what
    is known about its delivery: «Абонент недоступен», «Ждёт 3 ч», «Доставлено», «Ответа нет 5 ч».
    """
    if message.status == MessageStatus.FAILED:
        return describe_error(message.error_code, message.error_name)
    note = _describe(message, timeouts, now, texts.DELIVERY_NOTES)
    time = '' if note else waiting_time(message, now)
    return texts.WAITING_NOTE.format(time=time) if time else note


def waiting_time(message: MessageProgress, now: datetime) -> str:
    """Return how long a message has been waiting to be sent; empty if it does not wait."""
    if message.status != MessageStatus.WAITING or message.queued_at is None:
        return ''
    return duration(now - message.queued_at, days_from=DAYS_FROM)


def describe_error(code: str | None, name: str | None) -> str:
    """Return the name of an error, or its code if it has no name; empty if it has neither."""
    return name or (texts.ERROR_CODE_NOTE.format(code=code) if code else '')


def description(message: MessageProgress, timeouts: DeliveryTimeouts, now: datetime) -> str:
    """Describe the delivery in a sentence; empty if unknown."""
    return _describe(message, timeouts, now, texts.DELIVERY_SENTENCES)


def _describe(message: MessageProgress, timeouts: DeliveryTimeouts, now: datetime, wording: Mapping[str, str]) -> str:
    """Describe the delivery; `wording` has a template for each condition and each reason."""
    since = message.queued_at if message.status == MessageStatus.WAITING else message.sent_at
    case: StrEnum | None = overdue_reason(message, timeouts, now)
    if case is None and message.delivery is not None:
        case = _condition(message.delivery, since, timeouts, now)
    return wording[case].format(time=duration(now - since, days_from=DAYS_FROM) if since else '') if case else ''


def _condition(
    state: DeliveryState, sent_at: datetime | None, timeouts: DeliveryTimeouts, now: datetime
) -> DeliveryCondition:
    if state is DeliveryState.DELIVERED:
        return DeliveryCondition.DELIVERED
    if sent_at is not None and sent_at < timeouts.answer_deadline(now):
        return DeliveryCondition.UNANSWERED
    return DeliveryCondition.AWAITING
