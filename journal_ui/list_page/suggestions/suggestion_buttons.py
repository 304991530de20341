"""The buttons of offered searches."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, Generic, TypeVar

from journal_ui.components.buttons import TextButton
from journal_ui.components.html_element import TextTag
from journal_ui.nicegui_patches.lean_element import LeanElement
from journal_ui.nicegui_patches.outbox import run_script
from services import texts
from services.lists.query_protocol import Query
from services.lists.suggestions import Suggestion

Q = TypeVar('Q', bound=Query)

FOCUS_SEARCH_JS: Final = """
const find = document.querySelector('.panel .find');
(find?.offsetParent ? find : document.querySelector('.panel .summary'))?.focus();
"""
"""The button that was clicked is about to disappear, and the focus must not be lost with it."""


class SuggestionButtons(Generic[Q]):
    """The buttons as drawn on one page; nothing is drawn before there are some."""

    def __init__(self, container: LeanElement, on_choose: Callable[[Q], Any]) -> None:
        """Draw into `container`; `on_choose` receives the search of the button that is clicked."""
        self._element = container
        self._on_choose = on_choose
        self._is_empty = True

    def clear(self) -> None:
        """Remove all buttons."""
        if not self._is_empty:
            self._is_empty = True
            self._element.clear()

    def add(self, suggestions: Sequence[Suggestion[Q]], title: str = '') -> None:
        """Add a line of buttons, named by a title."""
        if not suggestions:
            return
        self._is_empty = False
        with self._element, LeanElement().classes('suggestions').props('role=group') as line:
            if title:
                line.props['aria-label'] = title
                TextTag('span', texts.SUGGESTION_GROUP.format(title=title))
            for each in suggestions:
                TextButton(each.text, partial(self._choose, each.query)).classes('chip')

    def _choose(self, query: Q) -> None:
        run_script(self._element.client, FOCUS_SEARCH_JS)
        self._on_choose(query)
