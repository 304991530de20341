"""A condition without a field: it comes from a saved search or a link, is displayed as a chip, and can be removed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import TextButton
from journal_ui.filters.basic_filters import FilterControl, QueryDraft
from journal_ui.monitoring import error_reporting
from services import texts


@dataclass(frozen=True)
class ChipFilter:
    """A condition that the panel can only remove."""

    field: str
    format_value: Callable[[Any], str]
    """Returns the value in words."""
    empty_value: Any = None
    """The value without the condition."""

    def draw(self, draft: QueryDraft[Any]) -> FilterControl:
        """See `Filter.draw`."""
        return ChipControl(self, draft)


class ChipControl:
    """A button that removes the condition; nothing is drawn while there is none."""

    def __init__(self, definition: ChipFilter, draft: QueryDraft[Any]) -> None:
        self._definition = definition
        self._draft = draft
        self._container = ui.context.slot.parent
        self._child_index = len(ui.context.slot.children)
        self._button: TextButton | None = None
        self.reset()

    def reset(self) -> None:
        """See FilterControl."""
        value = self._draft.get_value(self._definition.field)
        if self._button:
            self._button.delete()
            self._button = None
        if value != self._definition.empty_value:
            text = self._definition.format_value(value)
            with self._container:
                self._button = TextButton(text[:1].upper() + text[1:], self._remove_condition).classes('chip')
            self._button.props.update(
                {'icon-right': icons.CLOSE, 'aria-label': texts.REMOVE_CONDITION.format(condition=text)}
            )
            self._button.move(target_index=self._child_index)

    def show_error(self, message: str) -> None:
        """See FilterControl."""
        error_reporting.notify_failure(message)

    def has_invalid_input(self) -> bool:
        """See FilterControl."""
        return False

    def _remove_condition(self) -> None:
        self._draft.set_value(self._definition.field, self._definition.empty_value)
        self.reset()
