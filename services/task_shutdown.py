"""Stop background tasks within a limited time, so that a stop of the program always comes to its end."""

import asyncio
import logging
from typing import Any, Final

STOP_WITHIN: Final = 2.0
"""Seconds that one stop waits for its tasks; all stops together stay below TimeoutStopSec of the systemd unit."""
CANCEL_AGAIN: Final = 0.25
"""Seconds after which a task that goes on in spite of its cancellation is cancelled again."""

log = logging.getLogger(__name__)


async def cancel_and_wait(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they have ended; log those that fail or do not end in time, and raise nothing."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + STOP_WITHIN
    running = set(tasks)
    while running and clock() < deadline:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=CANCEL_AGAIN)
    for task in tasks:
        if task in running:
            log.error('%s does not stop', task.get_name())
        elif not task.cancelled() and (error := task.exception()):
            log.error('%s had failed', task.get_name(), exc_info=error)
