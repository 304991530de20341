"""A question over the page: what will happen, and a button that says the deed itself."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from nicegui import ui

from journal_ui.components.forms import heading, paragraph
from services import texts
from services.accounts.accounts import AccountRefused
from services.lists.query_protocol import Busy, Unavailable


class Dialog:
    """Asks once; what stands between the sentence and the buttons comes from `with`."""

    def __init__(
        self, place: ui.element, title: str, deed: str, sentence: str = '', *, leave: str = texts.USER_CANCEL
    ) -> None:
        """Draw it, not shown yet.

        Args:
            place: where it is kept; it must outlive what the deed changes.
            title: the heading.
            deed: what the button does, in a verb; empty for nothing to be done.
            sentence: what will come of it.
            leave: what stands on the button that only closes.
        """
        self._deed = deed
        self._leave = leave
        with place:
            self._dialog = ui.dialog()
        self._dialog.props['aria-label'] = title
        self._dialog.on('hide', self._dialog.delete)
        with self._dialog, ui.element('div').classes('dialog') as self._box:
            heading(title, 'h2')
            if sentence:
                paragraph(sentence)

    def __enter__(self) -> Self:
        self._box.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._box.__exit__(kind, error, trace)

    def ask(self, act: Callable[[], Awaitable[None]] | None = None) -> None:
        """Show it; `act` is done when the person agrees, and a refusal is said in its place."""

        async def agree() -> None:
            if act is None:
                return
            button.disable()
            try:
                await act()
            except (Unavailable, Busy):
                refusal.text = texts.SIGN_IN_UNAVAILABLE
            except AccountRefused as refused:
                refusal.text = str(refused)
            else:
                self._dialog.close()
            finally:
                button.enable()

        with self._box:
            refusal = ui.label().classes('refusal').props('role=alert')
            with ui.element('div').classes('deeds'):
                ui.button(self._leave, on_click=self._dialog.close, color=None).props('flat')
                if self._deed:
                    button = ui.button(self._deed, on_click=agree, color=None).props('unelevated')
        self._dialog.open()
