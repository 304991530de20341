"""Runs a worker process and reads its reports; see services.workers.worker_output."""

import asyncio
import json
import logging
import secrets
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final, TypeAlias

from services import texts
from services.errors import JournalError
from services.program_folders import PROJECT_ROOT

log = logging.getLogger(__name__)

TERMINATION_GRACE_SECONDS: Final = 2.0
"""Seconds between SIGTERM and SIGKILL for a cancelled worker."""
WorkerRunner: TypeAlias = Callable[[str, Mapping[str, Any], Callable[[Any], None]], Awaitable[dict[str, Any]]]
"""Runs a module with a request and reports its progress, as `run_worker` does."""
CAUSES: Final = {'disk': texts.WORKER_DISK_FULL, 'database': texts.DATABASE_DOWN_RETRY}


class WorkerError(JournalError):
    """A worker process has failed; the message is for the user and says why."""


async def run_worker(module: str, request: Mapping[str, Any], on_progress: Callable[[Any], None]) -> dict[str, Any]:
    """Run a module as a process and return its result; if this call is cancelled, the process is terminated.

    Args:
        module: the package with a `__main__` that calls run_work.
        request: what the process reads.
        on_progress: called with each progress that it reports.

    Raises:
        WorkerError: it failed. An error in the program is logged with its trace and a reference number.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, '-m', module, cwd=PROJECT_ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(request).encode())
        process.stdin.close()
        last_report: dict[str, Any] = {'failed': ''}
        async for line in process.stdout:
            report = json.loads(line)
            if 'progress' in report:
                on_progress(report['progress'])
            elif 'priority' in report:
                log.debug('a worker runs at normal priority: %s', report['priority'])
            else:
                last_report = report
        await process.wait()
    finally:
        await asyncio.shield(_terminate(process))
    if 'failed' in last_report:
        raise WorkerError(_failure_cause(module, last_report, process.returncode))
    return last_report


def _failure_cause(module: str, report: Mapping[str, Any], returncode: int | None) -> str:
    cause = report.get('sentence') or CAUSES.get(report['failed'])
    if cause is None:
        reference = secrets.token_hex(3).upper()
        log.error('%s failed, reference %s: %s', module, reference, report.get('trace', returncode))
        cause = texts.WORKER_FAULT.format(reference=reference)
    return str(cause)


async def _terminate(process: asyncio.subprocess.Process) -> None:
    """Terminate a process with SIGTERM, and with SIGKILL after the grace period."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
        try:
            async with asyncio.timeout(TERMINATION_GRACE_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
