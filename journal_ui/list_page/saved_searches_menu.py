"""The menu «Поиски»: built-in searches and those that the user has saved."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton, TextButton
from journal_ui.components.dialogs import ConfirmationDialog
from journal_ui.components.popup_menu import PopupMenu
from journal_ui.filters.basic_filters import FIELD_PROPS
from journal_ui.monitoring import error_reporting
from services import texts
from services.errors import DatabaseError
from services.lists.query_protocol import ParsedLink, Query
from services.lists.saved_searches import PersonalSearch

Q = TypeVar('Q', bound=Query)


class SavedSearchStore(Protocol[Q]):
    """Stores searches under names; see services.lists.saved_searches. Calls may raise DatabaseError."""

    @property
    def max_name_length(self) -> int:
        """The maximum length of a name, in characters."""

    def built_in(self) -> Sequence[tuple[str, Q]]:
        """Return the names and queries that all users have."""

    async def list_own(self, account_id: int) -> Sequence[PersonalSearch]:
        """Return the searches that a user has saved."""

    async def to_query(self, search: PersonalSearch) -> ParsedLink[Q]:
        """Return the query of a saved search, with dates relative to today."""

    def describe_dates(self, query: Q) -> str:
        """Return how the dates of a query move once it is saved; empty if they stay."""

    async def save(self, account_id: int, name: str, query: Q) -> None:
        """Save a search; raises InvalidSavedSearchError."""

    async def delete(self, account_id: int, id: int) -> None:
        """Delete a search."""


def draw_saved_searches(
    searches: SavedSearchStore[Q] | None,
    account_id: int,
    current_query: Callable[[], Q],
    on_select: Callable[[Q], None],
) -> None:
    """Draw the menu, if the list has saved searches; see SavedSearchesMenu."""
    if searches:
        SavedSearchesMenu(searches, account_id, current_query, on_select)


class SavedSearchesMenu(Generic[Q]):
    """The button and its menu as drawn on one page."""

    def __init__(
        self,
        searches: SavedSearchStore[Q],
        account_id: int,
        current_query: Callable[[], Q],
        on_select: Callable[[Q], None],
    ) -> None:
        """Draw the button; `current_query` returns what would be saved, `on_select` receives the selected query."""
        self._searches = searches
        self._account_id = account_id
        self._current_query = current_query
        self._on_select = on_select
        self._container = ui.context.slot.parent
        button = TextButton(texts.SEARCHES, icon=icons.BOOKMARK).props('aria-haspopup=dialog').classes('named')
        self._menu = PopupMenu(button, self._draw, name=texts.SEARCHES, props='role=dialog', css_class='searches')

    async def _draw(self, menu: ui.menu) -> None:
        """Draw the menu each time it opens, because the user may have saved a search in another tab."""
        own: Sequence[PersonalSearch] = await self._await_or_notify(self._searches.list_own(self._account_id), ())
        with menu:
            for name, query in self._searches.built_in():
                ui.menu_item(name, on_click=partial(self._on_select, query)).props('role=button')
            if own:
                ui.separator()
                ui.label(texts.OWN_SEARCHES).classes('group')
            for search in own:
                with ui.element('div').classes('own'):
                    ui.menu_item(search.name, on_click=partial(self._open_search, search)).props('role=button')
                    IconButton(
                        icons.DELETE,
                        texts.DELETE_SEARCH.format(name=search.name),
                        partial(self._confirm_delete, search),
                    )
            ui.separator()
            ui.menu_item(texts.SAVE_SEARCH, on_click=self._show_save_dialog).props('role=button')

    async def _open_search(self, search: PersonalSearch) -> None:
        link = await self._await_or_notify(self._searches.to_query(search), None)
        if link:
            if not link.is_complete:
                ui.notify(texts.LINK_INVALID)
            self._on_select(link.query)

    def _show_save_dialog(self) -> None:
        """Open the dialog that saves the current search under a name."""
        query = self._current_query()
        with self._dialog(texts.SAVE_SEARCH_TITLE, texts.SAVE) as dialog:
            ui.label(query.describe()).classes('description')
            if dates := self._searches.describe_dates(query):
                ui.label(dates).classes('description')
            name = ui.input(texts.SEARCH_NAME)
            name.props.update(FIELD_PROPS | {'autofocus': True, 'maxlength': self._searches.max_name_length})

        async def save() -> None:
            await self._searches.save(self._account_id, name.value or '', query)

        dialog.show(save, enter_fields=(name,))

    def _confirm_delete(self, search: PersonalSearch) -> None:
        """Open the dialog that deletes a search after confirmation."""
        self._menu.close()

        async def delete() -> None:
            await self._searches.delete(self._account_id, search.id)

        self._dialog(texts.DELETE_SEARCH_CONFIRM.format(name=search.name), texts.DELETE).show(delete)

    def _dialog(self, title: str, confirm_label: str) -> ConfirmationDialog:
        return ConfirmationDialog(self._container, title, confirm_label)

    @staticmethod
    async def _await_or_notify(awaitable: Awaitable[Any], default: Any) -> Any:
        """Return an awaited result; notify the user and return the default if the database fails."""
        try:
            return await awaitable
        except DatabaseError:
            error_reporting.notify_failure(texts.DATABASE_DOWN_RETRY)
            return default
