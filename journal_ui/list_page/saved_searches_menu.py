"""«Поиски»: searches under a name, those that everybody has and one's own."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton, WordButton
from journal_ui.components.popup_menu import Menu
from journal_ui.filters.basic_filters import FIELD
from journal_ui.monitoring import error_reporting
from services import texts
from services.lists.query_protocol import Busy, Linked, Query, Unavailable
from services.lists.saved_searches import OwnSearch, SearchRefused

Q = TypeVar('Q', bound=Query)


class Searches(Protocol[Q]):
    """Where searches have their names; see services.lists.saved_searches. Calls may raise Unavailable and Busy."""

    @property
    def longest_name(self) -> int:
        """Letters that a name may have."""

    def built_in(self) -> Sequence[tuple[str, Q]]:
        """Give what everybody has."""

    async def own(self, account_id: int) -> Sequence[OwnSearch]:
        """Give a person's own."""

    async def query(self, search: OwnSearch) -> Linked[Q]:
        """Give what one of them asks today."""

    async def save(self, account_id: int, name: str, query: Q) -> None:
        """Keep a search; raises SearchRefused."""

    async def delete(self, account_id: int, id: int) -> None:
        """Forget a search."""


class SearchesMenu(Generic[Q]):
    """The button and its menu, as drawn on one page."""

    def __init__(
        self, searches: Searches[Q], account_id: int, typed: Callable[[], Q], take: Callable[[Q], None]
    ) -> None:
        """Draw the button; `typed` gives what would be saved, `take` searches by what was chosen."""
        self._searches = searches
        self._account_id = account_id
        self._typed = typed
        self._take = take
        self._place = ui.context.slot.parent
        button = WordButton(texts.SEARCHES, icon=icons.BOOKMARK).props('aria-haspopup=dialog').classes('named')
        self._menu = Menu(button, self._draw, name=texts.SEARCHES, props='role=dialog', look='searches')

    async def _draw(self, menu: ui.menu) -> None:
        """Fill the menu each time: others may have saved in another tab."""
        own: Sequence[OwnSearch] = await self._asking(self._searches.own(self._account_id), ())
        with menu:
            for name, query in self._searches.built_in():
                ui.menu_item(name, on_click=partial(self._take, query)).props('role=button')
            if own:
                ui.separator()
                ui.label(texts.OWN_SEARCHES).classes('group')
            for search in own:
                with ui.element('div').classes('own'):
                    ui.menu_item(search.name, on_click=partial(self._choose, search)).props('role=button')
                    IconButton(icons.BIN, texts.DELETE_SEARCH.format(name=search.name), partial(self._doubt, search))
            ui.separator()
            ui.menu_item(texts.SAVE_SEARCH, on_click=self._name).props('role=button')

    async def _choose(self, search: OwnSearch) -> None:
        linked = await self._asking(self._searches.query(search), None)
        if linked:
            if not linked.whole:
                ui.notify(texts.LINK_FAULTY)
            self._take(linked.query)

    def _name(self) -> None:
        """Ask for a name."""
        query = self._typed()
        with self._dialog(texts.SAVE_SEARCH_TITLE) as dialog:
            ui.label(query.sentence()).classes('said')
            field = ui.input(texts.SEARCH_NAME)
            field.props.update(FIELD | {'autofocus': True, 'maxlength': self._searches.longest_name})

            async def save() -> None:
                field.error = None
                try:
                    await self._searches.save(self._account_id, field.value or '', query)
                except SearchRefused as refused:
                    field.error = str(refused)
                except (Unavailable, Busy):
                    field.error = texts.SEARCHES_UNAVAILABLE
                else:
                    dialog.close()

            field.on('keydown.enter', save, [])
            self._answers(dialog, texts.SAVE, save)

    def _doubt(self, search: OwnSearch) -> None:
        """Ask whether to forget a search indeed."""
        self._menu.close()

        async def forget() -> None:
            await self._asking(self._searches.delete(self._account_id, search.id), None)
            dialog.close()

        with self._dialog(texts.DELETE_SEARCH_ASKED.format(name=search.name)) as dialog:
            self._answers(dialog, texts.DELETE, forget)

    @contextmanager
    def _dialog(self, title: str) -> Iterator[ui.dialog]:
        """Ask something over the page; gone once it is answered."""
        with self._place, ui.dialog() as dialog, ui.element('div').classes('asked-for'):
            dialog.on('hide', dialog.delete)
            dialog.props['aria-label'] = title
            with ui.element('h2'):
                ui.label(title)
            yield dialog
        dialog.open()

    @staticmethod
    def _answers(dialog: ui.dialog, words: str, action: Callable[[], Awaitable[None]]) -> None:
        with ui.element('div').classes('answers'):
            ui.button(words, on_click=action, color=None).props('unelevated')
            ui.button(texts.CANCEL, on_click=dialog.close, color=None).props('flat').classes('linklike')

    @staticmethod
    async def _asking(asked: Awaitable[Any], otherwise: Any) -> Any:
        """Await an answer; tell the person when there is none."""
        try:
            return await asked
        except (Unavailable, Busy):
            error_reporting.tell(texts.SEARCHES_UNAVAILABLE)
            return otherwise
