"""Exceptions in the log without their messages, because a message may contain a patient's name.

The log receives the type and the traceback of an exception, and a reference number that the user sees too. This module
does not import NiceGUI, because the commands of `python main.py` configure the same logs.
"""

import logging
import secrets
import traceback


def error_reference(exception: BaseException) -> str:
    """Return the reference number of an exception for the user and the log; the same one at each call."""
    existing: str | None = getattr(exception, 'reference', None)
    if existing is None:
        existing = secrets.token_hex(3).upper()
        exception.reference = existing  # type: ignore[attr-defined]
    return existing


class ExceptionRedactingFilter(logging.Filter):
    """Replaces the messages of exceptions in log records by their reference numbers."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact a record that carries an exception; no record is dropped."""
        exception = record.exc_info[1] if record.exc_info else None
        if exception is None and isinstance(record.msg, BaseException):
            exception = record.msg
        if exception is not None:
            record.msg = f'{_exception_type(exception)}, reference {error_reference(exception)}'
            record.args = ()
            record.exc_info = None
            record.exc_text = _redacted_traceback(exception)
        return True


def _exception_type(exception: BaseException) -> str:
    return f'{type(exception).__module__}.{type(exception).__qualname__}'


def _redacted_traceback(exception: BaseException) -> str:
    """Format the traceback of an exception and of its cause, without their messages."""
    lines = traceback.format_tb(exception.__traceback__)
    cause = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)
    if cause is not None:
        lines += [f'caused by {_exception_type(cause)}\n', *traceback.format_tb(cause.__traceback__)]
    return ''.join(lines).rstrip()
