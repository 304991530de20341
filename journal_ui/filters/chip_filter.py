"""A condition without a field of its own: it comes with a named search or a link, is shown, and can be taken away."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import WordButton
from journal_ui.filters.basic_filters import Control, Draft
from journal_ui.monitoring import error_reporting
from services import texts


@dataclass(frozen=True)
class MarkFilter:
    """A condition that is set from elsewhere."""

    field: str
    said: Callable[[Any], str]
    """Says its value in words."""

    def draw(self, draft: Draft[Any]) -> Control:
        """See Filter."""
        return Mark(self, draft)


class Mark:
    """The mark as drawn on one page: a button that takes the condition away; nothing while there is none."""

    def __init__(self, declared: MarkFilter, draft: Draft[Any]) -> None:
        self._declared = declared
        self._draft = draft
        self._around = ui.context.slot.parent
        self._place = len(ui.context.slot.children)
        self._button: WordButton | None = None
        self.reset()

    def reset(self) -> None:
        """See Control."""
        value = self._draft.get(self._declared.field)
        if self._button:
            self._button.delete()
            self._button = None
        if value is not None:
            said = self._declared.said(value)
            with self._around:
                self._button = WordButton(said[:1].upper() + said[1:], self._drop).classes('chip')
            self._button.props.update(
                {'icon-right': icons.CLOSE, 'aria-label': texts.DROP_CONDITION.format(condition=said)}
            )
            self._button.move(target_index=self._place)

    def refuse(self, sentence: str) -> None:
        """See Control."""
        error_reporting.tell(sentence)

    def faulty(self) -> bool:
        """See Control."""
        return False

    def _drop(self) -> None:
        self._draft.put(self._declared.field, None)
        self.reset()
