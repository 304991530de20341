"""What stands in the place of the rows while there are none."""

from collections.abc import Callable, Sequence

from journal_ui.components.html_element import HtmlElement, text_divs
from services import texts


class EmptyState:
    """The state of a list on one page: drawn into the list, over its rows."""

    def __init__(self) -> None:
        """Draw it."""
        self._element = HtmlElement('div').classes('state').props('role=status')

    def show_message(self, message: str, advice: str, *, failed: bool = False) -> None:
        """Stand a sentence in the place of the rows, and the next step."""
        self._element.set_html(text_divs(('what', message), ('next', advice)))
        self._element.classes(add='failed' if failed else None, remove=None if failed else 'failed')
        self._element.set_visibility(True)

    def update(self, rows: Sequence[object], advice: Callable[[], str]) -> None:
        """Make room for rows; where none were found, say what to do."""
        if rows:
            self._element.set_visibility(False)
        else:
            self.show_message(texts.NO_RESULTS, advice())
