"""A journal, whatever it lists: a filter panel, a paging bar and a list over any Source (spec S4 to S15).

A page declares its query, filters, columns and details; what is here knows only how searching goes: rows come first
and never wait for the totals, a newer search cancels an older one, and an older answer never replaces a newer.
"""

import asyncio
from collections.abc import Collection, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

from nicegui import background_tasks, ui

from journal_ui.filters.basic_filters import Draft
from journal_ui.layout.user_preferences import Preferences
from journal_ui.list_page.draft_storage import KeptDraft
from journal_ui.list_page.empty_state import ListState
from journal_ui.list_page.export_button import ExportButton
from journal_ui.list_page.filter_panel import Panel
from journal_ui.list_page.grid.column_layout import Kept
from journal_ui.list_page.grid.columns_menu import ColumnsMenu
from journal_ui.list_page.grid.data_grid import Grid
from journal_ui.list_page.list_definition import Declaration, Witness
from journal_ui.list_page.loading_indicator import ALONE, waiting
from journal_ui.list_page.paging_bar import PagingBar, Place
from journal_ui.list_page.retry import Attempts
from journal_ui.list_page.saved_searches_menu import SearchesMenu
from journal_ui.list_page.url_state import Address, Shown
from journal_ui.monitoring import error_reporting
from services import texts
from services.lists.query_protocol import Busy, Order, Page, Query, Refusal, Row, Unavailable

Q = TypeVar('Q', bound=Query)
R = TypeVar('R', bound=Row)


class Journal(Generic[Q, R]):
    """A journal as drawn on one page."""

    def __init__(self, declared: Declaration[Q, R], preferences: Preferences, witness: Witness | None = None) -> None:
        """Draw the journal; nothing is searched before the person asks (spec S11)."""
        self._declared, self._source, self._witness = declared, declared.source, witness
        self._export: ExportButton[Q] | None = None
        self._address = Address(declared.links, preferences.person_id, self._follow_address) if declared.links else None
        self._preferences = preferences
        self._draft = Draft(declared.query(), lambda typed: self._kept.put(self._asked, typed))
        self._kept = KeptDraft(declared.drafts, preferences.person_id, declared.name, type(self._draft.query))
        self._restored = False
        self._to_open: Collection[str] = ()
        self._asked: Q | None = None
        self._order: Order | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        ui.context.slot.parent.classes('journal')
        self._panel = Panel(
            declared.filters,
            self._draft,
            find=self._find,
            cancel=self._cancel,
            clear=self._clear,
            preferences=preferences,
            beside=lambda: (
                declared.searches and SearchesMenu(declared.searches, preferences.person_id, self._typed, self._take)
            ),
        )
        self._bar = PagingBar(preferences.get('page_size'), turn=self._turn, resize=self._resize, renew=self._renew)
        if declared.export:
            with self._bar.tools:
                record = witness.exported if witness else None
                self._export = ExportButton(
                    declared.export, preferences.person_id, lambda: (self._asked, self._bar.count), record
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
            self._state = ListState()
        with self._bar.tools:
            ColumnsMenu(self._grid)
        self._attempts = Attempts(self._panel.refuse, self._fail, declared.watch)
        self._state.say(texts.NO_DATA, texts.NO_DATA_NEXT)
        ui.context.client.on_connect(self._restore)
        ui.context.client.on_delete(self._cancel)
        if declared.follow:
            ui.context.client.on_delete(declared.follow(self))

    @property
    def shown(self) -> Collection[str]:
        """The keys of the rows in the list."""
        return self._grid.rows.keys()

    @property
    def asked(self) -> Q | None:
        """What the list answers; None before the first search."""
        return self._asked

    def follow(self, rows: Mapping[str, R], new: int) -> None:
        """Show rows as they are now, where they stand; of new ones only tell that they are there."""
        self._bar.tell_new(new)
        for key, row in rows.items():
            if key in self._grid.rows:
                self._grid.renew(row)
                if self._grid.is_open(key):
                    self._later(self._open(row, again=True), 'details')

    def _renew(self, number: int = 1, *, push: bool = True) -> None:
        """Bring what is new: the same search again, from its first page."""
        if self._witness:
            self._source = self._witness.search(self._declared.source)
        self._bar.forget_totals()
        self._begin(self._count(self._ask(number, push=push)), 'totals')

    def _typed(self) -> Q:
        """Give what the panel holds, in the order of the list."""
        return self._draft.query.with_order(self._order)

    def _find(self) -> None:
        self._asked = self._typed()
        self._kept.put(self._asked, self._draft.query)
        self._renew()

    def _take(self, query: Q) -> None:
        """Search by a query that has a name."""
        self._fill(query, query)
        self._find()

    def _fill(self, query: Q, draft: Q) -> None:
        """Show conditions in the panel, and how the list is sorted."""
        self._order = query.order
        self._draft.query = draft
        self._panel.reset()
        self._panel.make_room()
        self._grid.sort(query.order)

    def _clear(self) -> None:
        """Put every field back to its first state, and empty the list (spec S10)."""
        self._empty()
        self._tell_address(push=True)

    def _empty(self) -> None:
        self._cancel()
        self._draft.query = self._declared.query()
        self._asked = self._order = None
        self._kept.put(None, self._draft.query)
        self._panel.reset()
        self._bar.empty()
        self._grid.sort(None)
        self._show([])
        self._state.say(texts.NO_DATA, texts.NO_DATA_NEXT)

    def _turn(self, number: int) -> None:
        """Show another page of what was found."""
        if self._asked:
            self._ask(number, keep_count=True)

    async def _restore(self) -> None:
        """Show what the address tells, and what was typed in this tab before its page was built anew."""
        if self._restored:
            return
        self._restored = True
        with self._attempts.failing(lambda: self._list.client.run_javascript('location.reload()')):
            asked, typed = await self._kept.get()
            if typed and self._draft.query == self._declared.query():
                self._draft.query = typed
                self._panel.reset()
            if self._address and self._address.tells:
                await self._follow_address(asked, typed)
            elif asked and typed and not self._address and await self._kept.is_anew():
                self._fill(asked, typed)
                self._asked = asked
                self._renew()

    async def _follow_address(self, asked: Q | None = None, typed: Q | None = None) -> None:
        """Show what the address tells; `typed` stays in the panel if it was typed after the same search."""
        assert self._address is not None
        with self._attempts.failing(lambda: self._later(self._follow_address(asked, typed), 'address')):
            shown = await self._address.read()
            if not shown.whole:
                ui.notify(texts.LINK_STALE if shown.stale else texts.LINK_FAULTY)
            if shown.query is None:
                self._empty()
                return
            self._fill(shown.query, typed if typed and asked == shown.query else shown.query)
            self._bar.show_size(shown.size or self._bar.size)
            self._asked, self._to_open = shown.query, shown.opened
            self._renew(shown.number, push=False)

    def _tell_address(self, *, push: bool) -> None:
        """Let the page's address tell what is shown."""
        if self._address:
            shown = Shown(self._asked, self._bar.number, self._bar.size, self._grid.opened)
            self._address.tell(shown, push=push)

    def _resize(self, size: int) -> None:
        self._preferences.put('page_size', size)
        self._turn(1)

    def _sort(self, order: Order | None) -> None:
        """Sort the whole result anew; before the first search, only remember how."""
        self._order = order
        if self._asked:
            self._asked = self._asked.with_order(order)
            self._kept.put(self._asked, self._draft.query)
            self._ask(1, keep_count=True)

    def _later(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Do some work of this page beside everything else."""
        return background_tasks.create(work, name=name, context=self._list)

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Do a part of a search, which can be left until it is done."""
        task = self._later(work, name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _ask(self, number: int, *, keep_count: bool = False, push: bool = True) -> asyncio.Task[None]:
        if number == 1 and not keep_count:
            self._bar.forget_new()
        counting = {task for task in self._tasks if keep_count and task.get_name() == 'totals'}
        self._tasks -= counting
        self._cancel()
        self._tasks |= counting
        return self._begin(self._page(number, push), 'page')

    def _cancel(self) -> None:
        """Leave the searches under way; the database stops working on them too."""
        self._attempts.forget()
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    async def _page(self, number: int, push: bool) -> None:
        query = self._asked
        assert query is not None
        with self._attempts.failing(lambda: self._renew(number, push=push)):
            with waiting(self._list, self._panel.waiting):
                page = await self._source.page(query, number=number, size=self._bar.size, count=self._bar.count)
            if query is self._asked:
                self._found(page, query)
                self._tell_address(push=push)

    def _found(self, page: Page[R], query: Q) -> None:
        """Show what was found, or what to do when nothing was; open the rows that the address names."""
        self._show(page.rows)
        self._bar.place(Place(page.number, len(page.rows)), page.totals)
        self._state.found(page.rows, query.advice)
        to_open, self._to_open = self._to_open, ()
        for row in [self._grid.rows[key] for key in to_open if key in self._grid.rows]:
            self._later(self._open(row), 'details')

    async def _count(self, rows: asyncio.Task[None]) -> None:
        query = self._asked
        assert query is not None
        await asyncio.wait({rows}, timeout=ALONE)
        with suppress(Refusal, Busy, Unavailable):  # the rows say why; room without a total is no lie
            if self._bar.count is None:  # the rows were not all there is
                totals = await self._source.totals(query)
                await asyncio.wait({rows})  # the totals in sight belong to the rows in sight
                self._bar.totals(totals)

    def _toggle(self, key: str) -> None:
        if self._grid.is_open(key):
            self._grid.shut(key)
            self._tell_address(push=False)
        elif key in self._grid.rows:
            self._later(self._open(self._grid.rows[key]), 'details')

    async def _open(self, row: R, *, again: bool = False) -> None:
        try:
            if self._witness and not again:
                await self._witness.opened(row.key)
            details = await self._declared.details(row)
        except (Busy, Unavailable):
            error_reporting.tell(texts.DETAILS_UNAVAILABLE)
            return
        if details is None:
            ui.notify(texts.DETAILS_GONE)
        elif row.key in self._grid.rows and self._grid.is_open(row.key) is again:
            if again:
                self._grid.tell(row.key, details)
            else:
                self._grid.open(row.key, details)
                self._tell_address(push=False)

    def _show(self, rows: Sequence[R]) -> None:
        self._grid.show(rows)
        if self._export:
            self._export.enable(bool(rows))

    def _fail(self, what: str, next_step: str) -> None:
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()
        self._show([])
        self._bar.empty()
        self._state.say(what, next_step, failed=True)
