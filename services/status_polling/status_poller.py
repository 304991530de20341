"""Asks a provider in the background for the statuses of messages, and records the answers as its receipts."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Final, Protocol

import httpx

from services.database.engine import Database
from services.errors import DatabaseError
from services.ingest.ingest_queue import IngestQueue
from services.ingest.message_ingest import Receipt
from services.providers.provider import Provider, ProviderUnavailableError, StatusAccount, StatusAnswer
from services.providers.provider_client import fetch
from services.receipts.delivery_report import DeliveryReport
from services.receipts.provider_codes import ProviderCodes
from services.receipts.receipt_mapping import to_receipt
from services.status_polling.poll_queue import (
    DuePoll,
    PollSchedule,
    claim_polls,
    has_work,
    postpone,
    schedule_next,
)
from services.task_shutdown import cancel_and_wait

INTERVAL_SECONDS: Final = 10.0
"""Seconds between two rounds."""
TIMEOUT_SECONDS: Final = 10.0
"""Seconds for one answer."""
CONCURRENT_REQUESTS: Final = 5
FIRST_BACK_OFF: Final = timedelta(minutes=1)
"""The pause after the provider has not answered; each further pause is twice as long, up to MAX_BACK_OFF."""
MAX_BACK_OFF: Final = timedelta(hours=1)

log = logging.getLogger(__name__)


class CountPoll(Protocol):
    """Counts the status queries to a provider."""

    def __call__(self, provider: str, outcome: str) -> None:
        """Count a query by its outcome: `answered`, `unknown`, `refused` or `failed`."""


@dataclass(frozen=True)
class PolledAccount:
    """The account at the provider that is polled, and when."""

    provider: Provider
    account: StatusAccount
    login: str
    zone: tzinfo
    """The time zone of local times in its answers."""
    schedule: PollSchedule


class StatusPoller:
    """Polls the provider from one node; the nodes share the queue of services.status_polling.poll_queue."""

    def __init__(
        self,
        database: Database,
        ingest: IngestQueue,
        codes: ProviderCodes,
        polled: PolledAccount,
        now: Callable[[], datetime],
        *,
        count: CountPoll = lambda provider, outcome: None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        interval_seconds: float = INTERVAL_SECONDS,
    ) -> None:
        """Poll the account `polled`.

        Args:
            database: the database.
            ingest: records the answers.
            codes: the meaning of the provider's codes.
            polled: the account.
            now: returns the current time (aware).
            count: counts each query.
            timeout_seconds: the time limit of an answer.
            interval_seconds: seconds between two rounds.
        """
        self._database = database
        self._ingest = ingest
        self._codes = codes
        self._polled = polled
        self._now = now
        self._count = count
        self._timeout_seconds = timeout_seconds
        self._interval_seconds = interval_seconds
        # Created once: reading the certificates of all authorities takes as long as many requests.
        self._http = httpx.AsyncClient(timeout=None)
        self._back_off = timedelta(0)
        self._resumes_at: datetime | None = None
        self._is_refused = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the task that polls until `stop`."""
        self._task = asyncio.create_task(self._run(), name='statuses of messages')

    async def stop(self) -> None:
        """End the task, and close the connections."""
        if self._task:
            await cancel_and_wait(self._task)
        await self._http.aclose()

    async def poll_due(self) -> None:
        """Poll the status of the messages that are due, at most POLLS_PER_ROUND.

        Raises:
            DatabaseError: see services.errors; statuses that were not recorded are polled again.
        """
        polled, now = self._polled, self._now()
        # A clock that was set back must not prolong the pause.
        if self._resumes_at and self._resumes_at - self._back_off <= now < self._resumes_at:
            return
        key = polled.provider.key
        if not await self._database.read(lambda session: has_work(session, key, now)):
            return
        due = await self._database.write_priority(
            lambda session: claim_polls(session, key, polled.login, polled.schedule, now)
        )
        while due:
            group, due = due[:CONCURRENT_REQUESTS], due[CONCURRENT_REQUESTS:]
            if not await self._poll_group(group):
                until = self._note_failure()
                await self._database.write_priority(partial(postpone, polls=[*group, *due], until=until))
                return

    async def _poll_group(self, group: list[DuePoll]) -> bool:
        """Poll some messages at once and record the answers; return whether the provider has answered any query."""
        results = await asyncio.gather(*(self._poll(each) for each in group), return_exceptions=True)
        receipts, reasons = [], []
        for each, result in zip(group, results, strict=True):
            if isinstance(result, ProviderUnavailableError):
                reasons.append(str(result))
                self._count(self._polled.provider.key, 'failed')
            elif isinstance(result, BaseException):
                raise result
            else:
                self._note_answer(result)
                if result.report:
                    receipts.append(self._to_receipt(each, result.report))
        await self._ingest.add_receipts(receipts)
        if len(reasons) == len(group):
            self._log_failure(reasons[0])
            return False
        self._log_success()
        now = self._now()
        await self._database.write_priority(lambda session: schedule_next(session, group, self._polled.schedule, now))
        return True

    async def _poll(self, due: DuePoll) -> StatusAnswer:
        content = await fetch(self._polled.account.build_request(due.provider_id), self._http, self._timeout_seconds)
        return self._polled.account.parse_response(due.provider_id, content)

    def _to_receipt(self, due: DuePoll, report: DeliveryReport) -> Receipt:
        polled = self._polled
        return to_receipt(polled.provider, report, self._codes, self._now(), zone=polled.zone, account=due.account)

    def _note_answer(self, answer: StatusAnswer) -> None:
        """Count an answer; log the first of several in a row that are errors."""
        outcome = 'answered' if answer.report else 'refused' if answer.error else 'unknown'
        self._count(self._polled.provider.key, outcome)
        if answer.error and not self._is_refused:
            log.warning('%s answers a status query with error %s', self._polled.account.name, answer.error)
        self._is_refused = bool(answer.error)

    def _note_failure(self) -> datetime:
        self._back_off = min(max(2 * self._back_off, FIRST_BACK_OFF), MAX_BACK_OFF)
        self._resumes_at = self._now() + self._back_off
        return self._resumes_at

    def _log_failure(self, reason: str) -> None:
        if not self._back_off:
            log.warning(
                '%s does not answer status queries (%s); they are repeated later', self._polled.account.name, reason
            )

    def _log_success(self) -> None:
        if self._back_off:
            log.warning('%s answers status queries again', self._polled.account.name)
        self._back_off, self._resumes_at = timedelta(0), None

    async def _run(self) -> None:
        while True:
            try:
                await self.poll_due()
            except DatabaseError:
                pass  # the next round polls the same messages
            except Exception:
                log.exception('%s cannot be asked for statuses', self._polled.account.name)
            await asyncio.sleep(self._interval_seconds)
