"""What stands in the place of the rows while there are none, and why there are none."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from nicegui import ui

from services import texts
from services.query import Busy, Refusal, Unavailable


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


@contextmanager
def failing(refuse: Callable[[Refusal], None], fail: Callable[[str, str], None]) -> Iterator[None]:
    """Say what a search raises: `refuse` hears what is wrong with it, `fail` what happened and what to do now."""
    try:
        yield
    except Refusal as refusal:
        refuse(refusal)
    except Busy:
        fail(texts.TOO_LONG, texts.TOO_LONG_NEXT)
    except Unavailable:
        fail(texts.UNAVAILABLE, texts.UNAVAILABLE_NEXT)
    except Exception:
        fail(texts.FAULT_TITLE, texts.FAULT_AGAIN)
        raise  # the notice has the number by which the log knows it
