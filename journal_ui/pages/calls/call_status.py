"""The line above the call list: the last call of the user, which can be undone, and who returns to the list when."""

from collections.abc import Awaitable, Callable
from datetime import tzinfo

from nicegui import ui

from journal_ui.components.buttons import TextButton
from services import texts
from services.call_list.call_entries import PendingCalls
from services.formats import date_and_minute, integer


class UndoLine:
    """The last call of the user, as drawn on one page; empty until they have completed a call."""

    def __init__(self) -> None:
        """Draw the line into the current container."""
        self._line = ui.element('div').classes('undo')

    def show(self, words: str, undo: Callable[[], Awaitable[None]]) -> None:
        """Name the last call, and offer to undo it."""
        self._line.clear()
        with self._line:
            ui.label(words)
            TextButton(texts.CALLS_UNDO, undo).classes('linklike')

    def clear(self) -> None:
        """Remove the line."""
        self._line.clear()


class PostponedLine:
    """The recipients who will return to the list, as drawn on one page."""

    def __init__(self, zone: tzinfo) -> None:
        """Draw the line into the current container."""
        self._zone = zone
        self._label = ui.label().classes('sum')

    def show(self, pending_calls: PendingCalls) -> None:
        """Show how many recipients will return to the list, and when the next one does."""
        if pending_calls.next_at:
            time = date_and_minute(pending_calls.next_at, self._zone)
            self._label.text = texts.CALLS_POSTPONED.format(people=integer(pending_calls.postponed), time=time)
        else:
            self.clear()

    def clear(self) -> None:
        """Remove the line."""
        if self._label.text:
            self._label.text = ''
