"""The message that a page shows instead of its rows or results: nothing searched yet, nothing found, or an error."""

from collections.abc import Callable, Sequence

from journal_ui.components.html_element import HtmlElement, text_divs
from services import texts


class EmptyState:
    """The message on one page; it covers the area of the rows."""

    def __init__(self) -> None:
        """Draw an empty message into the area of the rows."""
        self._element = HtmlElement('div').classes('state').props('role=status')

    def show_message(self, message: str, advice: str, *, failed: bool = False) -> None:
        """Show a message and what the user can do next; `failed` draws it as an error."""
        self._element.set_html(text_divs(('what', message), ('next', advice)))
        self._element.classes(add='failed' if failed else None, remove=None if failed else 'failed')
        self._element.set_visibility(True)

    def hide(self) -> None:
        """Show what is under the message."""
        self._element.set_visibility(False)

    def update(self, rows: Sequence[object], advice: Callable[[], str]) -> None:
        """Hide the message if there are rows, else report that nothing was found, with the given advice."""
        if rows:
            self.hide()
        else:
            self.show_message(texts.NO_RESULTS, advice())
