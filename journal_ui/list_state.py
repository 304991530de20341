"""What stands in the place of the rows while there are none."""

from collections.abc import Sequence

from nicegui import ui

from services import texts


class ListState:
    """The state of a list on one page: drawn into the list, over its rows."""

    def __init__(self) -> None:
        """Draw it."""
        with ui.element('div').classes('state').props('role=status') as self._state:
            self._what = ui.label().classes('what')
            self._next = ui.label().classes('next')

    def say(self, what: str, next_step: str, *, failed: bool = False) -> None:
        """Stand a sentence in the place of the rows, and the next step."""
        self._what.text, self._next.text = what, next_step
        self._state.classes(add='failed' if failed else None, remove=None if failed else 'failed')
        self._state.set_visibility(True)

    def found(self, rows: Sequence[object], advice: str) -> None:
        """Make room for rows; where none were found, say what to do."""
        if rows:
            self._state.set_visibility(False)
        else:
            self.say(texts.NOTHING_FOUND, advice)
