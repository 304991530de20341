"""Tells every open page what changed in the database, whoever changed it.

One watcher a process, however many pages are open: it waits for the database to say that something was committed, looks
once what that was, and tells each page what concerns it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Protocol

from sqlalchemy import func, select
from sqlmodel import Session, SQLModel

from models.column_types import roubles
from models.message import MessageStatus
from models.total import Scale
from services.balance.balance_source import Balance, BalanceSource
from services.database.change_listener import Changes
from services.database.engine import Database
from services.lists.query_protocol import Busy, Unavailable
from services.messages.message_query import MessageQuery, MessageRow
from services.messages.message_service import Messages
from services.tasks import cancel_and_wait

PAUSE = 0.5
"""Seconds between two looks at a database that changes all the time: a change is on every page within two (S16)."""
UNASKED = 5.0
"""Seconds after which it is looked at though nobody said that it changed: the balance may come from elsewhere."""
PATIENCE = 5.0
"""Seconds after which a database that has not given the foot is said not to answer."""

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


class Follower(Protocol):
    """A page that shows rows."""

    @property
    def shown(self) -> Collection[str]:
        """The keys of the rows that it shows."""

    @property
    def asked(self) -> MessageQuery | None:
        """What it was asked for; None before the first search."""

    def follow(self, rows: Mapping[str, MessageRow], new: int) -> None:
        """Hear which of its rows have changed, and how many new messages fit what was asked."""


class Live:
    """One watcher for a whole process, however many pages are open."""

    def __init__(self, database: Database, balance: BalanceSource, messages: Messages) -> None:
        self._database = database
        self._balance = balance
        self._messages = messages
        self._changes = Changes(database.url)
        self._listeners: set[Callable[[Foot], None]] = set()
        self._followers: set[Follower] = set()
        self._others: list[Callable[[], Awaitable[None]]] = []
        self._watchers: set[Callable[[bool], None]] = set()
        self._seen: int | None = None
        self._due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.foot: Foot | None = None
        """The newest that is known; None until the first look."""
        self.answers = True
        """Whether the database answered when it was last looked at."""

    def subscribe(self, listener: Callable[[Foot], None]) -> Callable[[], None]:
        """Call `listener` in the event loop on every change from now on; the answer ends that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def follow(self, follower: Follower) -> Callable[[], None]:
        """Tell a page in the event loop of its rows from now on; the answer ends that."""
        self._followers.add(follower)
        return lambda: self._followers.discard(follower)

    def watch(self, watcher: Callable[[bool], None]) -> Callable[[], None]:
        """Call `watcher` in the event loop when the database stops answering or begins to; the answer ends that."""
        self._watchers.add(watcher)
        return lambda: self._watchers.discard(watcher)

    def join(self, look: Callable[[], Awaitable[None]]) -> None:
        """Call `look` too whenever the database is looked at: it tells pages of what this watcher knows nothing of."""
        self._others.append(look)

    async def start(self) -> None:
        """Look once, so that the first page has its foot, and go on looking."""
        await self.look()
        self._changes.start()
        self._tasks = [
            asyncio.create_task(self._watch(), name='watch of the database'),
            asyncio.create_task(self._watch_rows(), name='watch of the rows'),
        ]

    async def stop(self) -> None:
        """Stop looking."""
        self._changes.stop()
        await cancel_and_wait(*self._tasks)

    async def _watch(self) -> None:
        while True:
            await self._changes.wait(UNASKED)
            self._due.set()
            await self._look_at_foot()
            await asyncio.sleep(PAUSE)

    async def _watch_rows(self) -> None:
        """Look at rows beside the foot: what reads them may wait for slow searches, and the foot never does."""
        while True:
            await self._due.wait()
            self._due.clear()
            await self._look_at_rows()

    async def look(self) -> None:
        """Ask the database once, and tell everybody what concerns him."""
        await self._look_at_foot()
        await self._look_at_rows()

    async def _look_at_foot(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                foot = Foot(await self._database.read_beside(sent), await self._balance.ask())
        except (Unavailable, Busy, TimeoutError):
            self._say(answers=False)
            return
        self._say(answers=True)
        if foot == self.foot:
            return
        self.foot = foot
        for listener in tuple(self._listeners):
            tell(partial(listener, foot))

    def _say(self, *, answers: bool) -> None:
        if answers == self.answers:
            return
        self.answers = answers
        log.warning('the database answers again' if answers else 'the database does not answer; open pages say so')
        for watcher in tuple(self._watchers):
            tell(partial(watcher, answers))

    async def _look_at_rows(self) -> None:
        try:
            await self._look_at_messages()
            for look in self._others:
                await look()
        except (Unavailable, Busy):
            return  # they are looked at again soon, and what came meanwhile is then told

    async def _look_at_messages(self) -> None:
        if self._seen is None:
            self._seen = await self._messages.newest()
            return
        news = await self._messages.since(self._seen)
        if not (news.changed or news.created):  # no message: what a thousand pages show need not be looked at
            self._seen = news.number
            return
        followers = tuple(self._followers)
        shown = {key for follower in followers for key in follower.shown}
        ids = [id for id in news.changed if str(id) in shown]
        rows = await self._messages.lines(ids) if ids else {}
        queries = {follower.asked for follower in followers if follower.asked} if news.created else set()
        new = await self._messages.fitting(queries, news.created) if queries else {}
        self._seen = news.number
        for follower in followers:
            his = {key: row for key, row in rows.items() if key in follower.shown}
            count = new.get(follower.asked, 0) if follower.asked else 0
            if his or count:
                tell(partial(follower.follow, his, count))


def tell(call: Callable[[], None]) -> None:
    """Tell one page something; one that fails does not silence the others."""
    try:
        call()
    except Exception:
        log.exception('a page that follows the database failed')


def sent(session: Session) -> Decimal:
    """Add up what all sent messages cost, from the months kept ready."""
    return roubles(int(session.execute(SENT).scalar_one()))
