"""Modal dialogs: the one component that all dialogs use, and the dialog that confirms an action."""

from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

from nicegui import ui

from journal_ui.components.buttons import TextButton
from journal_ui.components.html_element import TextTag
from services import texts
from services.errors import DatabaseError, InvalidInputError


class Dialog:
    """A modal dialog, closed at first; a context manager whose block draws the content. Closing deletes it."""

    def __init__(self, container: ui.element, title: str, *, css_class: str = 'dialog') -> None:
        """Draw the dialog without content.

        Args:
            container: the parent element; it must outlive what the dialog changes.
            title: the name for screen readers.
            css_class: the CSS class of the box.
        """
        with container:
            self._dialog = ui.dialog()
        self._dialog.props['aria-label'] = title
        self._dialog.on('hide', self._dialog.delete, [])
        with self._dialog:
            self.content = ui.element('div').classes(css_class)

    def __enter__(self) -> Self:
        self.content.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.content.__exit__(kind, error, trace)

    @property
    def is_deleted(self) -> bool:
        """Whether the dialog has been closed, or removed together with its container."""
        return self._dialog.is_deleted

    def open(self) -> None:
        """Open the dialog."""
        self._dialog.open()

    def close(self) -> None:
        """Close the dialog; the browser reports when it is hidden, and it is deleted then."""
        self._dialog.close()


class ConfirmationDialog(Dialog):
    """A dialog that describes an action and runs it on confirmation; it closes unless the action fails."""

    def __init__(
        self,
        container: ui.element,
        title: str,
        confirm_label: str,
        description: str = '',
        *,
        cancel_label: str = texts.CANCEL,
    ) -> None:
        """Draw the heading and the description; the buttons come with `show`.

        Args:
            container: the parent element; it must outlive what the action changes.
            title: the heading.
            confirm_label: the button that runs the action, a verb; empty for a dialog without an action.
            description: what the action does; empty for nothing.
            cancel_label: the button that only closes the dialog.
        """
        super().__init__(container, title)
        self._confirm_label = confirm_label
        self._cancel_label = cancel_label
        with self:
            TextTag('h2', title)
            if description:
                TextTag('p', description)

    def show(
        self, on_confirm: Callable[[], Awaitable[None]] | None = None, *, enter_fields: Sequence[ui.element] = ()
    ) -> None:
        """Draw the buttons and open the dialog.

        Args:
            on_confirm: the action; the message of its DatabaseError or InvalidInputError is shown in the dialog.
            enter_fields: the fields in which the Enter key confirms.
        """
        with self:
            error_label = ui.label().classes('refusal').props('role=alert')
            with ui.element('div').classes('deeds'):
                TextButton(self._cancel_label, self.close)
                if self._confirm_label and on_confirm:
                    confirm_button = TextButton(self._confirm_label, primary=True)
                    confirm = self._confirm_handler(on_confirm, confirm_button, error_label)
                    confirm_button.on('click', confirm, [])
                    for field in enter_fields:
                        field.on('keydown.enter', confirm, [])
        self.open()

    def _confirm_handler(
        self, on_confirm: Callable[[], Awaitable[None]], confirm_button: TextButton, error_label: ui.label
    ) -> Callable[[], Awaitable[None]]:
        is_running = False

        async def confirm() -> None:
            nonlocal is_running
            if is_running:
                return
            is_running = True
            confirm_button.set_enabled(False)
            error_label.text = ''
            try:
                await on_confirm()
            except DatabaseError:
                error_label.text = texts.DATABASE_DOWN_RETRY
            except InvalidInputError as error:
                error_label.text = str(error)
            else:
                self.close()
            finally:
                is_running = False
                confirm_button.set_enabled(True)

        return confirm
