"""The filter panel: fields, «Найти», «очистить», and the line of text that replaces it when it is collapsed."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from markupsafe import Markup, escape
from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton, TextButton
from journal_ui.components.fields import Select, TextField
from journal_ui.components.html_element import HtmlElement
from journal_ui.filters.basic_filters import CheckboxGroupFilter, Filter, FilterControl, QueryDraft
from journal_ui.filters.dictionary_updates import DictionaryUpdates
from journal_ui.filters.query_interpreter import PASTE_CODE_JS, QueryInterpreter
from journal_ui.layout import connection_marks
from journal_ui.layout.user_preferences import UserPreferences
from journal_ui.nicegui_patches.lean_element import LeanElement
from services import texts
from services.lists.query_protocol import Interpretation, InvalidQueryError

SUBMIT_ON_ENTER_JS = """(e) => {
  if (e.key !== 'Enter' || !e.target.matches('input, [role=checkbox]')) return;
  if (e.target.getAttribute('aria-expanded') === 'true') return;
  e.preventDefault();
  e.stopPropagation();
  e.currentTarget.requestSubmit();
}"""
"""Enter in a field or at a check box, which Space ticks, submits the panel; in an open list it selects an option."""

SUMMARY_HTML = Markup('<div class="description" title="{}">{}</div><div class="change">{}</div>')


class FilterPanel:
    """The conditions of a search as drawn on one page."""

    def __init__(
        self,
        filters: Sequence[Filter],
        draft: QueryDraft[Any],
        *,
        on_search: Callable[[], None],
        on_cancel: Callable[[], None],
        on_clear: Callable[[], None],
        preferences: UserPreferences,
        draw_extra_buttons: Callable[[], object] = lambda: None,
        dictionary_updates: DictionaryUpdates[Any] | None = None,
        interpreter: QueryInterpreter[Any] | None = None,
    ) -> None:
        """Draw the panel.

        Args:
            filters: the conditions, in the order of the fields.
            draft: the query that the fields show and change.
            on_search: is called when the user submits a valid draft.
            on_cancel: is called by the button while it is «Отмена» instead of «Найти».
            on_clear: is called by «очистить».
            preferences: store whether the panel collapses after each search.
            draw_extra_buttons: draws more buttons next to «очистить».
            dictionary_updates: updates the fields after a change of a dictionary.
            interpreter: moves what is typed to the field in which it is meant.
        """
        self._draft = draft
        draft.preferences = preferences
        self._on_search = on_search
        self._on_cancel = on_cancel
        self._is_slow_search = False
        self._note_text = ''
        self._preferences = preferences
        self._dictionary_updates = dictionary_updates
        self._interpreter = interpreter
        self._controls: dict[str, FilterControl] = {}
        with LeanElement('form').classes('panel') as self._form:
            self._form.props(f'role=search aria-label="{texts.SEARCH_CONDITIONS}" novalidate')
            with LeanElement().classes('fields') as self._fields:
                for filter_definition in filters[:-1]:
                    self._controls[filter_definition.field] = filter_definition.draw(draft)
                # Check boxes at the end wrap together with the buttons, which would stand alone in a line otherwise.
                has_last_flags = isinstance(filters[-1], CheckboxGroupFilter)
                with LeanElement().classes('flags-and-actions') if has_last_flags else nullcontext():
                    self._controls[filters[-1].field] = filters[-1].draw(draft)
                    self._draw_actions(on_clear, draw_extra_buttons)
                for field in self._fields.descendants():
                    if isinstance(field, TextField | Select):
                        field.props('autofocus')
                        break
            self._summary = HtmlElement('button').classes('summary').props('type=button aria-expanded=false')
            self._summary.on('click', lambda: self.set_folded(False), [])
            self._note = HtmlElement('div').classes('understood').props('role=status')
        if interpreter:
            self._form.on('paste.capture', lambda e: self._on_code_pasted(str(e.args)), js_handler=PASTE_CODE_JS)
        self._form.on('submit', self._submit, js_handler='(e) => { e.preventDefault(); emit() }')
        self._form.on('keydown.capture', js_handler=SUBMIT_ON_ENTER_JS)
        self._form.on('unfold', lambda: self._form.classes(remove='folded searched'), [])
        self._update_summary()
        self._folds_after_search = bool(preferences.get_value('panel_folded'))
        if dictionary_updates:
            ui.context.client.on_delete(dictionary_updates.subscribe(self._on_dictionaries_changed))

    def _draw_actions(self, on_clear: Callable[[], None], draw_extra_buttons: Callable[[], object]) -> None:
        with LeanElement().classes('actions'):
            self._search_button = TextButton(
                texts.FIND, self._on_button_click, icon=icons.SEARCH, primary=True
            ).classes('find')
            TextButton(texts.CLEAR, on_clear).classes('linklike clear')
            draw_extra_buttons()
            IconButton(icons.CHEVRON_UP, texts.COLLAPSE_PANEL, lambda: self.set_folded(True)).props(
                'aria-expanded=true'
            )

    def show_error(self, error: InvalidQueryError) -> None:
        """Expand the panel, and show why the query is invalid at the field that is wrong."""
        self._form.classes(remove='folded searched')
        self._controls[error.field].show_error(error.message)

    def reset(self) -> None:
        """Show the draft; do not touch the fields that the user is editing."""
        self._renew_entries()
        for field, control in self._controls.items():
            if field not in self._draft.edited_fields:
                control.reset()
        self._form.classes(remove='folded searched')
        self._update_summary()
        # Only the note about a condition that leaves the fields as they are holds for a query that was not typed.
        shown = self._interpreter.interpret(self._draft.query) if self._interpreter else None
        self._show_note(shown.note if shown and shown.query == self._draft.query else '')

    def set_folded(self, folded: bool) -> None:
        """Collapse the panel to one line or expand it, and store that as the preference."""
        self._update_summary()
        self._form.classes(add='folded' if folded else None, remove=None if folded else 'folded searched')
        self._folds_after_search = folded
        self._preferences.set_value('panel_folded', folded)

    def collapse_for_results(self) -> None:
        """Describe the query in the line, and collapse the panel if the screen is narrow or the preference says so."""
        self._update_summary()
        self._form.classes('searched folded' if self._folds_after_search else 'searched')

    def set_slow_search(self, is_slow: bool) -> None:
        """Change «Найти» to «Отмена» while a search takes long, and back."""
        if is_slow is self._is_slow_search:
            return  # an unchanged button needs no update of the page
        self._is_slow_search = is_slow
        self._search_button.set_text(*((texts.CANCEL, icons.CLOSE) if is_slow else (texts.FIND, icons.SEARCH)))

    def _on_dictionaries_changed(self) -> None:
        """Show the current entries of the dictionaries; do not touch other fields, which the user may be editing."""
        old = self._draft.query
        self._renew_entries()
        for field, control in self._controls.items():
            if getattr(old, field) != self._draft.get_value(field):
                control.reset()
        self._update_summary()

    def _renew_entries(self) -> None:
        if self._dictionary_updates:
            self._draft.query = self._dictionary_updates.renew_query(self._draft.query)

    def _on_button_click(self) -> None:
        if self._is_slow_search:
            self._on_cancel()
        else:
            self._submit()

    def _interpret(self) -> None:
        """Show in the fields what the user meant, and say so."""
        if self._interpreter:
            self._show_interpretation(self._interpreter.interpret(self._draft.query, self._draft.edited_fields))

    def _show_interpretation(self, interpretation: Interpretation[Any]) -> None:
        if interpretation.query != self._draft.query:
            self._draft.show(interpretation.query)
            self.reset()
        self._show_note(interpretation.note)

    def _show_note(self, note: str) -> None:
        if note != self._note_text:
            self._note_text = note
            self._note.set_html(escape(note))

    def _on_code_pasted(self, text: str) -> None:
        """Search by a code at once: nothing else can be meant by it."""
        assert self._interpreter is not None
        interpretation = self._interpreter.interpret_pasted(self._draft.query, text)
        if interpretation:
            self._show_interpretation(interpretation)
            self.collapse_for_results()
            self._on_search()

    def _submit(self) -> None:
        self._interpret()
        if [control for control in self._controls.values() if control.has_invalid_input()]:
            self._form.classes(remove='folded searched')
            connection_marks.keep_old_rows(self._form.client)
            return
        try:
            self._draft.query.check()
        except InvalidQueryError as refusal:
            self.show_error(refusal)
            connection_marks.keep_old_rows(self._form.client)
            return
        self.collapse_for_results()
        self._on_search()

    def _update_summary(self) -> None:
        sentence = self._draft.query.describe()
        html = SUMMARY_HTML.format(sentence, sentence[:1].upper() + sentence[1:], texts.EXPAND_PANEL)
        self._summary.set_html(html)
