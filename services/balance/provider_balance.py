"""A provider's balance as pages see it: asked for once a minute, the last known kept with its time."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
from sqlmodel import Session

from models import ProviderBalance
from services.balance.balance_providers import NoBalance, Provider, ask
from services.balance.balance_source import Balance
from services.database.engine import Database
from services.lists.query_protocol import Busy, Unavailable

EVERY = timedelta(minutes=1)
"""Between two questions, however many pages are open."""
NEVER = timedelta(0)
"""A clock that was set back must not put the next question off by as much."""
OLD = timedelta(minutes=10)
"""After which an amount is called old, whatever became of the questions."""
PATIENCE = 0.5
"""Seconds that somebody waits for the first answer: nothing else should wait for a slow provider."""

log = logging.getLogger(__name__)


class Asked:
    """A source of balance that asks a provider."""

    def __init__(
        self,
        provider: Provider,
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
        self._known: Balance | None = None
        self._asked_at: datetime | None = None
        self._question: asyncio.Task[None] | None = None
        self._silent = False

    async def ask(self) -> Balance:
        """Give what is known, and see to it that the provider is asked when it is time; see BalanceSource."""
        if self._known is None:
            last = await self._database.read_beside(self._last)
            self._known = self._known or last  # another may have found out meanwhile
        now = self._now()
        if self._question is None and (self._asked_at is None or not NEVER <= now - self._asked_at < EVERY):
            self._asked_at = now
            self._question = asyncio.create_task(self._find_out())
            await asyncio.wait([self._question], timeout=PATIENCE)
        known = self._known
        if known.available and known.as_of and now - known.as_of > OLD:
            return Balance(known.amount, known.as_of, available=False)
        return known

    async def close(self) -> None:
        """Leave the question that is under way, and the connections."""
        if self._question:
            self._question.cancel()
        await self._http.aclose()

    async def _find_out(self) -> None:
        assert self._known is not None
        try:
            amount = await ask(self._provider, self._http)
        except NoBalance as reason:
            self._known = Balance(self._known.amount, self._known.as_of, available=False)
            if not self._silent:
                log.warning('%s gives no balance: %s', self._provider.name, reason)
            self._silent = True
        else:
            if self._silent:
                log.warning('%s gives the balance again', self._provider.name)
            self._silent = False
            now = self._now().replace(microsecond=0)
            self._known = Balance(amount, now, available=True)
            await self._keep(amount, now)
        finally:
            self._question = None

    async def _keep(self, amount: Decimal, now: datetime) -> None:
        row = ProviderBalance(provider=self._provider.name, amount=amount, as_of=now)
        try:
            await self._database.write(lambda session: session.merge(row))
        except (Unavailable, Busy):
            log.warning('the balance was not kept: the database does not answer')

    def _last(self, session: Session) -> Balance:
        row = session.get(ProviderBalance, self._provider.name)
        return Balance(row.amount, row.as_of, available=False) if row else Balance(None, None, available=False)


class Nobody:
    """No source: the balance is not known."""

    async def ask(self) -> Balance:
        """See BalanceSource."""
        return Balance(None, None, available=False)
