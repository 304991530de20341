"""Cancellation of background tasks within a time limit, so that stopping the program always completes."""

import asyncio
import logging
from typing import Any, Final

STOP_WITHIN: Final = 2.0
"""Seconds for which one stop waits for its tasks; all stops together stay below TimeoutStopSec of the systemd unit."""
CANCEL_AGAIN: Final = 0.25
"""Seconds after which a task that is still running is cancelled again."""

log = logging.getLogger(__name__)


async def cancel_and_wait(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they have ended.

    Tasks that failed or do not end within STOP_WITHIN seconds are logged; no exception is raised for them.
    """
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
        elif not task.cancelled() and task.exception():
            log.error('%s had failed', task.get_name(), exc_info=task.exception())
