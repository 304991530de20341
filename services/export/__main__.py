"""An export in a process of its own, of low priority: what it takes from the machine nobody's search has to wait for.

What to export comes as JSON on the standard input, never on a command line that others can see. Each line of the
standard output tells how many rows are written; the last one how it ended.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session
from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]

from services.database.engine import Database
from services.errors import DatabaseError
from services.export.file_writers import write_csv, write_xlsx
from services.export.row_stream import stream_messages
from services.ingest.message_parsing import IncomingMessage
from services.lists.organizations import Organizations
from services.messages import query_params
from services.messages.search.query_shape import BoundQuery
from services.messages.search.selectivity import TokenSelectivity

NICENESS: Final = 10
PROGRESS_INTERVAL_SECONDS: Final = 0.2
"""Seconds between two lines of progress."""


def main() -> None:
    """Export what the standard input asks for."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _lower_priority()
    os.umask(0o077)
    request = json.load(sys.stdin)
    try:
        with closing(Database(request['database'])) as database:
            count = database.read_snapshot(lambda session: write_export(session, request))
    except DatabaseError:
        _report(failed='database')
    except (OSError, FileCreateError):
        _report(failed='disk')
    except KeyboardInterrupt:
        sys.exit(1)
    except Exception as error:
        # What an exception says may hold what a patient is called; where it was raised does not.
        kind = f'{type(error).__module__}.{type(error).__qualname__}'
        _report(failed='fault', trace=f'{kind}\n{"".join(traceback.format_tb(error.__traceback__))}')
    else:
        _report(rows=count)


def _lower_priority() -> None:
    """Lower the priority of this process where the system allows it."""
    try:
        os.nice(NICENESS)
    except OSError as error:  # a sandbox may refuse the call, and an export at normal priority is better than none
        _report(priority=str(error))


def write_export(session: Session, request: Mapping[str, Any]) -> int:
    """Write the file that was ordered; give the number of its rows."""
    zone, now = ZoneInfo(request['zone']), datetime.fromisoformat(request['now'])
    organizations = {each.id: each for each in Organizations.read(session)}
    query = query_params.from_params(request['words'], organizations, person=request['person']).query
    messages = _ProgressCounter(stream_messages(BoundQuery.bind(session, query, zone, TokenSelectivity(), now)))
    path = Path(request['path'])
    if path.suffix == '.csv':
        write_csv(path, messages, zone, now=now)
    else:
        write_xlsx(path, messages, zone)
    return messages.count


class _ProgressCounter:
    """Messages on their way; tells how many have passed."""

    def __init__(self, messages: Iterator[IncomingMessage]) -> None:
        self._messages = messages
        self.count = 0

    def __iter__(self) -> Iterator[IncomingMessage]:
        reported_at = time.monotonic()
        for message in self._messages:
            yield message
            self.count += 1
            if self.count % 100 == 0 and time.monotonic() - reported_at > PROGRESS_INTERVAL_SECONDS:
                reported_at = time.monotonic()
                _report(progress=self.count)


def _report(**fields: Any) -> None:
    sys.stdout.write(f'{json.dumps(fields)}\n')
    sys.stdout.flush()


if __name__ == '__main__':
    main()
