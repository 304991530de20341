"""The basic filters of a panel: text, select and check boxes. Each writes one field of the page's frozen query."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from journal_ui.components import icons
from journal_ui.components.control import Control
from journal_ui.components.fields import Checkbox, Select, TextField
from journal_ui.layout.user_preferences import UserPreferences
from journal_ui.monitoring import error_reporting
from journal_ui.nicegui_patches.lean_element import LeanElement
from services.lists.query_protocol import Query

Q = TypeVar('Q', bound=Query)

FIELD_PROPS = {
    'outlined': True,
    'dense': True,
    'stack-label': True,
    'clearable': True,
    'clear-icon': icons.CLOSE,
    'hide-bottom-space': True,
    'no-error-icon': True,
}
SELECT_PROPS = FIELD_PROPS | {'dropdown-icon': icons.CHEVRON_DOWN, 'options-dense': True, 'behavior': 'menu'}


class QueryDraft(Generic[Q]):
    """The query in the filter panel, which the user edits."""

    def __init__(self, query: Q, on_change: Callable[[Q], None]) -> None:
        """Start with a query; `on_change` receives the query after each edit."""
        self.query = query
        self.preferences: UserPreferences | None = None
        """The preferences of the user, in which a filter may store a selection."""
        self.edited_fields: set[str] = set()
        """The fields that the user has edited since the panel displayed a query as it was."""
        self._on_change = on_change

    def get_value(self, field: str) -> Any:
        """Return a field of the query."""
        return getattr(self.query, field)

    def set_value(self, field: str, value: Any) -> None:
        """Set a field of the query to what the user entered."""
        changed = replace(self.query, **{field: value})  # type: ignore[type-var]
        if changed != self.query:
            self.query = changed
            self.edited_fields.add(field)
            self._on_change(changed)

    def show(self, query: Q) -> None:
        """Replace the query and discard all edits."""
        self.query = query
        self.edited_fields.clear()

    def restore(self, query: Q) -> None:
        """Replace the query that was awaited, except in the fields that the user edited in the meantime."""
        edits = {field: self.get_value(field) for field in self.edited_fields}
        self.query = replace(query, **edits)  # type: ignore[type-var]


class FilterControl(Protocol):
    """A filter as drawn on one page."""

    def reset(self) -> None:
        """Show the value in the draft, and remove the error message."""

    def show_error(self, message: str) -> None:
        """Show an error message at the field."""

    def has_invalid_input(self) -> bool:
        """Return whether the input cannot be parsed, and show or remove the error message accordingly."""


class Filter(Protocol):
    """A condition of a list, as a page declares it."""

    @property
    def field(self) -> str:
        """The field of the query that it writes."""

    def draw(self, draft: QueryDraft[Any]) -> FilterControl:
        """Draw the filter into the panel, with the value in the draft."""


@dataclass(frozen=True)
class TextFilter:
    """Free text (docs/manual.md S4)."""

    field: str
    label: str
    css_flex: str = '1.2 1 190px'
    """The CSS `flex` of the field: grow, shrink and basis."""

    def draw(self, draft: QueryDraft[Any]) -> FilterControl:
        """See `Filter.draw`."""
        text_field = TextField(draft.get_value(self.field), partial(draft.set_value, self.field), self.label)
        text_field.props.update(FIELD_PROPS | {'autocomplete': 'off', 'spellcheck': 'false'})
        text_field.style(f'flex: {self.css_flex}')
        return SingleInputControl(text_field, lambda: draft.get_value(self.field))


@dataclass(frozen=True)
class SelectFilter:
    """One of a few values (docs/manual.md S6)."""

    field: str
    label: str
    options: Mapping[Any, str]
    """Labels by value, in the order of the list."""
    css_flex: str = '0.6 1 180px'

    def draw(self, draft: QueryDraft[Any]) -> FilterControl:
        """See `Filter.draw`."""
        select = Select(self.label, self.options, draft.get_value(self.field), partial(draft.set_value, self.field))
        select.props.update(SELECT_PROPS)
        select.style(f'flex: {self.css_flex}')
        return SingleInputControl(select, lambda: draft.get_value(self.field))


@dataclass(frozen=True)
class CheckboxGroupFilter:
    """Any set of a few values, each with a check box (docs/manual.md S9); the query receives a frozenset."""

    field: str
    label: str
    """The accessible name of the group."""
    options: Mapping[Any, str]

    def draw(self, draft: QueryDraft[Any]) -> FilterControl:
        """See `Filter.draw`."""

        def set_checked(option: Any, checked: bool) -> None:
            selected = draft.get_value(self.field)
            draft.set_value(self.field, selected | {option} if checked else selected - {option})

        with LeanElement().classes('flags').props(f'role=group aria-label="{self.label}"'):
            checkboxes = {
                option: Checkbox(label, option in draft.get_value(self.field), partial(set_checked, option))
                for option, label in self.options.items()
            }
        return CheckboxGroupControl(checkboxes, lambda: draft.get_value(self.field))


class SingleInputControl:
    """A field of one element, whose value is the value in the query."""

    def __init__(self, element: Control, get_value: Callable[[], Any]) -> None:
        self._element = element
        self._get_value = get_value

    def reset(self) -> None:
        """See FilterControl."""
        self._element.error = None
        self._element.value = self._get_value()

    def show_error(self, message: str) -> None:
        """See FilterControl."""
        self._element.error = message

    def has_invalid_input(self) -> bool:
        """Remove the error message; any value is valid."""
        self._element.error = None
        return False


class CheckboxGroupControl:
    """A group of check boxes; it has no invalid input."""

    def __init__(self, checkboxes: Mapping[Any, Checkbox], get_value: Any) -> None:
        self._checkboxes = checkboxes
        self._get_value = get_value

    def reset(self) -> None:
        """See FilterControl."""
        selected = self._get_value()
        for option, checkbox in self._checkboxes.items():
            checkbox.value = option in selected

    def show_error(self, message: str) -> None:
        """See FilterControl."""
        error_reporting.notify_failure(message)

    def has_invalid_input(self) -> bool:
        """See FilterControl."""
        return False
