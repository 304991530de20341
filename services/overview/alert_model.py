"""What an alert is, and which alerts a check raises, keeps and ends."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple, Self

from services import texts

SHOWN_AFTER_END: Final = timedelta(minutes=15)
"""How long the end of an alert is shown."""
MAX_PART_ALERTS: Final = 3
"""The largest number of active alerts about a single kind of messages or organisation; one that ends makes room."""


class AlertKind(StrEnum):
    """What an alert is about, the most urgent first."""

    QUEUE = 'queue'
    ERRORS = 'errors'
    KIND_ERRORS = 'kind_errors'
    """The errors of one kind of messages."""
    ORGANIZATION_ERRORS = 'organization_errors'
    """The errors of one organisation."""
    RECEIPTS = 'receipts'
    BALANCE = 'balance'


class AlertKey(NamedTuple):
    """What distinguishes an alert from all others that may hold at the same time."""

    kind: AlertKind
    entry_id: int = 0
    """The id of the kind of messages or of the organisation; 0 for an alert about the whole journal."""

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Parse what `str` has written; None if this version has no such alert."""
        kind, _, entry_id = text.partition('/')
        kinds = {each.value: each for each in AlertKind}
        return cls(kinds[kind], int(entry_id or 0)) if kind in kinds else None

    def __str__(self) -> str:
        """Return the key as it is stored: «queue», «organization_errors/17»."""
        return f'{self.kind}/{self.entry_id}' if self.entry_id else self.kind.value


@dataclass(frozen=True)
class Finding:
    """What a check has found: an alert that holds."""

    text: str
    url: str
    """The list that shows more."""
    name: str = ''
    """The name of the kind of messages or of the organisation."""
    list_note: str = ''
    """What the list shows, where it is not exactly what was counted."""


@dataclass(frozen=True)
class Findings:
    """What a check has found."""

    known: Collection[AlertKind]
    """The kinds of which it is known whether an alert holds."""
    holding: Mapping[AlertKey, Finding]
    """The alerts that hold; those about a part of the messages in the order of their size, the largest first."""

    def about_organizations(self, entry_ids: Collection[int]) -> Self:
        """Return what was found about single organisations, of those with these ids."""
        kind = AlertKind.ORGANIZATION_ERRORS
        holding = {key: each for key, each in self.holding.items() if key.kind is kind and key.entry_id in entry_ids}
        return replace(self, known={kind}.intersection(self.known), holding=holding)


@dataclass(frozen=True)
class Alert:
    """An alert, or the end of one."""

    key: AlertKey
    finding: Finding
    """What was found when it was raised."""
    began_at: datetime
    ended_at: datetime | None = None

    @property
    def text(self) -> str:
        """The alert in words, or its end."""
        return end_text(self.key.kind, self.finding.name) if self.ended_at else self.finding.text

    @property
    def url(self) -> str:
        """The list that shows more."""
        return self.finding.url


def end_text(kind: AlertKind, name: str) -> str:
    """Describe the end of an alert; `name` is that of the kind of messages or of the organisation."""
    return texts.ALERT_ENDS[kind].format(name=name)


def keys_to_raise(active: Collection[AlertKey], findings: Findings) -> list[AlertKey]:
    """Return which of the alerts that hold are to be raised, beside those that are active."""
    free = MAX_PART_ALERTS - sum(key.entry_id != 0 for key in active)
    new = [key for key in findings.holding if key not in active]
    parts = [key for key in new if key.entry_id][: max(free, 0)]
    return [*(key for key in new if not key.entry_id), *parts]


def next_alerts(alerts: Collection[Alert], findings: Findings, now: datetime) -> tuple[Alert, ...]:
    """Return the alerts after a check.

    An active alert keeps the text with which it was raised, so that it is announced once.

    Args:
        alerts: those before the check.
        findings: what the check has found.
        now: the time of the check.
    """
    active = {
        each.key: each
        for each in alerts
        if each.ended_at is None and (each.key in findings.holding or each.key.kind not in findings.known)
    }
    raised = [Alert(key, findings.holding[key], now) for key in keys_to_raise(active, findings)]
    current = sorted((*active.values(), *raised), key=lambda each: list(AlertKind).index(each.key.kind))
    current_keys = {each.key for each in current}
    ended = (each if each.ended_at else replace(each, ended_at=now) for each in alerts)
    shown_ends = (each for each in ended if each.ended_at and now - each.ended_at < SHOWN_AFTER_END)
    return (*current, *(each for each in shown_ends if each.key not in current_keys))
