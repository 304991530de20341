"""Sends the deliveries of webhooks in the background: at least once, in order, with growing pauses after failures.

A delivery is sent again if a node dies between sending it and noting that it was accepted.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

import httpx

from services.database.engine import Database
from services.errors import DatabaseError
from services.keys.data_key import DataKey, DataKeyError
from services.task_shutdown import cancel_and_wait
from services.webhooks.delivery_queue import DueDelivery, claim_work, find_work, settle
from services.webhooks.http_post import NotAcceptedError, post
from services.webhooks.signature import signed_headers
from services.webhooks.webhooks import SECRET_PURPOSE

INTERVAL_SECONDS: Final = 15.0
"""Seconds between two looks for deliveries to repeat."""
TIMEOUT_SECONDS: Final = 10.0

log = logging.getLogger(__name__)


class WebhookSender:
    """The sender of one node."""

    def __init__(
        self,
        database: Database,
        data_key: DataKey,
        now: Callable[[], datetime],
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Send what is in `database`.

        Args:
            database: the database.
            data_key: decrypts the secrets.
            now: returns the current time (aware).
            transport: what sends the requests; None for the network.
        """
        self._database = database
        self._data_key = data_key
        self._now = now
        self._transport = transport
        self._failing: set[str] = set()
        self._is_due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Send deliveries until `stop`."""
        self._task = asyncio.create_task(self._run(), name='webhooks')

    async def stop(self) -> None:
        """End the task."""
        if self._task:
            await cancel_and_wait(self._task)

    async def poll(self) -> None:
        """Wake the sender, because the database has changed."""
        self._is_due.set()

    async def send_due(self) -> bool:
        """Send the deliveries that are due; return whether there may be more to do at once.

        Raises:
            DatabaseError: see services.errors.
        """
        now = self._now()
        work = await self._database.read(lambda session: find_work(session, now))
        if not work:
            return False
        claimed = await self._database.write_priority(lambda session: claim_work(session, work, now))
        failures = await asyncio.gather(*map(self._send, claimed))
        for due, failure in zip(claimed, failures, strict=True):
            await self._database.write_priority(partial(settle, due=due, failure=failure))
        return True

    async def _send(self, due: DueDelivery) -> str | None:
        """Send a delivery; return why it was not accepted, None if it was."""
        body = due.body.encode()
        try:
            secret = self._data_key.decrypt(SECRET_PURPOSE, due.secret)
            headers = signed_headers(secret, due.event_id, self._now(), body)
            await post(due.url, body, headers, seconds=TIMEOUT_SECONDS, transport=self._transport)
        except (NotAcceptedError, DataKeyError) as error:
            failure = str(error) if isinstance(error, NotAcceptedError) else type(error).__name__
            if due.webhook not in self._failing:
                self._failing.add(due.webhook)
                log.warning('webhook %s does not accept deliveries (%s); they are sent later', due.webhook, failure)
            return failure
        if due.webhook in self._failing:
            self._failing.discard(due.webhook)
            log.warning('webhook %s accepts deliveries again', due.webhook)
        return None

    async def _run(self) -> None:
        while True:
            self._is_due.clear()
            try:
                while await self.send_due():
                    pass
            except DatabaseError:
                pass  # the next look sends the same
            except Exception:
                log.exception('webhooks cannot be sent')
            try:
                async with asyncio.timeout(INTERVAL_SECONDS):
                    await self._is_due.wait()
            except TimeoutError:
                pass
