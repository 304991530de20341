"""Notifications about errors on a page, and NiceGUI's log without the messages of exceptions."""

from typing import Any

from nicegui import ui
from nicegui.logging import log as nicegui_log

from journal_ui.monitoring.error_redaction import ExceptionRedactingFilter, error_reference
from services import texts
from services.errors import DatabaseUnavailableError


def notify_exception(exception: Exception) -> None:
    """Notify the user that their action had no effect; the page continues to work."""
    if isinstance(exception, DatabaseUnavailableError):
        notify_failure(texts.DATABASE_DOWN_RETRY)
        return
    text = texts.FAULT_NOTICE.format(reference=error_reference(exception))
    notify_failure(text, timeout=0, closeBtn=texts.CLOSE)


def notify_failure(message: str, **options: Any) -> None:
    """Show a message about a failure; `options` are those of Quasar's Notify plugin."""
    ui.notify(message, color='failed', textColor='surface', multi_line=True, **options)


def install() -> None:
    """Redact the exceptions that NiceGUI logs."""
    if not any(isinstance(each, ExceptionRedactingFilter) for each in nicegui_log.filters):
        nicegui_log.addFilter(ExceptionRedactingFilter())
