"""What stands in the place of the rows while there are none."""

from collections.abc import Callable, Sequence

from journal_ui.components.html_element import Html, lines
from services import texts


class ListState:
    """The state of a list on one page: drawn into the list, over its rows."""

    def __init__(self) -> None:
        """Draw it."""
        self._state = Html('div').classes('state').props('role=status')

    def say(self, what: str, next_step: str, *, failed: bool = False) -> None:
        """Stand a sentence in the place of the rows, and the next step."""
        self._state.write(lines(('what', what), ('next', next_step)))
        self._state.classes(add='failed' if failed else None, remove=None if failed else 'failed')
        self._state.set_visibility(True)

    def found(self, rows: Sequence[object], advice: Callable[[], str]) -> None:
        """Make room for rows; where none were found, say what to do."""
        if rows:
            self._state.set_visibility(False)
        else:
            self.say(texts.NOTHING_FOUND, advice())
