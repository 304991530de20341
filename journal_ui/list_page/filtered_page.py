"""A page that answers as soon as it opens: a filter panel, and under it whatever the page draws of the answer.

Its searching goes as a journal's does: a newer question cancels an older one, and what cannot be had is said in place.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from nicegui import app, background_tasks, ui

from journal_ui.filters.basic_filters import Draft, Filter
from journal_ui.layout.user_preferences import Preferences
from journal_ui.list_page.filter_panel import Panel
from journal_ui.list_page.loading_indicator import waiting
from journal_ui.list_page.retry import Attempts, Watch
from services.lists.query_protocol import Query

Q = TypeVar('Q', bound=Query)
A = TypeVar('A')


class Board(Generic[Q, A]):
    """The page as drawn once; `content` is where answers are drawn."""

    def __init__(
        self,
        name: str,
        filters: Sequence[Filter],
        *,
        query: Callable[[], Q],
        ask: Callable[[Q], Awaitable[A]],
        show: Callable[[A], None],
        preferences: Preferences,
        watch: Watch,
        bar: Callable[[], None] | None = None,
    ) -> None:
        """Draw the panel; `query` begins, `ask` answers a query, `show` draws the answer, once the page listens.

        `watch` tells when to ask again what the database did not answer.
        `bar` draws what always stands between the panel and the answer.
        """
        self._query = query
        self._ask = ask
        self._show = show
        self._kept = f'{name}, as typed by {preferences.person_id}'
        self._begun = False
        self._task: asyncio.Task[None] | None = None
        self._draft = Draft(query(), self._keep)
        self._asked: Q = self._draft.query
        with ui.element('div').classes('journal'):
            self._panel = Panel(
                filters,
                self._draft,
                find=self._find,
                cancel=self._cancel,
                clear=self._clear,
                preferences=preferences,
            )
            if bar:
                with ui.element('div').classes('paging'):
                    bar()
            with ui.element('div').classes('list') as self._list:
                self.content = ui.element('div').classes('board')
                with ui.element('div').classes('state').props('role=status') as self._state:
                    self._what = ui.label().classes('what')
                    self._next = ui.label().classes('next')
        self._attempts = Attempts(self._panel.refuse, partial(self.say, failed=True), watch)
        self._state.set_visibility(False)
        ui.context.client.on_connect(self._begin)
        ui.context.client.on_delete(self._cancel)

    def again(self) -> None:
        """Ask the same once more."""
        self._cancel()
        self._task = background_tasks.create(self._answer(), name='board', context=self._list)

    def say(self, what: str, next_step: str, *, failed: bool = False) -> None:
        """Stand a sentence in the place of the answer."""
        self._what.text, self._next.text = what, next_step
        self._state.classes(add='failed' if failed else None, remove=None if failed else 'failed')
        self._state.set_visibility(True)
        self.content.set_visibility(False)

    def _begin(self) -> None:
        """Answer what was typed in this tab before, or what the page begins with."""
        if self._begun:
            return
        self._begun = True
        if kept := app.storage.tab.get(self._kept):
            self._draft.query = kept
            self._panel.reset()
        self._panel.make_room()
        self._find()

    def _keep(self, query: Q) -> None:
        app.storage.tab[self._kept] = query

    def _find(self) -> None:
        self._asked = self._draft.query
        self.again()

    def _clear(self) -> None:
        """Put every field back to its first state, and answer that."""
        self._draft.query = self._query()
        self._keep(self._draft.query)
        self._panel.reset()
        self._find()

    def _cancel(self) -> None:
        self._attempts.forget()
        if self._task:
            self._task.cancel()
            self._task = None

    async def _answer(self) -> None:
        with self._attempts.failing(self.again):
            with waiting(self._list, self._panel.waiting):
                answer = await self._ask(self._asked)
            self._state.set_visibility(False)
            self.content.set_visibility(True)
            with self.content:
                self._show(answer)
