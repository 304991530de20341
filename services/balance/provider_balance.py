"""The balance as a provider reports it: requested once a minute; the last known amount is stored with its time."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
from sqlmodel import Session

from models import ProviderBalance
from services.balance.balance_client import fetch_balance
from services.balance.balance_source import Balance
from services.database.engine import Database
from services.errors import DatabaseError
from services.providers.provider import BalanceAccount, ProviderUnavailableError

REFRESH_INTERVAL = timedelta(minutes=1)
"""Time between two requests, however many pages are open."""
ZERO_TIME = timedelta(0)
"""A negative interval means that the clock was set back; the next request must not wait for the clock to catch up."""
STALE_AFTER = timedelta(minutes=10)
"""Age after which an amount is no longer current, even if no request has failed."""
FIRST_ANSWER_TIMEOUT = 0.5
"""Seconds to wait for a response; a page must not wait longer for a slow provider."""

log = logging.getLogger(__name__)


class ProviderBalanceSource:
    """A balance source that requests the balance from a provider."""

    def __init__(
        self,
        account: BalanceAccount,
        database: Database,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Create the source.

        Args:
            account: the account at the provider.
            database: where the last known balance is stored.
            now: returns the current time (aware).
            transport: replaces the network in tests.
        """
        self._account = account
        self._database = database
        self._now = now
        self._http = httpx.AsyncClient(transport=transport, timeout=None, trust_env=True)
        self._balance: Balance | None = None
        self._requested_at: datetime | None = None
        self._request_task: asyncio.Task[None] | None = None
        self._is_failing = False

    async def get_balance(self) -> Balance:
        """Return the last known balance, and start a request if the last one is older than REFRESH_INTERVAL."""
        if self._balance is None:
            stored = await self._database.read_priority(self._load_stored)
            # Another call may have set the balance during the read.
            self._balance = self._balance or stored
        now = self._now()
        if self._request_task is None and self._is_refresh_due(now):
            self._requested_at = now
            self._request_task = asyncio.create_task(self._refresh())
            await asyncio.wait([self._request_task], timeout=FIRST_ANSWER_TIMEOUT)
        balance = self._balance
        if balance.available and balance.as_of and now - balance.as_of > STALE_AFTER:
            return Balance(balance.amount, balance.as_of, available=False)
        return balance

    async def close(self) -> None:
        """Cancel the running request and close the connections."""
        if self._request_task:
            self._request_task.cancel()
        await self._http.aclose()

    def _is_refresh_due(self, now: datetime) -> bool:
        return self._requested_at is None or not ZERO_TIME <= now - self._requested_at < REFRESH_INTERVAL

    async def _refresh(self) -> None:
        assert self._balance is not None
        try:
            amount = await fetch_balance(self._account, self._http)
        except ProviderUnavailableError as reason:
            self._balance = Balance(self._balance.amount, self._balance.as_of, available=False)
            if not self._is_failing:
                log.warning('%s gives no balance: %s', self._account.name, reason)
            self._is_failing = True
        else:
            if self._is_failing:
                log.warning('%s gives the balance again', self._account.name)
            self._is_failing = False
            now = self._now().replace(microsecond=0)
            self._balance = Balance(amount, now, available=True)
            await self._store(amount, now)
        finally:
            self._request_task = None

    async def _store(self, amount: Decimal, now: datetime) -> None:
        row = ProviderBalance(provider=self._account.name, amount=amount, as_of=now)
        try:
            await self._database.write(lambda session: session.merge(row))
        except DatabaseError:
            log.warning('the balance was not kept: the database does not answer')

    def _load_stored(self, session: Session) -> Balance:
        row = session.get(ProviderBalance, self._account.name)
        return Balance(row.amount, row.as_of, available=False) if row else Balance(None, None, available=False)


class UnknownBalanceSource:
    """The balance source of an installation that reads no balance: the balance is always unknown."""

    async def get_balance(self) -> Balance:
        """See BalanceSource."""
        return Balance(None, None, available=False)
