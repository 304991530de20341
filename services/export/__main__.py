"""The export process; see services.workers.worker_output."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session
from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]

from services.access_scope.organization_scope import OrganizationScope
from services.audit.shown_rows import MAX_EXPORTED_KEYS
from services.database.engine import Database
from services.dictionaries.dictionary_snapshot import DictionarySnapshot
from services.export.export_jobs import KEYS_FILE
from services.export.file_writers import write_csv, write_xlsx
from services.export.row_stream import stream_messages
from services.ingest.message_parsing import IncomingMessage
from services.messages import query_params
from services.messages.delivery import DeliveryTimeouts
from services.messages.search.query_shape import BoundQuery
from services.messages.search.selectivity import TokenSelectivity
from services.workers.worker_output import ProgressReporter, run_work


def export(request: Mapping[str, Any]) -> dict[str, int]:
    """Run the requested export and return the number of its rows.

    Raises:
        OSError: the file cannot be written.
        DatabaseError: see services.errors.
    """
    try:
        with closing(Database(request['database'])) as database:
            return {'rows': database.read_snapshot(lambda session: write_export(session, request))}
    except FileCreateError as error:
        raise OSError from error


def write_export(session: Session, request: Mapping[str, Any]) -> int:
    """Write the requested file and return the number of its rows."""
    zone, now = ZoneInfo(request['zone']), datetime.fromisoformat(request['now'])
    dictionaries = DictionarySnapshot.read(session)
    query = query_params.from_params(request['words'], dictionaries, person=request['person']).query
    timeouts = DeliveryTimeouts(
        **{name: timedelta(seconds=seconds) for name, seconds in request.get('timeouts', {}).items()}
    )
    # Without the field, which even a user with no scope has, nothing is exported.
    scope = None if request['scope'] is None else OrganizationScope(frozenset(map(int, request['scope'])))
    bound_query = BoundQuery.bind(session, query, zone, TokenSelectivity(), now, timeouts=timeouts, scope=scope)
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
        self._report = ProgressReporter()
        self.count = 0
        self.first_keys: list[bytes] = []
        """The ids of the first messages, at most MAX_EXPORTED_KEYS."""

    def __iter__(self) -> Iterator[IncomingMessage]:
        for message in self._messages:
            yield message
            self.count += 1
            if self.count <= MAX_EXPORTED_KEYS:
                self.first_keys.append(message.id.bytes)
            if self.count % 100 == 0:
                self._report(self.count)


if __name__ == '__main__':
    run_work(export)
