"""Alerts: what an operator should know without asking, each raised once and ended by itself.

What the pages show is known to the process alone: a restart raises again what still holds. Notifications
(services.notifications) remember in the database what was announced.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Self
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from models import MessageStatus
from services import texts
from services.access_scope.organization_scope import OrganizationScope
from services.database.engine import Database
from services.errors import DatabaseError
from services.formats import date_and_minute, day, distinctive_part_first, integer, money
from services.listeners import Listeners
from services.lists.message_kinds import KindName
from services.lists.query_conditions import describe_period
from services.lists.query_protocol import Period
from services.live_updates import LiveUpdates
from services.messages import query_params
from services.messages.delivery import DeliveryCondition
from services.messages.message_query import MessageQuery
from services.overview.alert_model import Alert, AlertKey, AlertKind, Finding, Findings, next_alerts
from services.overview.error_jumps import ErrorJump, JumpThresholds
from services.overview.last_hour import HOUR, LastHour, read_last_hour
from services.overview.overview import READ_TIMEOUT_SECONDS, Overview
from services.overview.queue_health import WAITING_QUERY

INTERVAL_SECONDS = 15.0
"""Seconds between two checks."""


@dataclass(frozen=True)
class AlertThresholds:
    """When alerts are raised; for the queue see QueueThresholds."""

    errors: JumpThresholds = field(default_factory=JumpThresholds)
    """When the failed messages of an hour raise an alert: all of them, those of a kind or those of an organisation."""
    receipts: timedelta = timedelta(hours=1)
    """How long no receipt comes, although messages were sent, until an alert is raised."""
    balance: Decimal | None = None
    """The balance in roubles below which an alert is raised; None for no such alert."""


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
        self._views: WeakValueDictionary[OrganizationScope, Self] = WeakValueDictionary()
        """The alerts of each scope that is in use."""
        self._own_entries: Callable[[], Collection[int]] | None = None
        self._findings = Findings((), {})
        """What the last check has found."""
        self.current: tuple[Alert, ...] = ()
        """The active alerts, and then those that ended lately."""

    def within(self, scope: OrganizationScope, entries: Callable[[], Collection[int]]) -> Self:
        """Return the alerts about single organisations of a scope; each check of the journal raises and ends them.

        Args:
            scope: the scope.
            entries: returns the ids of the current entries of its organisations.
        """
        view = self._views.get(scope)
        if view is None:
            view = copy(self)
            view._own_entries, view._listeners, view.current = entries, Listeners(), ()
            view._apply(self._findings, self._now())
            self._views[scope] = view
        return view

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
        self._findings = findings = self._find(hour, now)
        views: list[Alerts] = [self, *self._views.values()]
        for each in views:
            each._apply(findings, now)
        await self._record(findings)

    def _apply(self, findings: Findings, now: datetime) -> None:
        """Raise and end the alerts of this scope, and notify its pages if any did."""
        if self._own_entries is not None:
            findings = findings.about_organizations(self._own_entries())
        alerts = next_alerts(self.current, findings, now)
        if alerts != self.current:
            self.current = alerts
            self._listeners.notify(alerts)

    async def _read_hour(self, now: datetime) -> LastHour | None:
        try:
            return await self._database.read_with_timeout(
                READ_TIMEOUT_SECONDS,
                partial(
                    read_last_hour,
                    now=now,
                    receipt_timeout=self._thresholds.receipts,
                    jump_thresholds=self._thresholds.errors,
                ),
            )
        except DatabaseError:
            return None

    def _find(self, hour: LastHour | None, now: datetime) -> Findings:
        """Return which alerts hold by what is known."""
        known, holding = set[AlertKind](), dict[AlertKey, Finding]()
        texts_by_kind = {
            AlertKind.QUEUE: self._queue_text(),
            AlertKind.ERRORS: self._errors_text(hour),
            AlertKind.RECEIPTS: self._receipts_text(hour),
            AlertKind.BALANCE: self._balance_text(),
        }
        urls = self._urls(now)
        for kind, text in texts_by_kind.items():
            if text is not None:
                known.add(kind)
            if text:
                note = self._failed_note(now) if kind is AlertKind.ERRORS else ''
                holding[AlertKey(kind)] = Finding(text, urls[kind], list_note=note)
        if hour and hour.usual_failed is not None:
            known |= {AlertKind.KIND_ERRORS, AlertKind.ORGANIZATION_ERRORS}
            holding |= {_jump_key(jump): self._jump_finding(jump, now) for jump in hour.error_jumps}
        return Findings(known, holding)

    def _queue_text(self) -> str | None:
        queue = self._overview.queue
        if queue is None:
            return None
        return texts.ALERT_QUEUE if queue.is_stuck else ''

    def _errors_text(self, hour: LastHour | None) -> str | None:
        if hour is None or hour.usual_failed is None:
            return None
        is_jump = self._thresholds.errors.is_jump(hour.failed, hour.usual_failed)
        usual = integer(round(hour.usual_failed))
        return texts.ALERT_ERRORS.format(count=integer(hour.failed), usual=usual) if is_jump else ''

    def _jump_finding(self, jump: ErrorJump, now: datetime) -> Finding:
        count, usual, name = integer(jump.count), integer(round(jump.usual)), distinctive_part_first(jump.part.name)
        text = texts.ALERT_PART_ERRORS.format(name=name, count=count, usual=usual)
        url = query_params.to_url(jump.narrow(self._failed_query(now)))
        return Finding(text, url, name, self._failed_note(now))

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

    def _failed_query(self, now: datetime) -> MessageQuery:
        """Return the query for the failed messages of the days of the last hour: a query has no times of the day."""
        return MessageQuery(period=self._days(now - HOUR, now), delivery=DeliveryCondition.FAILED)

    def _failed_note(self, now: datetime) -> str:
        """Describe what the list of `_failed_query` shows: more than the hour that was counted."""
        period = self._failed_query(now).period
        if period.since and period.since == period.until:
            return texts.ALERT_DAY_LIST.format(day=day(period.since))
        return texts.ALERT_DAYS_LIST.format(period=describe_period(period))

    def _days(self, since: datetime, until: datetime) -> Period:
        return Period(since.astimezone(self._zone).date(), until.astimezone(self._zone).date())

    def _urls(self, now: datetime) -> Mapping[AlertKind, str]:
        sent = MessageQuery(period=self._days(now, now), statuses=frozenset({MessageStatus.SENT}))
        return {
            AlertKind.QUEUE: query_params.to_url(WAITING_QUERY),
            AlertKind.ERRORS: query_params.to_url(self._failed_query(now)),
            AlertKind.RECEIPTS: query_params.to_url(sent),
            AlertKind.BALANCE: '/summary',
        }


def _jump_key(jump: ErrorJump) -> AlertKey:
    is_kind = isinstance(jump.part, KindName)
    return AlertKey(AlertKind.KIND_ERRORS if is_kind else AlertKind.ORGANIZATION_ERRORS, jump.part.id)
