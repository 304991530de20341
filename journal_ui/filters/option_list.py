"""What fields with a long list of options have in common: they show the options that contain what was typed."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from nicegui import events, ui

from journal_ui.components.fields import REMOVE_LISTBOX_TAB_STOP_JS
from journal_ui.filters.basic_filters import SELECT_PROPS, QueryDraft
from services import texts
from services.dictionaries.name_folding import fold_entry_name
from services.names import MAX_TYPED_LENGTH, fold

T = TypeVar('T')
AUTOCOMPLETE_PROPS: Final = {
    'use-input': True,
    'hide-selected': True,
    'fill-input': True,
    'input-debounce': 120,
    'virtual-scroll-slice-size': 30,
}
EMIT_TYPED_TEXT_JS: Final = '(text, update) => { emit(text); update(() => {}) }'
"""Quasar requests options for the text typed so far; the server sends them."""
CLEAR_AND_EMIT_TYPED_TEXT_JS: Final = f"""(text, update) => {{
  if (document.activeElement.getAttribute('aria-expanded') !== 'true') element.props.options = [];
  ({EMIT_TYPED_TEXT_JS})(text, update);
}}"""
"""A list that opens is empty until the server sends its options.

The options of the former opening would move under the pointer when the new ones replace them, and the user would click
another option than the one they read. `element` is a name of NiceGUI's `renderRecursively`, in which the handler is
evaluated.
"""


class OptionListControl(ABC):
    """A field whose list has the options that match what is typed; only options can be selected."""

    def __init__(
        self, field: str, label: str, css_flex: str, draft: QueryDraft[Any], *, has_first_options: bool = False
    ) -> None:
        """Draw the field.

        Args:
            field: the field of the query.
            label: the label of the field.
            css_flex: the CSS `flex` of the field.
            draft: the query in the filter panel.
            has_first_options: whether the subclass shows options before the server is asked for them, in an order
                that never changes.
        """
        self._field = field
        self._draft = draft
        self._select = ui.element('q-select')
        self._select.props.update(
            SELECT_PROPS | AUTOCOMPLETE_PROPS | {'label': label, 'for': self._select.html_id, 'options': ()}
        )
        self._select.style(f'flex: {css_flex}')
        on_filter = EMIT_TYPED_TEXT_JS if has_first_options else CLEAR_AND_EMIT_TYPED_TEXT_JS
        self._select.on('filter', self._filter_options, js_handler=on_filter)
        self._select.on('popup-show', js_handler=REMOVE_LISTBOX_TAB_STOP_JS)

    @abstractmethod
    async def _filter_options(self, e: events.GenericEventArguments) -> None:
        """Show the options that match the typed text in `e.args`."""

    def show_error(self, message: str) -> None:
        """See FilterControl."""
        self._select.props['error'] = True
        self._select.props['error-message'] = message

    def has_invalid_input(self) -> bool:
        """Remove the error message; only options can be selected."""
        self._select.props.pop('error', None)
        return False

    def _read_typed_text(self, e: events.GenericEventArguments) -> str:
        """Return the typed text; the field is edited unless it is blank."""
        typed = str(e.args or '')[:MAX_TYPED_LENGTH]
        if typed.split():
            self._draft.edited_fields.add(self._field)
        return typed

    def _show_options(self, options: Sequence[Mapping[str, Any]], *, selects_first: bool) -> None:
        """Show options in Quasar's format, or that there are none; the Enter key selects the first one if asked."""
        # a tuple, because NiceGUI would copy and observe a list and every option in it
        self._select.props['options'] = tuple(options) or message_options(texts.NO_MATCHES)
        if selects_first and options:
            self._select.run_method('setOptionIndex', -1)
            self._select.run_method('moveOptionSelection', 1, True)


def find_matches(typed: str, options: Iterable[T], get_searchable: Callable[[T], str]) -> list[T]:
    """Return the options that have every word of a typed text, all of them for a blank text.

    Args:
        typed: the text as it was typed.
        options: what is searched.
        get_searchable: returns the `searchable_text` of an option.
    """
    # Folded in two ways, because the first letters of a word do not tell whether look-alike letters are Latin.
    variants = [set(folded.split()) for folded in (fold_entry_name(typed), fold(typed))]
    return [
        option
        for option in options
        if any(all(word in get_searchable(option) for word in variant) for variant in variants)
    ]


def searchable_text(name: str) -> str:
    """Return a name folded in both ways in which a typed text is folded."""
    return f'{fold_entry_name(name)}\n{fold(name)}'


def message_options(text: str) -> tuple[dict[str, Any], ...]:
    """Return options that only say something."""
    return ({'value': None, 'label': text, 'disable': True},)
