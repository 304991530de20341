"""The logs of the program: one format for all lines, each with the id of the request that it belongs to.

Lines contain no personal data: a URL is logged as its route pattern without query and body, an exception without its
message (see journal_ui.monitoring.error_redaction).
"""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

from journal_ui.monitoring.error_redaction import ExceptionRedactingFilter

NO_REQUEST: Final = '-'
request_id: Final[ContextVar[str]] = ContextVar('request_id', default=NO_REQUEST)
"""The id of the request that is being processed; the response contains it as X-Request-Id."""
LINE_FORMAT: Final = '%(asctime)s %(levelname)s %(name)s [%(request)s] %(message)s'
OWN_LOGGERS: Final = ('main', 'models', 'services', 'journal_ui')
"""Loggers with the configured level. Those of libraries start at WARNING, because below it they may log user data."""


def configure_logging(level: str, *, as_json: bool) -> None:
    """Send all logs to the standard error; the program's own from `level` on: info, warning or error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if as_json else logging.Formatter(LINE_FORMAT))
    handler.addFilter(ExceptionRedactingFilter())
    handler.addFilter(_add_request_id)
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelName(level.upper())), handlers=[handler], force=True)
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(level.upper())
    logging.captureWarnings(True)


class JsonFormatter(logging.Formatter):
    """Formats a record as a JSON object on one line: time, level, logger, request, message, and a traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        entry = {
            'time': datetime.fromtimestamp(record.created, UTC).isoformat(timespec='milliseconds'),
            'level': record.levelname.lower(),
            'logger': record.name,
            'request': getattr(record, 'request', NO_REQUEST),
            'message': record.getMessage(),
        }
        if record.exc_text:
            entry['trace'] = record.exc_text
        return json.dumps(entry, ensure_ascii=False)


def _add_request_id(record: logging.LogRecord) -> bool:
    record.request = request_id.get()
    return True
