"""The logs of the program: one format for all lines, each with the id of the request that it belongs to.

Lines contain no personal data: a URL is logged as its route pattern without query and body, an exception without its
message (see journal_ui.monitoring.error_redaction). Nothing from outside can begin a line or control a terminal: line
ends and control characters of a message are escaped, and the lines of a traceback are indented.
"""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

from journal_ui.monitoring.error_redaction import ExceptionRedactingFilter
from services.audit import anchors

NO_REQUEST: Final = '-'
request_id: Final[ContextVar[str]] = ContextVar('request_id', default=NO_REQUEST)
"""The id of the request that is being processed; the response contains it as X-Request-Id."""
LINE_FORMAT: Final = '%(asctime)s %(levelname)s %(name)s [%(request)s] %(message)s'
TRACE_INDENT: Final = '    '
"""Before each line of a traceback, so that text in it cannot look like another line of the log."""
LAST_BMP_CODE: Final = 0xFFFF
OWN_LOGGERS: Final = ('main', 'models', 'services', 'journal_ui')
"""Loggers with the configured level. Those of libraries start at WARNING, because below it they may log user data."""


def configure_logging(level: str, *, as_json: bool) -> None:
    """Send all logs to the standard error; the program's own from `level` on: info, warning or error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if as_json else LineFormatter(LINE_FORMAT))
    handler.addFilter(ExceptionRedactingFilter())
    handler.addFilter(_add_request_id)
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelName(level.upper())), handlers=[handler], force=True)
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(level.upper())
    # What must reach another machine is printed at every level.
    logging.getLogger(anchors.LOGGER_NAME).setLevel(logging.INFO)
    logging.captureWarnings(True)


def escape_unprintable(text: str) -> str:
    """Return a text in which line ends, control characters and invisible characters are written as `\\u000a`."""
    if text.isprintable():
        return text
    return ''.join(letter if letter.isprintable() else _escape(letter) for letter in text)


def _escape(letter: str) -> str:
    code = ord(letter)
    return f'\\U{code:08x}' if code > LAST_BMP_CODE else f'\\u{code:04x}'


class LineFormatter(logging.Formatter):
    """Formats a record as one line; a traceback follows on indented lines, as no other line begins."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        return escape_unprintable(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, and its traceback if any."""
        record.message = record.getMessage()
        record.asctime = self.formatTime(record, self.datefmt)
        trace = '\n'.join(filter(None, (record.exc_text, record.stack_info)))
        lines = [TRACE_INDENT + escape_unprintable(line) for line in trace.split('\n')] if trace else []
        return '\n'.join([self.formatMessage(record), *lines])


class JsonFormatter(logging.Formatter):
    """Formats a record as a JSON object on one line: time, level, logger, request, message, and a traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        entry = {
            'time': datetime.fromtimestamp(record.created, UTC).isoformat(timespec='milliseconds'),
            'level': record.levelname.lower(),
            'logger': record.name,
            'request': getattr(record, 'request', NO_REQUEST),
            'message': escape_unprintable(record.getMessage()),
        }
        if record.exc_text:
            entry['trace'] = '\n'.join(map(escape_unprintable, record.exc_text.split('\n')))
        return json.dumps(entry, ensure_ascii=False)


def _add_request_id(record: logging.LogRecord) -> bool:
    record.request = request_id.get()
    return True
