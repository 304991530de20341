"""Asks a provider in the background for the statuses of messages, and records the answers as its receipts."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Final, Protocol

import httpx

from services.balance.provider_client import fetch
from services.database.engine import Database
from services.errors import DatabaseError
from services.ingest.ingest_queue import IngestQueue
from services.providers.provider import Provider, ProviderUnavailableError, StatusAccount, StatusAnswer
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
    """Counts a question to a provider."""

    def __call__(self, provider: str, outcome: str) -> None:
        """Count it by its outcome: `answered`, `unknown`, `refused` or `failed`."""


@dataclass(frozen=True)
class PolledAccount:
    """The provider that is asked, and how."""

    provider: Provider
    account: StatusAccount
    login: str
    zone: tzinfo
    """The time zone of local times in its answers."""
    schedule: PollSchedule


class StatusPoller:
    """The questions of one node."""

    def __init__(
        self,
        database: Database,
        ingest: IngestQueue,
        codes: ProviderCodes,
        polled: PolledAccount | None,
        now: Callable[[], datetime],
        *,
        count: CountPoll = lambda provider, outcome: None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """Ask the provider of `polled`; without one, nothing is read or written.

        Args:
            database: the database.
            ingest: records the answers.
            codes: the meaning of the provider's codes.
            polled: the provider.
            now: returns the current time (aware).
            count: counts each question.
            timeout_seconds: the time limit of an answer.
        """
        self._database = database
        self._ingest = ingest
        self._codes = codes
        self._polled = polled
        self._now = now
        self._count = count
        self._timeout_seconds = timeout_seconds
        self._back_off = timedelta(0)
        self._resumes_at: datetime | None = None
        self._is_refused = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Ask until `stop`."""
        if self._polled:
            self._task = asyncio.create_task(self._run(self._polled), name='statuses of messages')

    async def stop(self) -> None:
        """End the task."""
        if self._task:
            await cancel_and_wait(self._task)

    async def ask_due(self) -> None:
        """Ask for the messages that are due, at most POLLS_PER_ROUND.

        Raises:
            DatabaseError: see services.errors; what was not recorded is asked for again.
        """
        polled, now = self._polled, self._now()
        # A clock that was set back must not prolong the pause.
        if polled is None or (self._resumes_at and self._resumes_at - self._back_off <= now < self._resumes_at):
            return
        key = polled.provider.key
        if not await self._database.read(lambda session: has_work(session, key, now)):
            return
        due = await self._database.write_priority(
            lambda session: claim_polls(session, key, polled.login, polled.schedule, now)
        )
        if not due:
            return
        # One client for a round: the connection is used again, and none stays open between the rounds.
        async with httpx.AsyncClient(timeout=None) as http:
            while due:
                group, due = due[:CONCURRENT_REQUESTS], due[CONCURRENT_REQUESTS:]
                if not await self._ask_group(polled, group, http):
                    until = self._note_failure()
                    await self._database.write_priority(partial(postpone, polls=[*group, *due], until=until))
                    return

    async def _ask_group(self, polled: PolledAccount, group: list[DuePoll], http: httpx.AsyncClient) -> bool:
        """Ask for some messages at once and record the answers; return whether the provider has answered at all."""
        results = await asyncio.gather(*(self._ask(polled, each, http) for each in group), return_exceptions=True)
        receipts, reasons = [], []
        for each, result in zip(group, results, strict=True):
            if isinstance(result, ProviderUnavailableError):
                reasons.append(str(result))
                self._count(polled.provider.key, 'failed')
            elif isinstance(result, BaseException):
                raise result
            elif result.report:
                self._count(polled.provider.key, 'answered')
                receipts.append(
                    to_receipt(
                        polled.provider,
                        result.report,
                        self._codes,
                        self._now(),
                        zone=polled.zone,
                        account=each.account,
                    )
                )
            else:
                self._count(polled.provider.key, 'refused' if result.error else 'unknown')
                self._log_refusal(polled, result.error)
        await self._ingest.add_receipts(receipts)
        if len(reasons) == len(group):
            self._log_failure(polled, reasons[0])
            return False
        self._log_success(polled)
        now = self._now()
        await self._database.write_priority(lambda session: schedule_next(session, group, polled.schedule, now))
        return True

    async def _ask(self, polled: PolledAccount, due: DuePoll, http: httpx.AsyncClient) -> StatusAnswer:
        content = await fetch(polled.account.build_request(due.provider_id), http, self._timeout_seconds)
        return polled.account.parse_response(due.provider_id, content)

    def _note_failure(self) -> datetime:
        self._back_off = min(max(2 * self._back_off, FIRST_BACK_OFF), MAX_BACK_OFF)
        self._resumes_at = self._now() + self._back_off
        return self._resumes_at

    def _log_failure(self, polled: PolledAccount, reason: str) -> None:
        if not self._back_off:
            log.warning('%s does not answer status queries (%s); they are repeated later', polled.account.name, reason)

    def _log_refusal(self, polled: PolledAccount, error: str) -> None:
        """Log the first of several answers in a row that are errors."""
        if error and not self._is_refused:
            log.warning('%s answers a status query with error %s', polled.account.name, error)
        self._is_refused = bool(error)

    def _log_success(self, polled: PolledAccount) -> None:
        if self._back_off:
            log.warning('%s answers status queries again', polled.account.name)
        self._back_off, self._resumes_at = timedelta(0), None

    async def _run(self, polled: PolledAccount) -> None:
        while True:
            try:
                await self.ask_due()
            except DatabaseError:
                pass  # the next round asks for the same
            except Exception:
                log.exception('%s cannot be asked for statuses', polled.account.name)
            await asyncio.sleep(INTERVAL_SECONDS)
