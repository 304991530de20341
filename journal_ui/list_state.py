"""What stands in the place of the rows while there are none, and what tells that they are being waited for."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from nicegui import background_tasks, ui

from services import texts

SHORT_WAIT = 0.15
"""Seconds of waiting that nobody is told of."""
LONG_WAIT = 1.0
"""Seconds after which «Найти» turns to «Отменить»."""


class ListState:
    """The state of a list on one page: drawn into the list, over its rows."""

    def __init__(self, around: ui.element) -> None:
        """Draw it; `around` is the list."""
        self._list = around
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

    @asynccontextmanager
    async def waiting(self, long: Callable[[bool], None]) -> AsyncIterator[None]:
        """Show that the person waits, once it is long enough to be noticed; `long` hears when it is very long."""

        async def tell() -> None:
            await asyncio.sleep(SHORT_WAIT)
            self._list.classes('waiting')
            await asyncio.sleep(LONG_WAIT - SHORT_WAIT)
            long(True)

        telling = background_tasks.create(tell(), name='waiting', context=self._list)
        try:
            yield
        finally:
            telling.cancel()
            self._list.classes(remove='waiting')
            long(False)
