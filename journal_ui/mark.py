"""A condition without a field of its own: it comes with a named search or a link, is shown, and can be taken away."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from journal_ui import faults, icons
from journal_ui.filters import Control, Draft
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
        self._button = ui.button(color=None, on_click=self._drop).props(f'flat icon-right="{icons.CLOSE}"')
        self._button.classes('chip')
        self.reset()

    def reset(self) -> None:
        """See Control."""
        value = self._draft.get(self._declared.field)
        self._button.set_visibility(value is not None)
        if value is not None:
            said = self._declared.said(value)
            self._button.text = said[:1].upper() + said[1:]
            self._button.props['aria-label'] = texts.DROP_CONDITION.format(condition=said)

    def refuse(self, sentence: str) -> None:
        """See Control."""
        faults.tell(sentence)

    def faulty(self) -> bool:
        """See Control."""
        return False

    def _drop(self) -> None:
        self._draft.put(self._declared.field, None)
        self.reset()
