"""A question over the page: what will happen, and a button that says the deed itself."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from nicegui import ui

from journal_ui.components.forms import heading, paragraph
from services import texts
from services.accounts.accounts import AccountError
from services.errors import DatabaseError


class ConfirmationDialog:
    """Asks once; what stands between the sentence and the buttons comes from `with`."""

    def __init__(
        self,
        container: ui.element,
        title: str,
        confirm_label: str,
        description: str = '',
        *,
        cancel_label: str = texts.CANCEL,
    ) -> None:
        """Draw it, not shown yet.

        Args:
            place: where it is kept; it must outlive what the deed changes.
            title: the heading.
            deed: what the button does, in a verb; empty for nothing to be done.
            sentence: what will come of it.
            leave: what stands on the button that only closes.
        """
        self._confirm_label = confirm_label
        self._cancel_label = cancel_label
        with container:
            self._dialog = ui.dialog()
        self._dialog.props['aria-label'] = title
        self._dialog.on('hide', self._dialog.delete)
        with self._dialog, ui.element('div').classes('dialog') as self._box:
            heading(title, 'h2')
            if description:
                paragraph(description)

    def __enter__(self) -> Self:
        self._box.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._box.__exit__(kind, error, trace)

    def show(self, on_confirm: Callable[[], Awaitable[None]] | None = None) -> None:
        """Show it; `act` is done when the person agrees, and a refusal is said in its place."""

        async def confirm() -> None:
            if on_confirm is None:
                return
            confirm_button.disable()
            try:
                await on_confirm()
            except DatabaseError:
                error_label.text = texts.DATABASE_DOWN_RETRY
            except AccountError as refused:
                error_label.text = str(refused)
            else:
                self._dialog.close()
            finally:
                confirm_button.enable()

        with self._box:
            error_label = ui.label().classes('refusal').props('role=alert')
            with ui.element('div').classes('deeds'):
                ui.button(self._cancel_label, on_click=self._dialog.close, color=None).props('flat')
                if self._confirm_label:
                    confirm_button = ui.button(self._confirm_label, on_click=confirm, color=None).props('unelevated')
        self._dialog.open()
