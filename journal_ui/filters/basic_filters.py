"""The fields of a filter panel: each is declared by a page, and writes one field of the page's frozen query."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.select import Choice, Tick
from journal_ui.monitoring import error_reporting
from journal_ui.nicegui_patches.lean_element import Light
from services.lists.query_protocol import Query

Q = TypeVar('Q', bound=Query)

FIELD = {
    'outlined': True,
    'dense': True,
    'stack-label': True,
    'clearable': True,
    'clear-icon': icons.CLOSE,
    'hide-bottom-space': True,
    'no-error-icon': True,
    '_autocomplete': (),  # in place of NiceGUI's list, which it would watch on each page
}
PICKER = FIELD | {'dropdown-icon': icons.DOWN, 'options-dense': True, 'behavior': 'menu'}


class Draft(Generic[Q]):
    """The query as it stands in the panel."""

    def __init__(self, query: Q, keep: Callable[[Q], None]) -> None:
        """Begin with a query; `keep` is told of each change to it."""
        self.query = query
        self._keep = keep

    def get(self, field: str) -> Any:
        """Give a field of the query."""
        return getattr(self.query, field)

    def put(self, field: str, value: Any) -> None:
        """Give the query another value of a field."""
        changed = replace(self.query, **{field: value})  # type: ignore[type-var]
        if changed != self.query:
            self.query = changed
            self._keep(changed)


class Control(Protocol):
    """A filter as drawn on one page."""

    def reset(self) -> None:
        """Show what the draft holds, and no complaint."""

    def refuse(self, sentence: str) -> None:
        """Say at the field what is wrong with it."""

    def faulty(self) -> bool:
        """Say whether what was typed cannot be understood; the field then says so itself."""


class Filter(Protocol):
    """A condition of a journal, as a page declares it."""

    @property
    def field(self) -> str:
        """The field of the query that it writes."""

    def draw(self, draft: Draft[Any]) -> Control:
        """Draw it into the panel, showing what the draft holds."""


@dataclass(frozen=True)
class TextFilter:
    """Text typed by hand (spec S4)."""

    field: str
    label: str
    basis: str = '1.2 1 190px'
    """How it shares the panel's width: grow, shrink, and the width it would like."""

    def draw(self, draft: Draft[Any]) -> Control:
        """See Filter."""
        box = ui.input(
            self.label, value=draft.get(self.field), on_change=lambda e: draft.put(self.field, e.value or '')
        )
        box.props.update(FIELD | {'autocomplete': 'off', 'spellcheck': 'false'})
        box.style(f'flex: {self.basis}')
        return Drawn(box, lambda: draft.get(self.field))


@dataclass(frozen=True)
class ChoiceFilter:
    """One of a few values (spec S6)."""

    field: str
    label: str
    options: Mapping[Any, str]
    """Each value in words, in the order of the list."""
    basis: str = '0.6 1 180px'

    def draw(self, draft: Draft[Any]) -> Control:
        """See Filter."""
        box = Choice(self.label, self.options, draft.get(self.field), partial(draft.put, self.field))
        box.props.update(PICKER)
        box.style(f'flex: {self.basis}')
        return Drawn(box, lambda: draft.get(self.field))


@dataclass(frozen=True)
class FlagsFilter:
    """Any set of a few values, each with its check box (spec S9); the query gets a frozenset."""

    field: str
    label: str
    """What a screen reader calls the group."""
    options: Mapping[Any, str]

    def draw(self, draft: Draft[Any]) -> Control:
        """See Filter."""

        def tick(option: Any, ticked: bool) -> None:
            chosen = draft.get(self.field)
            draft.put(self.field, chosen | {option} if ticked else chosen - {option})

        with Light().classes('flags').props(f'role=group aria-label="{self.label}"'):
            boxes = {
                option: Tick(words, option in draft.get(self.field), partial(tick, option))
                for option, words in self.options.items()
            }
        return DrawnFlags(boxes, lambda: draft.get(self.field))


class Drawn:
    """A field of one element, whose value is the query's own."""

    def __init__(self, box: Any, held: Any) -> None:
        self._box = box
        self._held = held

    def reset(self) -> None:
        """See Control."""
        self._box.error = None
        self._box.value = self._held()

    def refuse(self, sentence: str) -> None:
        """See Control."""
        self._box.error = sentence

    def faulty(self) -> bool:
        """See Control: any value will do; an old complaint is over."""
        self._box.error = None
        return False


class DrawnFlags:
    """Check boxes: nothing in them can be wrong."""

    def __init__(self, boxes: Mapping[Any, Tick], held: Any) -> None:
        self._boxes = boxes
        self._held = held

    def reset(self) -> None:
        """See Control."""
        held = self._held()
        for option, box in self._boxes.items():
            box.value = option in held

    def refuse(self, sentence: str) -> None:
        """See Control."""
        error_reporting.tell(sentence)

    def faulty(self) -> bool:
        """See Control."""
        return False
