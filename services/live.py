"""Tells every open page what changed in the database, whoever changed it."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlmodel import Session, SQLModel

from models.columns import roubles
from models.message import MessageStatus
from models.total import Scale
from services.balance import Balance, BalanceSource
from services.database import Database
from services.query import Busy, Unavailable

INTERVAL = 1.0
"""Seconds between two looks at the database: a change is on every page within two (spec S16)."""

log = logging.getLogger(__name__)
total = SQLModel.metadata.tables['total']

SENT = select(func.coalesce(func.sum(total.c.kopecks), 0)).where(
    total.c.organization_id == 0, total.c.scale == Scale.MONTH, total.c.status == MessageStatus.SENT
)


@dataclass(frozen=True)
class Foot:
    """What stands at the foot of the journal (spec S16)."""

    sent: Decimal
    """Roubles, for all messages ever sent."""
    balance: Balance


class Live:
    """One watcher for a whole process, however many pages are open."""

    def __init__(self, database: Database, balance: BalanceSource) -> None:
        self._database = database
        self._balance = balance
        self._listeners: set[Callable[[Foot], None]] = set()
        self._task: asyncio.Task[None] | None = None
        self.foot: Foot | None = None
        """The newest that is known; None until the first look."""

    def subscribe(self, listener: Callable[[Foot], None]) -> Callable[[], None]:
        """Call `listener` in the event loop on every change from now on; the answer ends that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def start(self) -> None:
        """Look once, so that the first page has its foot, and go on looking."""
        await self.look()
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Stop looking."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            await self.look()

    async def look(self) -> None:
        """Ask the database once, and tell everybody if something changed."""
        try:
            foot = Foot(await self._database.read(sent), await self._balance.ask())
        except (Unavailable, Busy):
            log.warning('the database does not answer; the foot of the journal stays as it was')
            return
        if foot == self.foot:
            return
        self.foot = foot
        for listener in tuple(self._listeners):
            try:
                listener(foot)
            except Exception:
                log.exception('a listener of the live foot failed')


def sent(session: Session) -> Decimal:
    """Add up what all sent messages cost, from the months kept ready."""
    return roubles(int(session.execute(SENT).scalar_one()))
