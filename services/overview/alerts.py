"""Alerts: what an operator should know without asking, each raised once and ended by itself.

What the pages show is known to the process alone: a restart raises again what still holds. Notifications
(services.notifications) remember in the database what was announced.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from models import MessageStatus
from services import texts
from services.database.engine import Database
from services.errors import DatabaseError
from services.formats import date_and_minute, integer, money
from services.lists.query_protocol import Period
from services.live_updates import Listeners, LiveUpdates
from services.messages import query_params
from services.messages.message_query import MessageQuery
from services.overview.last_hour import LastHour, read_last_hour
from services.overview.overview import READ_TIMEOUT_SECONDS, Overview
from services.overview.queue_health import WAITING_QUERY

INTERVAL_SECONDS = 15.0
"""Seconds between two checks."""
SHOWN_AFTER_END: Final = timedelta(minutes=15)
"""How long the end of an alert is shown."""


class AlertKind(StrEnum):
    """What an alert is about, the most urgent first."""

    QUEUE = 'queue'
    ERRORS = 'errors'
    RECEIPTS = 'receipts'
    BALANCE = 'balance'


@dataclass(frozen=True)
class AlertThresholds:
    """When alerts are raised; for the queue see QueueThresholds."""

    errors: int = 20
    """Fewer failed messages in an hour raise no alert."""
    growth: int = 3
    """How many times as many failed messages as usual in an hour raise an alert."""
    receipts: timedelta = timedelta(hours=1)
    """How long no receipt comes, although messages were sent, until an alert is raised."""
    balance: Decimal | None = None
    """The balance in roubles below which an alert is raised; None for no such alert."""


@dataclass(frozen=True)
class Alert:
    """An alert, or the end of one."""

    kind: AlertKind
    text: str
    url: str
    """The list that shows more."""
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Finding:
    """What a check has found: an alert that holds."""

    text: str
    url: str


Findings = Mapping[AlertKind, Finding | None]
"""What a check has found, by the kinds that are known; None if an alert does not hold."""


async def _ignore(findings: Findings) -> None:
    """Do nothing with what a check has found."""


class Alerts:
    """The alerts of a process."""

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo,
        overview: Overview,
        live_updates: LiveUpdates,
        now: Callable[[], datetime],
        thresholds: AlertThresholds,
        record: Callable[[Findings], Awaitable[None]] = _ignore,
    ) -> None:
        """Check what is known, and notify the pages.

        Args:
            database: the database.
            zone: the time zone of times and days.
            overview: knows the queue.
            live_updates: knows the balance.
            now: returns the current time (aware).
            thresholds: when alerts are raised.
            record: is called after each check.
        """
        self._record = record
        self._database = database
        self._zone = zone
        self._overview = overview
        self._live_updates = live_updates
        self._now = now
        self._thresholds = thresholds
        self._listeners: Listeners[tuple[Alert, ...]] = Listeners()
        self._checked_at: float | None = None
        self.current: tuple[Alert, ...] = ()
        """The active alerts, and then those that ended lately."""

    def subscribe(self, listener: Callable[[tuple[Alert, ...]], None]) -> Callable[[], None]:
        """Call `listener` in the event loop on every change; return a function that unsubscribes."""
        return self._listeners.subscribe(listener)

    def format_time(self, moment: datetime) -> str:
        """Format the time of day of a moment (aware)."""
        return moment.astimezone(self._zone).strftime('%H:%M')

    async def poll(self) -> None:
        """Check every INTERVAL_SECONDS; called by services.live_updates, also while nothing changes."""
        time = asyncio.get_running_loop().time()
        if self._checked_at is None or time - self._checked_at >= INTERVAL_SECONDS:
            self._checked_at = time
            await self.check()

    async def check(self) -> None:
        """Raise and end alerts, and notify the pages if any did."""
        now = self._now()
        # If the queue could not be read just now, this would only wait for the same.
        hour = await self._read_hour(now) if self._overview.queue else None
        texts_by_kind = {
            AlertKind.QUEUE: self._queue_text(),
            AlertKind.ERRORS: self._errors_text(hour),
            AlertKind.RECEIPTS: self._receipts_text(hour),
            AlertKind.BALANCE: self._balance_text(),
        }
        urls = self._urls(now)
        alerts = next_alerts(self.current, texts_by_kind, urls, now)
        if alerts != self.current:
            self.current = alerts
            self._listeners.notify(alerts)
        known = {kind: text for kind, text in texts_by_kind.items() if text is not None}
        await self._record({kind: Finding(text, urls[kind]) if text else None for kind, text in known.items()})

    async def _read_hour(self, now: datetime) -> LastHour | None:
        try:
            return await self._database.read_with_timeout(
                READ_TIMEOUT_SECONDS, lambda session: read_last_hour(session, now, self._thresholds.receipts)
            )
        except DatabaseError:
            return None

    def _queue_text(self) -> str | None:
        queue = self._overview.queue
        if queue is None:
            return None
        return texts.ALERT_QUEUE if queue.is_stuck else ''

    def _errors_text(self, hour: LastHour | None) -> str | None:
        if hour is None or hour.usual_failed is None:
            return None
        is_jump = hour.failed >= self._thresholds.errors and hour.failed >= self._thresholds.growth * hour.usual_failed
        usual = integer(round(hour.usual_failed))
        return texts.ALERT_ERRORS.format(count=integer(hour.failed), usual=usual) if is_jump else ''

    def _receipts_text(self, hour: LastHour | None) -> str | None:
        if hour is None or hour.last_receipt is None:
            return None
        since = date_and_minute(hour.last_receipt, self._zone)
        return texts.ALERT_RECEIPTS.format(since=since) if hour.lacks_receipts else ''

    def _balance_text(self) -> str | None:
        footer, limit = self._live_updates.footer, self._thresholds.balance
        if footer is None or footer.balance.amount is None or limit is None:
            return None
        return texts.ALERT_BALANCE.format(sum=money(footer.balance.amount)) if footer.is_balance_below(limit) else ''

    def _urls(self, now: datetime) -> Mapping[AlertKind, str]:
        today = now.astimezone(self._zone).date()
        period = Period(today, today)
        failed = MessageQuery(period=period, statuses=frozenset({MessageStatus.FAILED}))
        sent = MessageQuery(period=period, statuses=frozenset({MessageStatus.SENT}))
        return {
            AlertKind.QUEUE: query_params.to_url(WAITING_QUERY),
            AlertKind.ERRORS: query_params.to_url(failed),
            AlertKind.RECEIPTS: query_params.to_url(sent),
            AlertKind.BALANCE: '/summary',
        }


def next_alerts(
    alerts: Collection[Alert],
    texts_by_kind: Mapping[AlertKind, str | None],
    urls: Mapping[AlertKind, str],
    now: datetime,
) -> tuple[Alert, ...]:
    """Return the alerts after a check.

    An active alert keeps the text with which it was raised, so that it is announced once.

    Args:
        alerts: those before the check.
        texts_by_kind: for each kind the text of the alert, empty if it does not hold, None if that is not known.
        urls: for each kind the list that shows more.
        now: the time of the check.
    """
    active = {each.kind: each for each in alerts if each.ended_at is None}
    ended = [each for each in alerts if each.ended_at and now - each.ended_at < SHOWN_AFTER_END]
    raised: list[Alert] = []
    for kind in AlertKind:
        text, known = texts_by_kind[kind], active.get(kind)
        if known and text == '':
            ended.append(replace(known, text=texts.ALERT_ENDS[kind], ended_at=now))
        elif known:
            raised.append(known)
        elif text:
            raised.append(Alert(kind, text, urls[kind], now))
    raised_kinds = {each.kind for each in raised}
    return (*raised, *(each for each in ended if each.kind not in raised_kinds))
