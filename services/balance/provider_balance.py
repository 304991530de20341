"""A provider's balance as pages see it: asked for once a minute, the last known kept with its time."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
from sqlmodel import Session

from models import ProviderBalance
from services.balance.balance_client import BalanceProvider, BalanceUnavailableError, fetch_balance
from services.balance.balance_source import Balance
from services.database.engine import Database
from services.errors import DatabaseError

REFRESH_INTERVAL = timedelta(minutes=1)
"""Between two questions, however many pages are open."""
ZERO_TIME = timedelta(0)
"""A clock that was set back must not put the next question off by as much."""
STALE_AFTER = timedelta(minutes=10)
"""After which an amount is called old, whatever became of the questions."""
FIRST_ANSWER_TIMEOUT = 0.5
"""Seconds that somebody waits for the first answer: nothing else should wait for a slow provider."""

log = logging.getLogger(__name__)


class ProviderBalanceSource:
    """A source of balance that asks a provider."""

    def __init__(
        self,
        provider: BalanceProvider,
        database: Database,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Ask `provider`; what it last said is kept in `database`. Another `transport` is for tests."""
        self._provider = provider
        self._database = database
        self._now = now
        self._http = httpx.AsyncClient(transport=transport, timeout=None, trust_env=True)
        self._balance: Balance | None = None
        self._requested_at: datetime | None = None
        self._request_task: asyncio.Task[None] | None = None
        self._is_failing = False

    async def get_balance(self) -> Balance:
        """Give what is known, and see to it that the provider is asked when it is time; see BalanceSource."""
        if self._balance is None:
            stored = await self._database.read_priority(self._load_stored)
            self._balance = self._balance or stored  # another may have found out meanwhile
        now = self._now()
        if self._request_task is None and (
            self._requested_at is None or not ZERO_TIME <= now - self._requested_at < REFRESH_INTERVAL
        ):
            self._requested_at = now
            self._request_task = asyncio.create_task(self._refresh())
            await asyncio.wait([self._request_task], timeout=FIRST_ANSWER_TIMEOUT)
        balance = self._balance
        if balance.available and balance.as_of and now - balance.as_of > STALE_AFTER:
            return Balance(balance.amount, balance.as_of, available=False)
        return balance

    async def close(self) -> None:
        """Leave the question that is under way, and the connections."""
        if self._request_task:
            self._request_task.cancel()
        await self._http.aclose()

    async def _refresh(self) -> None:
        assert self._balance is not None
        try:
            amount = await fetch_balance(self._provider, self._http)
        except BalanceUnavailableError as reason:
            self._balance = Balance(self._balance.amount, self._balance.as_of, available=False)
            if not self._is_failing:
                log.warning('%s gives no balance: %s', self._provider.name, reason)
            self._is_failing = True
        else:
            if self._is_failing:
                log.warning('%s gives the balance again', self._provider.name)
            self._is_failing = False
            now = self._now().replace(microsecond=0)
            self._balance = Balance(amount, now, available=True)
            await self._store(amount, now)
        finally:
            self._request_task = None

    async def _store(self, amount: Decimal, now: datetime) -> None:
        row = ProviderBalance(provider=self._provider.name, amount=amount, as_of=now)
        try:
            await self._database.write(lambda session: session.merge(row))
        except DatabaseError:
            log.warning('the balance was not kept: the database does not answer')

    def _load_stored(self, session: Session) -> Balance:
        row = session.get(ProviderBalance, self._provider.name)
        return Balance(row.amount, row.as_of, available=False) if row else Balance(None, None, available=False)


class UnknownBalanceSource:
    """No source: the balance is not known."""

    async def get_balance(self) -> Balance:
        """See BalanceSource."""
        return Balance(None, None, available=False)
