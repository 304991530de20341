"""The filter panel: fields, «Найти», «очистить», and the one line it folds to."""

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup
from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton, WordButton
from journal_ui.components.html_element import Html
from journal_ui.components.select import Choice
from journal_ui.filters.basic_filters import Control, Draft, Filter
from journal_ui.layout.user_preferences import Preferences
from journal_ui.nicegui_patches.lean_element import Light
from services import texts
from services.lists.query_protocol import Refusal

ENTER = """(e) => {
  if (e.key !== 'Enter' || e.target.tagName !== 'INPUT' || e.target.getAttribute('aria-expanded') === 'true') return;
  e.preventDefault();
  e.stopPropagation();
  e.target.form.requestSubmit();
}"""
"""Enter searches from any field, but in an open list it chooses."""

SAID = Markup('<div class="said" title="{}">{}</div><div class="change">{}</div>')


class Panel:
    """The conditions of a search as one page shows them."""

    def __init__(
        self,
        filters: Sequence[Filter],
        draft: Draft[Any],
        *,
        find: Callable[[], None],
        cancel: Callable[[], None],
        clear: Callable[[], None],
        preferences: Preferences,
        beside: Callable[[], object] = lambda: None,
    ) -> None:
        """Draw the panel; `find` is called with a draft that can be asked, `cancel` while «Найти» is «Отменить».

        What `beside` draws stands beside the buttons.

        It folds at each search where the person's `preferences` say so, and folding or unfolding it by hand goes there.
        """
        self._draft = draft
        self._find = find
        self._cancel = cancel
        self._long = False
        self._preferences = preferences
        self._controls: dict[str, Control] = {}
        with Light('form').classes('panel') as self._form:
            self._form.props(f'role=search aria-label="{texts.SEARCH_CONDITIONS}" novalidate')
            with Light().classes('fields') as self._fields:
                for declared in filters:
                    self._controls[declared.field] = declared.draw(draft)
                for field in self._fields.descendants():
                    if isinstance(field, ui.input | Choice):
                        field.props('autofocus')
                        break
                with Light().classes('actions'):
                    self._button = WordButton(texts.FIND, self._press, icon=icons.SEARCH, main=True).classes('find')
                    WordButton(texts.CLEAR, clear).classes('linklike clear')
                    beside()
                    IconButton(icons.UP, texts.FOLD_PANEL, lambda: self.fold(True)).props('aria-expanded=true')
            self._summary = Html('button').classes('summary').props('type=button aria-expanded=false')
            self._summary.on('click', lambda: self.fold(False), [])
        self._form.on('submit', self._submit, js_handler='(e) => { e.preventDefault(); emit() }')
        self._form.on('keydown.capture', js_handler=ENTER)
        self._form.on('unfold', lambda: self._form.classes(remove='folded asked'), [])
        self._say()
        self._folds = bool(preferences.get('panel_folded'))

    def refuse(self, refusal: Refusal) -> None:
        """Show why the query cannot be asked, at the field at fault; the panel opens for it."""
        self._form.classes(remove='folded asked')
        self._controls[refusal.field].refuse(refusal.sentence)

    def reset(self) -> None:
        """Show the draft as it is."""
        for control in self._controls.values():
            control.reset()
        self._form.classes(remove='folded asked')
        self._say()

    def fold(self, folded: bool) -> None:
        """Fold the panel to one line, or open it, and do as much after each search from now on."""
        self._say()
        self._form.classes(add='folded' if folded else None, remove=None if folded else 'folded asked')
        self._folds = folded
        self._preferences.put('panel_folded', folded)

    def make_room(self) -> None:
        """Say the query, and fold for what it finds where the screen is narrow or the person likes it so."""
        self._say()
        self._form.classes('asked folded' if self._folds else 'asked')

    def waiting(self, long: bool) -> None:
        """Turn «Найти» to «Отменить» while a search takes long, and back."""
        if long is self._long:
            return  # the browser need not hear of each search that it is over
        self._long = long
        self._button.say(*((texts.CANCEL, icons.CLOSE) if long else (texts.FIND, icons.SEARCH)))

    def _press(self) -> None:
        if self._long:
            self._cancel()
        else:
            self._submit()

    def _submit(self) -> None:
        if [control for control in self._controls.values() if control.faulty()]:
            self._form.classes(remove='folded asked')
            return
        try:
            self._draft.query.check()
        except Refusal as refusal:
            self.refuse(refusal)
            return
        self.make_room()
        self._find()

    def _say(self) -> None:
        sentence = self._draft.query.sentence()
        said = SAID.format(sentence, sentence[:1].upper() + sentence[1:], texts.UNFOLD_PANEL)
        self._summary.write(said)
