"""A journal, whatever it lists: a filter panel, a paging bar and a list over any Source (spec S4 to S15).

A page declares its query, filters, columns and details; what is here knows only how searching goes: rows come first
and never wait for the totals, a newer search cancels an older one, and an older answer never replaces a newer.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from nicegui import app, background_tasks, ui

from journal_ui import faults
from journal_ui.arrangement import Kept
from journal_ui.columns_menu import ColumnsMenu
from journal_ui.filters import Draft, Filter
from journal_ui.grid import Detail, Grid
from journal_ui.grid_columns import Column
from journal_ui.paging import PagingBar, Place
from journal_ui.panel import Panel
from journal_ui.preferences import Preferences
from services import texts
from services.query import PAGE_SIZES, Busy, Order, Query, Refusal, Row, Source, Unavailable

Q = TypeVar('Q', bound=Query)
R = TypeVar('R', bound=Row)

SHORT_WAIT = 0.15
"""Seconds of waiting that nobody is told of."""
LONG_WAIT = 1.0
"""Seconds after which «Найти» turns to «Отменить»."""


@dataclass(frozen=True)
class Declaration(Generic[Q, R]):
    """What makes a journal this one and no other; made once, and shared by all its pages."""

    name: str
    """What a screen reader calls the list."""
    source: Source[Q, R]
    query: Callable[[], Q]
    """Gives the query a page begins with, and goes back to on «очистить»."""
    filters: Sequence[Filter]
    columns: tuple[Column[R], ...]
    details: Callable[[R], Awaitable[Sequence[Detail] | None]]
    """Asked when a row opens, never before; None when the row is no more."""
    opener: tuple[str, str]
    """What the button of a row is called while it is shut, and while it is open."""
    follow: Callable[[Any], Callable[[], None]] | None = None
    """Tells a journal of rows that change and of new ones (see services.live.Follower); the answer ends that."""


class Journal(Generic[Q, R]):
    """A journal as drawn on one page."""

    def __init__(self, declared: Declaration[Q, R], preferences: Preferences) -> None:
        """Draw the journal; nothing is searched before the person asks (spec S11)."""
        self._declared = declared
        self._preferences = preferences
        self._draft = Draft(declared.query(), self._keep)
        self._kept = f'{declared.name}, as typed by {preferences.person_id}'
        self._restored = False
        self._asked: Q | None = None
        self._order: Order | None = None
        self._rows: dict[str, R] = {}
        self._tasks: list[asyncio.Task[None]] = []
        size = preferences.get('page_size')
        with ui.element('div').classes('journal'):
            self._panel = Panel(
                declared.filters,
                self._draft,
                find=self._find,
                cancel=self._cancel,
                clear=self._clear,
                folded=preferences.get('panel_folded'),
                remember_folded=lambda folded: preferences.put('panel_folded', folded),
            )
            self._bar = PagingBar(
                size if size in PAGE_SIZES else 20, turn=self._turn, resize=self._resize, renew=self._renew
            )
            with ui.element('div').classes('list') as self._list:
                self._grid = Grid(
                    declared.columns,
                    name=declared.name,
                    words=declared.opener,
                    kept=Kept(preferences, declared.name),
                    sort=self._sort,
                    toggle=self._toggle,
                )
                with ui.element('div').classes('state').props('role=status') as self._state:
                    self._what = ui.label().classes('what')
                    self._next = ui.label().classes('next')
            with self._bar.tools:
                ColumnsMenu(self._grid)
        self._say(texts.NO_DATA, texts.NO_DATA_NEXT)
        ui.context.client.on_connect(self._restore)
        ui.context.client.on_delete(self._cancel)
        if declared.follow:
            ui.context.client.on_delete(declared.follow(self))

    @property
    def shown(self) -> Collection[str]:
        """The keys of the rows in the list."""
        return self._rows.keys()

    @property
    def asked(self) -> Q | None:
        """What the list answers; None before the first search."""
        return self._asked

    def follow(self, rows: Mapping[str, R], new: int) -> None:
        """Show rows as they are now, where they stand; of new ones only tell that they are there."""
        self._bar.tell_new(new)
        for key, row in rows.items():
            if key in self._rows:
                self._rows[key] = row
                self._grid.renew(row)
                if self._grid.is_open(key):
                    background_tasks.create(self._open(row, again=True), name='details', context=self._list)

    def _renew(self) -> None:
        """Bring what is new: the same search again, from its first page."""
        self._bar.totals(None)
        self._ask(1)
        self._tasks.append(background_tasks.create(self._count(), name='totals', context=self._list))

    def _find(self) -> None:
        """Search by what the panel holds."""
        self._asked = self._draft.query.with_order(self._order)
        self._renew()

    def _clear(self) -> None:
        """Put every field back to its first state, and empty the list (spec S10)."""
        self._cancel()
        self._draft.query = self._declared.query()
        self._keep(self._draft.query)
        self._asked = self._order = None
        self._panel.reset()
        self._bar.empty()
        self._bar.forget_new()
        self._grid.unsort()
        self._show([])
        self._say(texts.NO_DATA, texts.NO_DATA_NEXT)

    def _turn(self, number: int) -> None:
        """Show another page of what was found."""
        if self._asked:
            self._ask(number, keep_count=True)

    def _keep(self, query: Q) -> None:
        """Keep what is typed for this tab, in case its page has to be built anew."""
        app.storage.tab[self._kept] = query

    def _restore(self) -> None:
        """Show what was typed in this tab before its page was built anew; nothing is searched."""
        kept = None if self._restored else app.storage.tab.get(self._kept)
        self._restored = True
        if kept:
            self._draft.query = kept
            self._panel.reset()

    def _resize(self, size: int) -> None:
        self._preferences.put('page_size', size)
        self._turn(1)

    def _sort(self, order: Order | None) -> None:
        """Sort the whole result anew; before the first search, only remember how."""
        self._order = order
        if self._asked:
            self._asked = self._asked.with_order(order)
            self._ask(1, keep_count=True)

    def _ask(self, number: int, *, keep_count: bool = False) -> None:
        if number == 1 and not keep_count:
            self._bar.forget_new()
        counting = [task for task in self._tasks if task.get_name() == 'totals'] if keep_count else []
        self._tasks = [task for task in self._tasks if task not in counting]
        self._cancel()
        self._tasks = counting
        self._tasks.append(background_tasks.create(self._page(number), name='page', context=self._list))

    def _cancel(self) -> None:
        """Leave the searches under way; the database stops working on them too."""
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    async def _page(self, number: int) -> None:
        query = self._asked
        assert query is not None
        async with self._waiting():
            try:
                page = await self._declared.source.page(
                    query, number=number, size=self._bar.size, count=self._bar.count
                )
            except Refusal as refusal:
                self._panel.refuse(refusal)
                return
            except Busy:
                self._fail(texts.TOO_LONG, texts.TOO_LONG_NEXT)
                return
            except Unavailable:
                self._fail(texts.UNAVAILABLE, texts.UNAVAILABLE_NEXT)
                return
            except Exception:
                self._fail(texts.FAULT_TITLE, texts.FAULT_AGAIN)
                raise  # the notice has the number by which the log knows it
        if query is not self._asked:
            return
        self._show(page.rows)
        self._bar.place(Place(page.number, len(page.rows)))
        if page.rows:
            self._state.set_visibility(False)
        else:
            self._say(texts.NOTHING_FOUND, query.advice())

    async def _count(self) -> None:
        query = self._asked
        assert query is not None
        try:
            totals = await self._declared.source.totals(query)
        except (Refusal, Busy, Unavailable):
            return  # the rows say why; room without a total is no lie
        self._bar.totals(totals)

    @asynccontextmanager
    async def _waiting(self) -> AsyncIterator[None]:
        """Show that the person waits, once it is long enough to be noticed."""

        async def tell() -> None:
            await asyncio.sleep(SHORT_WAIT)
            self._list.classes('waiting')
            await asyncio.sleep(LONG_WAIT - SHORT_WAIT)
            self._panel.waiting(True)

        telling = background_tasks.create(tell(), name='waiting', context=self._list)
        try:
            yield
        finally:
            telling.cancel()
            self._list.classes(remove='waiting')
            self._panel.waiting(False)

    def _toggle(self, key: str) -> None:
        if self._grid.is_open(key):
            self._grid.shut(key)
        elif key in self._rows:
            background_tasks.create(self._open(self._rows[key]), name='details', context=self._list)

    async def _open(self, row: R, *, again: bool = False) -> None:
        try:
            details = await self._declared.details(row)
        except (Busy, Unavailable):
            faults.tell(texts.DETAILS_UNAVAILABLE)
            return
        if details is None:
            ui.notify(texts.DETAILS_GONE)
        elif row.key in self._rows and self._grid.is_open(row.key) is again:
            if again:
                self._grid.tell(row.key, details)
            else:
                self._grid.open(row.key, details)

    def _show(self, rows: Sequence[R]) -> None:
        self._rows = {row.key: row for row in rows}
        self._grid.show(rows)

    def _fail(self, what: str, next_step: str) -> None:
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        self._show([])
        self._bar.empty()
        self._say(what, next_step, failed=True)

    def _say(self, what: str, next_step: str, *, failed: bool = False) -> None:
        """Stand a sentence in the place of the rows."""
        self._what.text, self._next.text = what, next_step
        self._state.classes(add='failed' if failed else None, remove=None if failed else 'failed')
        self._state.set_visibility(True)
