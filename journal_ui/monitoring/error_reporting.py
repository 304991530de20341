"""What went wrong inside the program: a reference number that the person and the log both have.

The log gets the kind of an exception and its trace, never its message: that may hold what a patient is called.
"""

import logging
import secrets
import traceback
from typing import Any

from nicegui import ui
from nicegui.logging import log as nicegui_log

from services import texts
from services.errors import DatabaseUnavailableError


def error_reference(exception: BaseException) -> str:
    """Give the number by which a person and the log call an exception: the same one each time."""
    existing: str | None = getattr(exception, 'reference', None)
    if existing is None:
        existing = secrets.token_hex(3).upper()
        exception.reference = existing  # type: ignore[attr-defined]
    return existing


def notify_exception(exception: Exception) -> None:
    """Tell the person that what he did had no effect; the page goes on."""
    if isinstance(exception, DatabaseUnavailableError):
        notify_failure(texts.DATABASE_DOWN_RETRY)
        return
    text = texts.FAULT_NOTICE.format(reference=error_reference(exception))
    notify_failure(text, timeout=0, closeBtn=texts.CLOSE)


def notify_failure(message: str, **options: Any) -> None:
    """Tell the person that something went wrong."""
    ui.notify(message, color='failed', textColor='surface', multi_line=True, **options)


def install() -> None:
    """Keep what patients are called out of the framework's log."""
    if not any(isinstance(each, ExceptionRedactingFilter) for each in nicegui_log.filters):
        nicegui_log.addFilter(ExceptionRedactingFilter())


class ExceptionRedactingFilter(logging.Filter):
    """Takes the messages of exceptions out of log records, and puts their references in."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Reword a record that carries an exception; every record is kept."""
        exception = record.exc_info[1] if record.exc_info else None
        if exception is None and isinstance(record.msg, BaseException):
            exception = record.msg
        if exception is not None:
            record.msg, record.args = f'{_exception_type(exception)}, reference {error_reference(exception)}', ()
            record.exc_info, record.exc_text = None, _redacted_traceback(exception)
        return True


def _exception_type(exception: BaseException) -> str:
    return f'{type(exception).__module__}.{type(exception).__qualname__}'


def _redacted_traceback(exception: BaseException) -> str:
    """Write the trace of an exception and of what caused it, without their messages."""
    lines = traceback.format_tb(exception.__traceback__)
    cause = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)
    if cause is not None:
        lines += [f'caused by {_exception_type(cause)}\n', *traceback.format_tb(cause.__traceback__)]
    return ''.join(lines).rstrip()
