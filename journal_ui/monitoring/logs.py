"""What the program writes down of itself: one shape for all of it, each line with the request that it belongs to.

Lines hold no personal data: addresses stand there as their pattern, without a query and a body, and exceptions without
their messages (see journal_ui.monitoring.error_reporting).
"""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

from journal_ui.monitoring.error_reporting import WithoutData

NO_REQUEST: Final = '-'
request_id: Final[ContextVar[str]] = ContextVar('request_id', default=NO_REQUEST)
"""The number of the request that is being answered; the answer has it too, as X-Request-Id."""
LINE: Final = '%(asctime)s %(levelname)s %(name)s [%(request)s] %(message)s'
OWN: Final = ('main', 'models', 'services', 'journal_ui')
"""Loggers that the chosen level is for. Others may tell what they are handed, and so begin at warnings."""


def set_up(level: str, *, as_json: bool) -> None:
    """Write all logs to the standard error from now on, the program's own from `level` on: info, warning or error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json else logging.Formatter(LINE))
    handler.addFilter(WithoutData())
    handler.addFilter(_with_request)
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelName(level.upper())), handlers=[handler], force=True)
    for name in OWN:
        logging.getLogger(name).setLevel(level.upper())
    logging.captureWarnings(True)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, request, message and, where something failed, its trace."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        told = {
            'time': datetime.fromtimestamp(record.created, UTC).isoformat(timespec='milliseconds'),
            'level': record.levelname.lower(),
            'logger': record.name,
            'request': getattr(record, 'request', NO_REQUEST),
            'message': record.getMessage(),
        }
        if record.exc_text:
            told['trace'] = record.exc_text
        return json.dumps(told, ensure_ascii=False)


def _with_request(record: logging.LogRecord) -> bool:
    record.request = request_id.get()
    return True
