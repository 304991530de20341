"""The message that a page shows instead of its rows or results: nothing searched yet, nothing found, or an error."""

from collections.abc import Callable, Sequence

from journal_ui.components.html_element import HtmlElement, text_divs
from journal_ui.nicegui_patches.lean_element import LeanElement
from services import texts


class EmptyState:
    """The message on one page; it covers the area of the rows."""

    def __init__(self) -> None:
        """Draw an empty message into the area of the rows."""
        with LeanElement().classes('state') as self._area:
            self._message = HtmlElement('div').props('role=status')
            self.suggestions_slot = LeanElement().classes('alternatives')
            """The container of the buttons of other searches."""

    def show_message(self, message: str, advice: str, *, failed: bool = False) -> None:
        """Show a message and what the user can do next; `failed` draws it as an error."""
        self._message.set_html(text_divs(('what', message), ('next', advice)))
        self._area.classes(add='failed' if failed else None, remove=None if failed else 'failed')
        self._area.set_visibility(True)

    def hide(self) -> None:
        """Show what is under the message."""
        self._area.set_visibility(False)

    def update(self, rows: Sequence[object], advice: Callable[[], str]) -> None:
        """Hide the message if there are rows, else report that nothing was found, with the given advice."""
        if rows:
            self.hide()
        else:
            self.show_message(texts.NO_RESULTS, advice())
