"""A day of messages and receipts through the API while the program is killed repeatedly."""

import os
import random
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from models import MessageStatus
from models.column_types import UuidKey
from services.database.engine import Database
from tests.helpers.program import Program
from tests.helpers.totals_recount import recounted_totals, stored_totals

WAITING, SENT, FAILED = MessageStatus.WAITING, MessageStatus.SENT, MessageStatus.FAILED
START_OF_DAY = datetime(2026, 11, 20, 5, tzinfo=UTC)
MESSAGE_COUNT = 240
BATCH = 20
LOST_SHARE = 0.1
"""The share of receipts that never reach the journal."""
KILL_COUNT = 4
SEED = 20261120
CODES = {SENT: ('0', ''), 'arrived': ('1', ''), FAILED: ('20', '6')}
"""The status codes of SMSC.ru for handed over, delivered and not delivered, with the error code."""
RETRY_SECONDS = 60
"""Seconds for which a sender repeats a request: a start takes several."""


@dataclass
class SentMessage:
    """A message as its sender knows it, and everything that sender and provider will report."""

    id: UUID
    cost: int
    """Kopecks."""
    queued_at: datetime
    provider_id: str
    """The id at the provider: the id of the message, or one that the sender reports."""
    reports: list[tuple[datetime, object]] = field(default_factory=list)
    """The times of the events, as the provider reports them."""

    def final_state(self) -> tuple[MessageStatus, datetime | None]:
        """Give the status and the time of sending that follow from the facts: the newest decides."""
        if not self.reports:
            return WAITING, None
        sent_at = min(at for at, what in self.reports if what != FAILED) if self._was_sent() else None
        return (FAILED, None) if max(self.reports)[1] == FAILED else (SENT, sent_at)

    def _was_sent(self) -> bool:
        return any(what != FAILED for _, what in self.reports)


def random_day(rng: random.Random) -> list[SentMessage]:
    """Generate messages; some are only handed over, some delivered, some failed, some without any receipt."""
    day = []
    for number in range(MESSAGE_COUNT):
        id = UUID(int=rng.getrandbits(128), version=4)
        queued = START_OF_DAY + timedelta(seconds=rng.randrange(40_000))
        sent = SentMessage(id, rng.randrange(0, 500), queued, str(id) if number % 2 else f'2026-{number}')
        handed_over = queued + timedelta(seconds=rng.randrange(5, 50))
        events: list[tuple[datetime, object]] = [(handed_over, SENT)]
        if rng.random() < 0.7:
            last = 'arrived' if rng.random() < 0.7 else FAILED
            events.append((handed_over + timedelta(seconds=rng.randrange(1, 9_000)), last))
        sent.reports = [report for report in events if rng.random() > LOST_SHARE]
        day.append(sent)
    return day


class ApiClient:
    """A mailing system and a provider; each repeats a request until it gets a response."""

    def __init__(self, url: str, token: str) -> None:
        self._answered, self._progress = 0, threading.Condition()
        self._http = httpx.Client(base_url=f'{url}/api/v1', headers={'Authorization': f'Bearer {token}'}, timeout=10)

    def submit(self, messages: Sequence[SentMessage]) -> None:
        """Hand messages over as they were queued."""
        outcomes = self._post('/messages', json=[message_json(sent) for sent in messages]).json()
        assert {one['outcome'] for one in outcomes} <= {'created', 'unchanged'}, outcomes

    def report_provider_id(self, sent: SentMessage) -> None:
        """Say what the provider calls a message, with the moment at which it was queued there."""
        payload = {
            'status': 'pending',
            'at': sent.queued_at.isoformat(),
            'provider': 'smsc',
            'provider_id': sent.provider_id,
        }
        self._post(f'/messages/{sent.id}/status', json=payload)

    def report(self, sent: SentMessage, at: datetime, what: object) -> None:
        """Report as SMSC.ru does."""
        status, error = CODES[what]
        form = {
            'id': sent.provider_id,
            'phone': '79990000001',
            'status': status,
            'err': error,
            'ts': int(at.timestamp()),
        }
        self._post('/receipts/smsc?key=secret-0123456789', data=form)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def _post(self, path: str, **content: Any) -> httpx.Response:
        deadline = datetime.now(UTC) + timedelta(seconds=RETRY_SECONDS)
        while True:
            try:
                answer = self._http.post(path, **content)
                if answer.status_code == 200:
                    with self._progress:
                        self._answered += 1
                        self._progress.notify_all()
                    return answer
                assert answer.status_code == 503, answer.text
            except httpx.TransportError:
                pass  # killed, or not up again
            assert datetime.now(UTC) < deadline, 'the program does not come back'
            threading.Event().wait(0.05)

    def wait_for(self, answers: int) -> None:
        """Wait until so many requests have been answered."""
        with self._progress:
            assert self._progress.wait_for(lambda: self._answered >= answers, RETRY_SECONDS)


def message_json(sent: SentMessage) -> dict[str, str]:
    return {
        'id': str(sent.id),
        'recipient_name': 'Королёв Иван Петрович',
        'phone': '+79990000001',
        'organization': f'ГБУЗ МО «Больница {sent.id.int % 3}»',
        'kind': 'Напоминание',
        'text': 'Ждём Вас завтра',
        'cost': f'{sent.cost / 100:.2f}',
        'queued_at': sent.queued_at.isoformat(),
    }


def shuffled_reports(sender: ApiClient, day: Sequence[SentMessage], rng: random.Random) -> list[tuple[Any, ...]]:
    """Return all reports of the day, some of them twice, in random order."""
    calls: list[tuple[Any, ...]] = [(sender.submit, day[start : start + BATCH]) for start in range(0, len(day), BATCH)]
    # Receipts run ahead of their messages; what a provider calls a message is told once that has come.
    for sent in day:
        calls += [(sender.report, sent, at, what) for at, what in sent.reports]
    calls += rng.sample(calls, len(calls) // 4)
    rng.shuffle(calls)
    return calls


def kill_repeatedly(program: Program, sender: ApiClient, answer_counts: Sequence[int]) -> None:
    """Kill the program after every so many responses, and start it again."""
    for answers in answer_counts:
        sender.wait_for(answers)
        os.kill(program.process_id, signal.SIGKILL)
        program.stop()
        program.start()


def test_no_acknowledged_message_or_receipt_is_lost_by_crashes(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    dice = random.Random(SEED)
    day = random_day(dice)
    keys = '{"smsc": "secret-0123456789"}'
    with Program(tmp_path, database_url, JOURNAL_RECEIPT_KEYS=keys, JOURNAL_API_RATE='60000') as program:
        token = program.run('token', 'add', 'mailer').stdout.split()[-1]
        with closing(ApiClient(program.url, token)) as sender, ThreadPoolExecutor(7) as threads:
            calls = shuffled_reports(sender, day, dice)
            moments = sorted(dice.sample(range(len(calls)), KILL_COUNT))
            killing = threads.submit(kill_repeatedly, program, sender, moments)
            for done in [threads.submit(*call) for call in calls]:
                done.result()
            for done in [
                threads.submit(sender.report_provider_id, sent) for sent in day if sent.provider_id != str(sent.id)
            ]:
                done.result()
            killing.result()
    kept = database.read_sync(
        lambda session: session.execute(text('SELECT id, status, cost, sent_at FROM message').columns(id=UuidKey)).all()
    )
    assert sorted((row.id, row.cost) for row in kept) == sorted((sent.id, sent.cost) for sent in day)
    ends = {row.id: (MessageStatus(row.status), _moment(row.sent_at)) for row in kept}
    assert {sent.id: ends[sent.id] for sent in day} == {sent.id: sent.final_state() for sent in day}
    assert stored_totals(database) == recounted_totals(database)
    early = database.read_sync(lambda session: session.execute(text('SELECT count(*) FROM early_receipt')).scalar_one())
    assert early == 0


def _moment(stored: Any) -> datetime | None:
    return datetime.fromtimestamp(stored, UTC) if isinstance(stored, int) else stored
