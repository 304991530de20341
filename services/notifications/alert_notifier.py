"""Notifies people of alerts who have no page open: each is announced once, and its end too.

Every node checks the alerts; what was announced is in the database, so that one node announces it, also over restarts.
A notification is sent again if a node dies between sending it and noting that it was sent.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from services.database.engine import Database
from services.errors import DatabaseError
from services.notifications.notice import Channel, Notice, NoticeNotSentError
from services.notifications.notice_queue import (
    claim_due_notices,
    delete_notice,
    has_due_notices,
    read_changes,
    write_changes,
)
from services.overview.alert_model import Findings
from services.task_shutdown import cancel_and_wait

INTERVAL_SECONDS: Final = 15.0
"""Seconds between two looks for notifications to send."""

log = logging.getLogger(__name__)


class AlertNotifier:
    """The notifications of one node."""

    def __init__(
        self,
        database: Database,
        channels: Sequence[Channel],
        now: Callable[[], datetime],
        *,
        origin: str = '',
        interval: float = INTERVAL_SECONDS,
    ) -> None:
        """Send through `channels`; without any, nothing is read or written.

        Args:
            database: the database.
            channels: the channels that the settings name.
            now: returns the current time (aware).
            origin: the URL of the journal for links, without a path; empty if it is not known.
            interval: seconds between two looks for notifications to send.
        """
        self._database = database
        self._channels = {channel.name: channel for channel in channels}
        self._now = now
        self._origin = origin
        self._interval = interval
        self._failing: set[str] = set()
        self._is_due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Send notifications until `stop`."""
        if self._channels:
            self._task = asyncio.create_task(self._run(), name='notifications of alerts')

    async def stop(self) -> None:
        """End the task."""
        if self._task:
            await cancel_and_wait(self._task)

    async def record(self, findings: Findings) -> None:
        """Note after a check which alerts hold and which do not, and queue notifications of what has changed.

        Args:
            findings: what the check has found.

        Raises:
            DatabaseError: see services.errors; the next check records the same.
        """
        if not self._channels:
            return
        now = self._now()
        if await self._database.read(lambda session: read_changes(session, findings, now)):
            await self._database.write(lambda session: write_changes(session, findings, tuple(self._channels), now))
            self._is_due.set()

    async def send_due(self) -> None:
        """Send the notifications that are due; a failure is logged once, and the notification is sent later.

        Raises:
            DatabaseError: see services.errors.
        """
        now = self._now()
        if not await self._database.read(lambda session: has_due_notices(session, now)):
            return
        for due in await self._database.write(lambda session: claim_due_notices(session, now)):
            channel = self._channels.get(due.channel)
            # A channel that the settings name no more is forgotten.
            if channel is None or await self._send(channel, due.notice):
                await self._database.write(partial(delete_notice, number=due.number))

    async def _send(self, channel: Channel, notice: Notice) -> bool:
        try:
            await channel.send(replace(notice, url=f'{self._origin}{notice.url}' if self._origin else ''))
        except NoticeNotSentError as error:
            if channel.name not in self._failing:
                self._failing.add(channel.name)
                log.warning('alerts cannot be sent by %s (%s); they are sent later', channel.name, error)
            return False
        if channel.name in self._failing:
            self._failing.discard(channel.name)
            log.warning('alerts are sent by %s again', channel.name)
        return True

    async def _run(self) -> None:
        while True:
            self._is_due.clear()
            try:
                await self.send_due()
            except DatabaseError:
                pass  # the next look sends the same
            except Exception:
                log.exception('the notifications of alerts cannot be sent')
            try:
                async with asyncio.timeout(self._interval):
                    await self._is_due.wait()
            except TimeoutError:
                pass
