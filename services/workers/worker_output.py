"""What a worker process does besides its work: it reads the request, reports as JSON lines, and hides personal data.

The request is JSON on standard input, because other users of the machine can see command lines. Each line of standard
output is a JSON object; the last one is the result, or has the key `failed`.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from services.database.file_permissions import make_new_files_private
from services.errors import DatabaseError, InvalidInputError

NICENESS: Final = 10
PROGRESS_INTERVAL_SECONDS: Final = 0.2
"""Seconds between two reports of progress."""


class WorkerFailure(StrEnum):
    """Why a worker has failed."""

    DATABASE = 'database'
    DISK = 'disk'
    INPUT = 'input'
    """The input is invalid; the report has a sentence for the user."""
    FAULT = 'fault'
    """An error in the program; the report has its trace."""


def run_work(work: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
    """Run `work` with the request, at low priority so that searches do not wait for it, and report its result."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _lower_priority()
    make_new_files_private()
    request = json.load(sys.stdin)
    try:
        result = work(request)
    except DatabaseError:
        report(failed=WorkerFailure.DATABASE)
    except InvalidInputError as error:
        report(failed=WorkerFailure.INPUT, sentence=str(error))
    except OSError:
        report(failed=WorkerFailure.DISK)
    except KeyboardInterrupt:
        sys.exit(1)
    except Exception as error:
        # The message of an exception may contain the name of a patient; its type and traceback do not.
        kind = f'{type(error).__module__}.{type(error).__qualname__}'
        trace = f'{kind}\n{"".join(traceback.format_tb(error.__traceback__))}'
        report(failed=WorkerFailure.FAULT, trace=trace)
    else:
        report(**result)


def report(**fields: Any) -> None:
    """Write a report."""
    sys.stdout.write(f'{json.dumps(fields)}\n')
    sys.stdout.flush()


class ProgressReporter:
    """Reports progress at most once in PROGRESS_INTERVAL_SECONDS."""

    def __init__(self) -> None:
        self._reported_at = time.monotonic()

    def __call__(self, progress: Any) -> None:
        """Report the progress, in whatever form the other side expects."""
        if time.monotonic() - self._reported_at > PROGRESS_INTERVAL_SECONDS:
            self._reported_at = time.monotonic()
            report(progress=progress)


def _lower_priority() -> None:
    try:
        os.nice(NICENESS)
    except OSError as error:  # a sandbox may forbid the call; work at normal priority is better than none
        report(priority=str(error))
