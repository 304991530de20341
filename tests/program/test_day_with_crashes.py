"""A whole day of messages and receipts through the interface, with the program killed again and again."""

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
from tests.helpers.totals_recount import recounted, totals

WAITING, SENT, FAILED = MessageStatus.WAITING, MessageStatus.SENT, MessageStatus.FAILED
MORNING = datetime(2026, 11, 20, 5, tzinfo=UTC)
MESSAGES = 240
BATCH = 20
LOST = 0.1
"""The share of receipts that never reach the journal."""
KILLS = 4
SEED = 20261120
CODES = {SENT: ('0', ''), 'arrived': ('1', ''), FAILED: ('20', '6')}
"""What SMSC.ru says of a message that an operator has, that arrived, that could not be delivered; with the error."""
PATIENCE = 60
"""Seconds that a sender keeps trying: a start takes some."""


@dataclass
class Sent:
    """A message as its sender knows it, and all that he and the provider will tell of it."""

    id: UUID
    cost: int
    """Kopecks."""
    queued_at: datetime
    called: str
    """What the provider calls it: its own id, or a name that the sender tells of."""
    reports: list[tuple[datetime, object]] = field(default_factory=list)
    """When what happened, as the provider says."""

    def end(self) -> tuple[MessageStatus, datetime | None]:
        """Give the status and the time of sending that follow from the facts: the newest decides."""
        if not self.reports:
            return WAITING, None
        handed_over = min(at for at, what in self.reports if what != FAILED) if self._handed_over() else None
        return (FAILED, None) if max(self.reports)[1] == FAILED else (SENT, handed_over)

    def _handed_over(self) -> bool:
        return any(what != FAILED for _, what in self.reports)


def a_day(dice: random.Random) -> list[Sent]:
    """Make up messages; some are handed over only, some arrive, some fail, of some nothing is heard."""
    day = []
    for number in range(MESSAGES):
        id = UUID(int=dice.getrandbits(128), version=4)
        queued = MORNING + timedelta(seconds=dice.randrange(40_000))
        sent = Sent(id, dice.randrange(0, 500), queued, str(id) if number % 2 else f'2026-{number}')
        handed_over = queued + timedelta(seconds=dice.randrange(5, 50))
        heard: list[tuple[datetime, object]] = [(handed_over, SENT)]
        if dice.random() < 0.7:
            last = 'arrived' if dice.random() < 0.7 else FAILED
            heard.append((handed_over + timedelta(seconds=dice.randrange(1, 9_000)), last))
        sent.reports = [report for report in heard if dice.random() > LOST]
        day.append(sent)
    return day


class Sender:
    """A mailing system and a provider: each goes on asking until it is answered."""

    def __init__(self, url: str, token: str) -> None:
        self._answered, self._progress = 0, threading.Condition()
        self._http = httpx.Client(base_url=f'{url}/api/v1', headers={'Authorization': f'Bearer {token}'}, timeout=10)

    def hand_over(self, messages: Sequence[Sent]) -> None:
        """Hand messages over as they were queued."""
        outcomes = self._post('/messages', json=[_message(sent) for sent in messages]).json()
        assert {one['outcome'] for one in outcomes} <= {'created', 'unchanged'}, outcomes

    def name(self, sent: Sent) -> None:
        """Say what the provider calls a message, with the moment at which it was queued there."""
        told = {'status': 'pending', 'at': sent.queued_at.isoformat(), 'provider': 'smsc', 'provider_id': sent.called}
        self._post(f'/messages/{sent.id}/status', json=told)

    def report(self, sent: Sent, at: datetime, what: object) -> None:
        """Report as SMSC.ru does."""
        status, error = CODES[what]
        form = {'id': sent.called, 'phone': '79990000001', 'status': status, 'err': error, 'ts': int(at.timestamp())}
        self._post('/receipts/smsc?key=secret', data=form)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def _post(self, path: str, **content: Any) -> httpx.Response:
        deadline = datetime.now(UTC) + timedelta(seconds=PATIENCE)
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
            assert self._progress.wait_for(lambda: self._answered >= answers, PATIENCE)


def _message(sent: Sent) -> dict[str, str]:
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


def told(sender: Sender, day: Sequence[Sent], dice: random.Random) -> list[tuple[Any, ...]]:
    """Give all that is told in the course of the day, some of it twice, in an order of its own."""
    calls: list[tuple[Any, ...]] = [
        (sender.hand_over, day[start : start + BATCH]) for start in range(0, len(day), BATCH)
    ]
    # Receipts run ahead of their messages; what a provider calls a message is told once that has come.
    for sent in day:
        calls += [(sender.report, sent, at, what) for at, what in sent.reports]
    calls += dice.sample(calls, len(calls) // 4)
    dice.shuffle(calls)
    return calls


def kill_now_and_then(program: Program, sender: Sender, moments: Sequence[int]) -> None:
    """Kill the program, as the kernel would, whenever so many requests have been answered, and start it again."""
    for answers in moments:
        sender.wait_for(answers)
        os.kill(program.process_id, signal.SIGKILL)
        program.stop()
        program.start()


def test_nothing_accepted_is_lost_whenever_the_program_dies(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    dice = random.Random(SEED)
    day = a_day(dice)
    keys = '{"smsc": "secret"}'
    with Program(tmp_path, database_url, JOURNAL_RECEIPT_KEYS=keys, JOURNAL_API_RATE='60000') as program:
        token = program.run('token', 'add', 'mailer').stdout.split()[-1]
        with closing(Sender(program.url, token)) as sender, ThreadPoolExecutor(7) as threads:
            calls = told(sender, day, dice)
            moments = sorted(dice.sample(range(len(calls)), KILLS))
            killing = threads.submit(kill_now_and_then, program, sender, moments)
            for done in [threads.submit(*call) for call in calls]:
                done.result()
            for done in [threads.submit(sender.name, sent) for sent in day if sent.called != str(sent.id)]:
                done.result()
            killing.result()
    kept = database.read_now(
        lambda session: session.execute(text('SELECT id, status, cost, sent_at FROM message').columns(id=UuidKey)).all()
    )
    assert sorted((row.id, row.cost) for row in kept) == sorted((sent.id, sent.cost) for sent in day)
    ends = {row.id: (MessageStatus(row.status), _moment(row.sent_at)) for row in kept}
    assert {sent.id: ends[sent.id] for sent in day} == {sent.id: sent.end() for sent in day}
    assert totals(database) == recounted(database)
    early = database.read_now(lambda session: session.execute(text('SELECT count(*) FROM early_receipt')).scalar_one())
    assert early == 0


def _moment(stored: Any) -> datetime | None:
    return datetime.fromtimestamp(stored, UTC) if isinstance(stored, int) else stored
