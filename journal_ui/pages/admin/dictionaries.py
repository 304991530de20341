"""The page `/dictionaries` for administrators: kinds of messages and medical organisations, and their changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from nicegui import background_tasks, ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton, TextButton
from journal_ui.components.dialogs import ConfirmationDialog
from journal_ui.components.html_element import HtmlElement, TextTag, text_divs
from journal_ui.components.popup_menu import PopupMenu
from journal_ui.components.record_table import draw_cells, record_table
from journal_ui.filters.autocomplete_filter import AutocompleteFilter
from journal_ui.filters.basic_filters import FIELD_PROPS, QueryDraft
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.viewer import Viewer
from journal_ui.security.auth_middleware import PageBuilder
from services import texts
from services.accounts.accounts import Identity
from services.composition import Services
from services.dictionaries.dictionary_editor import DictionaryEditor, DictionaryEntry, DictionaryError
from services.dictionaries.name_folding import fold_entry_name
from services.errors import DatabaseError
from services.formats import integer
from services.ingest.message_parsing import MAX_NAME_LENGTH
from services.lists.reference_data import ReferenceEntry

PAGE_STEP = 50
"""Entries displayed at first, and added by each click on «Показать ещё»."""
MAX_DISPLAYED_SPELLINGS = 3
"""Spellings displayed in a row; the dialog of «Отделить написание» has all of them."""
INPUT_PROPS = {key: value for key, value in FIELD_PROPS.items() if key != 'clearable'}
MENU_PROPS = 'auto-close role=menu anchor="bottom right" self="top right"'
NAME_PROPS = INPUT_PROPS | {'maxlength': MAX_NAME_LENGTH, 'autocomplete': 'off', 'autofocus': True}


def page(services: Services) -> PageBuilder:
    """Return the function that draws the page."""

    async def build(viewer: Viewer) -> None:
        with page_layout(texts.DICTIONARIES_TITLE, viewer, path='/dictionaries'):
            dialogs = ui.element('div')
            with ui.element('div').classes('sheets broad'):
                kinds = DictionarySection(
                    services.kind_editor, viewer.person, dialogs, texts.KINDS_TITLE, texts.KIND_ADD
                )
                organizations = DictionarySection(
                    services.organization_editor, viewer.person, dialogs, texts.ORGANIZATIONS_TITLE
                )
            for section in (kinds, organizations):
                await section.refresh()
                ui.context.client.on_delete(services.dictionaries.subscribe(section.follow_changes))

    return build


@dataclass(frozen=True)
class MergeChoice:
    """What the dialog of a merge selects; its field is drawn as a filter."""

    target: ReferenceEntry | None = None


class DictionarySection:
    """One dictionary as drawn on one page; its table is drawn again after each change."""

    def __init__(
        self, editor: DictionaryEditor, admin: Identity, dialogs: ui.element, title: str, add_label: str = ''
    ) -> None:
        """Draw the section without entries.

        Args:
            editor: changes the dictionary.
            admin: the user of the page.
            dialogs: the parent of the dialogs, which must outlive the rows of the table.
            title: the heading.
            add_label: the button that adds an entry; without one there is a field that filters the entries instead.
        """
        self._editor = editor
        self._admin = admin
        self._dialogs = dialogs
        self._entries: Sequence[DictionaryEntry] = ()
        self._filter_text = ''
        self._limit = PAGE_STEP
        with ui.element('section').classes('sheet wide') as self._section:
            with ui.element('div').classes('bar heading'):
                TextTag('h2', title)
                if add_label:
                    TextButton(add_label, self._add, outlined=True)
                else:
                    filter_input = ui.input(texts.ENTRY_FILTER, on_change=lambda e: self._set_filter(e.value or ''))
                    filter_input.props.update(FIELD_PROPS | {'debounce': 150, 'autocomplete': 'off'})
            self._table = ui.element('div').classes('entries')
            with ui.element('div').classes('bar more') as self._more:
                self._count_label = ui.label().props('role=status')
                TextButton(texts.ENTRIES_MORE, self._show_more, outlined=True)
        self._section.props['aria-label'] = title

    async def refresh(self) -> None:
        """Read the entries, and draw the table again unless they are the same, because an open menu would close."""
        entries = await self._editor.entries()
        if entries != self._entries or not entries:
            self._entries = entries
            self._draw()

    def follow_changes(self) -> None:
        """Draw the table again soon, because this or another administrator has changed a dictionary."""

        async def refresh() -> None:
            try:
                await self.refresh()
            except DatabaseError:
                return  # the page has a banner while the database is unavailable

        background_tasks.create(refresh(), name='refresh dictionary')

    def _set_filter(self, text: str) -> None:
        self._filter_text, self._limit = text, PAGE_STEP
        self._draw()

    def _show_more(self) -> None:
        self._limit += PAGE_STEP
        self._draw()

    def _draw(self) -> None:
        entries = [entry for entry in self._entries if _matches(entry, self._filter_text)]
        shown = entries[: self._limit]
        self._table.clear()
        with self._table:
            if shown:
                self._draw_table(shown)
            else:
                ui.label(texts.ENTRIES_NONE).classes('aside')
        self._count_label.text = texts.ENTRIES_SHOWN.format(shown=integer(len(shown)), count=integer(len(entries)))
        self._more.set_visibility(len(shown) < len(entries))

    def _draw_table(self, entries: Sequence[DictionaryEntry]) -> None:
        titles = texts.ENTRY_NAME, texts.ENTRY_SPELLINGS, texts.ENTRY_MESSAGES
        with record_table(titles, number_titles=(texts.ENTRY_MESSAGES,), actions_title=texts.ENTRY_ACTIONS):
            for entry in entries:
                with ui.element('tr'):
                    self._draw_cells(entry)

    def _draw_cells(self, entry: DictionaryEntry) -> None:
        draw_cells((texts.ENTRY_NAME,), (entry.name,))
        names = [spelling.name for spelling in entry.spellings[:MAX_DISPLAYED_SPELLINGS]]
        if len(entry.spellings) > MAX_DISPLAYED_SPELLINGS:
            names.append(texts.ENTRY_MORE_SPELLINGS.format(count=len(entry.spellings) - MAX_DISPLAYED_SPELLINGS))
        HtmlElement('td', text_divs(*(('', name) for name in names))).classes('spellings').props(
            f'data-title="{texts.ENTRY_SPELLINGS}"'
        )
        TextTag('td', integer(entry.messages)).classes('number').props(f'data-title="{texts.ENTRY_MESSAGES}"')
        with ui.element('td').classes('act'):
            name = texts.ENTRY_ACTIONS_OF.format(name=entry.name)
            button = IconButton(icons.MORE_ACTIONS, name).props('aria-haspopup=menu')
            PopupMenu(button, partial(self._draw_menu, entry), name=name, props=MENU_PROPS)

    def _draw_menu(self, entry: DictionaryEntry, menu: ui.menu) -> None:
        items: list[tuple[str, Callable[[DictionaryEntry], None]]] = [(texts.ENTRY_RENAME, self._rename)]
        if len(self._entries) > 1:
            items.append((texts.ENTRY_MERGE, self._merge))
        if any(spelling.is_separable for spelling in entry.spellings):
            items.append((texts.ENTRY_SEPARATE_TITLE, self._separate))
        with menu:
            for title, action in items:
                ui.menu_item(title, partial(action, entry)).props('role=menuitem')

    def _add(self) -> None:
        """Open the dialog that adds an entry."""
        with ConfirmationDialog(self._dialogs, texts.KIND_ADD, texts.ENTRY_ADD, texts.ENTRY_ADD_HINT) as dialog:
            name = ui.input(texts.ENTRY_NAME)
            name.props.update(NAME_PROPS)

        async def apply() -> None:
            await self._editor.add(self._admin, name.value or '')
            await self._notify_and_refresh('add', name=name.value)

        dialog.show(apply, enter_fields=(name,))

    def _rename(self, entry: DictionaryEntry) -> None:
        """Open the dialog that renames an entry."""
        with ConfirmationDialog(
            self._dialogs, texts.ENTRY_RENAME_TITLE, texts.ENTRY_RENAME, texts.ENTRY_RENAME_HINT
        ) as dialog:
            ui.label(entry.name).classes('subject')
            name = ui.input(texts.ENTRY_NEW_NAME, value=entry.name)
            name.props.update(NAME_PROPS)

        async def apply() -> None:
            await self._editor.rename(self._admin, entry.id, name.value or '')
            await self._notify_and_refresh('rename', name=name.value)

        dialog.show(apply, enter_fields=(name,))

    def _merge(self, entry: DictionaryEntry) -> None:
        """Open the dialog that merges an entry into another one."""

        async def load_targets() -> Sequence[ReferenceEntry]:
            return [ReferenceEntry(each.id, each.name) for each in self._entries if each.id != entry.id]

        choice: QueryDraft[Any] = QueryDraft(MergeChoice(), lambda _: None)
        with ConfirmationDialog(
            self._dialogs, texts.ENTRY_MERGE_TITLE, texts.ENTRY_MERGE, texts.ENTRY_MERGE_HINT
        ) as dialog:
            ui.label(entry.name).classes('subject')
            AutocompleteFilter('target', texts.ENTRY_MERGE_TARGET, load_targets, css_flex='none').draw(choice)

        async def apply() -> None:
            target: ReferenceEntry | None = choice.query.target
            if target is None:
                raise DictionaryError(texts.ENTRY_NOT_CHOSEN)
            await self._editor.merge(self._admin, entry.id, target.id)
            await self._notify_and_refresh('merge', name=entry.name, target=target.name)

        dialog.show(apply)

    def _separate(self, entry: DictionaryEntry) -> None:
        """Open the dialog that separates a spelling from an entry."""
        names = {spelling.id: spelling.name for spelling in entry.spellings if spelling.is_separable}
        with ConfirmationDialog(
            self._dialogs, texts.ENTRY_SEPARATE_TITLE, texts.ENTRY_SEPARATE, texts.ENTRY_SEPARATE_HINT
        ) as dialog:
            spelling = ui.select(names, value=next(iter(names)), label=texts.ENTRY_SPELLING)
            spelling.props.update(INPUT_PROPS | {'dropdown-icon': icons.CHEVRON_DOWN, 'options-dense': True})

        async def apply() -> None:
            await self._editor.separate(self._admin, spelling.value)
            await self._notify_and_refresh('separate', name=names[spelling.value])

        dialog.show(apply)

    async def _notify_and_refresh(self, change: str, **names: str) -> None:
        ui.notify(texts.ENTRY_DONE[change].format(**names))
        await self.refresh()


def _matches(entry: DictionaryEntry, text: str) -> bool:
    """Check whether the name or a spelling of an entry has all words of a text."""
    words = set(fold_entry_name(text).split())
    names = (entry.name, *(spelling.name for spelling in entry.spellings))
    return any(all(word in fold_entry_name(name) for word in words) for name in names)
