"""The export process, of low priority, so that searches do not wait for it.

It reads the request as JSON from standard input, because other users of the machine can see command lines. It reports
the progress as JSON lines on standard output; the last line is the result.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session
from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]

from services.audit.shown_rows import MAX_EXPORTED_KEYS
from services.database.engine import Database
from services.database.file_permissions import make_new_files_private
from services.dictionaries.dictionary_snapshot import DictionarySnapshot
from services.errors import DatabaseError
from services.export.export_jobs import KEYS_FILE
from services.export.file_writers import write_csv, write_xlsx
from services.export.row_stream import stream_messages
from services.ingest.message_parsing import IncomingMessage
from services.messages import query_params
from services.messages.delivery import DeliveryTimeouts
from services.messages.search.query_shape import BoundQuery
from services.messages.search.selectivity import TokenSelectivity

NICENESS: Final = 10
PROGRESS_INTERVAL_SECONDS: Final = 0.2
"""Seconds between two lines of progress."""


def main() -> None:
    """Run the export requested on standard input."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _lower_priority()
    make_new_files_private()
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
        # The message of an exception may contain the name of a patient; its type and traceback do not.
        kind = f'{type(error).__module__}.{type(error).__qualname__}'
        _report(failed='fault', trace=f'{kind}\n{"".join(traceback.format_tb(error.__traceback__))}')
    else:
        _report(rows=count)


def _lower_priority() -> None:
    """Lower the priority of this process where the system allows it."""
    try:
        os.nice(NICENESS)
    except OSError as error:  # a sandbox may forbid the call; an export at normal priority is better than none
        _report(priority=str(error))


def write_export(session: Session, request: Mapping[str, Any]) -> int:
    """Write the requested file and return the number of its rows."""
    zone, now = ZoneInfo(request['zone']), datetime.fromisoformat(request['now'])
    dictionaries = DictionarySnapshot.read(session)
    query = query_params.from_params(request['words'], dictionaries, person=request['person']).query
    timeouts = DeliveryTimeouts(
        **{name: timedelta(seconds=seconds) for name, seconds in request.get('timeouts', {}).items()}
    )
    bound_query = BoundQuery.bind(session, query, zone, TokenSelectivity(), now, timeouts=timeouts)
    messages = _ProgressCounter(stream_messages(bound_query))
    path = Path(request['path'])
    if path.suffix == '.csv':
        write_csv(path, messages, zone, now=now)
    else:
        write_xlsx(path, messages, zone)
    if messages.count <= MAX_EXPORTED_KEYS:
        path.with_name(KEYS_FILE).write_bytes(b''.join(messages.first_keys))
    return messages.count


class _ProgressCounter:
    """Iterate over messages, count them, and report the progress."""

    def __init__(self, messages: Iterator[IncomingMessage]) -> None:
        self._messages = messages
        self.count = 0
        self.first_keys: list[bytes] = []
        """The ids of the first messages, at most MAX_EXPORTED_KEYS."""

    def __iter__(self) -> Iterator[IncomingMessage]:
        reported_at = time.monotonic()
        for message in self._messages:
            yield message
            self.count += 1
            if self.count <= MAX_EXPORTED_KEYS:
                self.first_keys.append(message.id.bytes)
            if self.count % 100 == 0 and time.monotonic() - reported_at > PROGRESS_INTERVAL_SECONDS:
                reported_at = time.monotonic()
                _report(progress=self.count)


def _report(**fields: Any) -> None:
    sys.stdout.write(f'{json.dumps(fields)}\n')
    sys.stdout.flush()


if __name__ == '__main__':
    main()
